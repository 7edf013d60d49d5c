"""Zip archives with false statements."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from .case import Case
from .checkpoint import with_archive
from .zip_file import Archive, Member, zip64_end

BASE = "vanilla"
U32 = 0xFFFF_FFFF


def zip64_extra(*values: int) -> bytes:
    """Returns the extra field of a member whose sizes need 64 bits."""
    return struct.pack("<HH", 1, 8 * len(values)) + b"".join(struct.pack("<Q", v) for v in values)


def member_lies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields false statements of a directory about a member."""
    for name, size in {"none": 0, "less": 7, "more": 10_000_000, "most": U32 - 1}.items():
        yield f"stored-size-{name}", {"stored_size": size}
        yield f"plain-size-{name}", {"plain_size": size}
        yield f"both-sizes-{name}", {"stored_size": size, "plain_size": size}
    for method in (1, 8, 9, 12, 14, 93, 99):
        yield f"method-{method}", {"method": method}
    for name, flags in {"encrypted": 1, "strong-encryption": 0x41, "masked": 0x2000}.items():
        yield f"flags-{name}", {"flags": flags}
    for name, offset in {"one-off": 1, "past-end": 1 << 30, "most": U32 - 1}.items():
        yield f"offset-{name}", {"offset": offset}
    yield "checksum", {"checksum": 0x1234_5678}
    yield "method-within", {"local_method": 8}
    yield "name-within", {"local_name": b"other/data.pkl"}
    for name, value in {
        "huge": (1 << 64) - 1,
        "negative": 1 << 63,
        "overflowing": (1 << 63) - 1,
    }.items():
        sizes = {"stored_size": U32, "plain_size": U32}
        yield f"zip64-size-{name}", {**sizes, "extra": zip64_extra(value, value)}
        yield f"zip64-offset-{name}", {"offset": U32, "extra": zip64_extra(value)}
    yield "zip64-missing", {"stored_size": U32, "plain_size": U32}
    yield "zip64-short", {"stored_size": U32, "plain_size": U32, "extra": zip64_extra(8)}
    yield "zip64-cut", {"stored_size": U32, "plain_size": U32, "extra": b"\x01\0\xff\xff"}
    for name in (
        b"../data.pkl",
        b"/data.pkl",
        b"..\\data.pkl",
        b"a/../data.pkl",
        b"data.pkl\0",
        b"",
        b"\xff\xfe",
    ):
        yield f"name-{name.hex() or 'none'}", {"name": name}


def archive_lies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields false statements in an archive's end records."""
    yield "count-none", {"count": 0}
    yield "count-less", {"count": 3}
    yield "count-more", {"count": 10_000}
    yield "count-most", {"count": 0xFFFF}
    yield "directory-size-none", {"directory_size": 0}
    yield "directory-size-most", {"directory_size": U32}
    yield "directory-offset-none", {"directory_offset": 0}
    yield "directory-offset-most", {"directory_offset": U32}
    yield "split", {"disk": 3}
    yield "comment-cut", {"stated_comment_size": 9}
    yield "stray-bytes", {"before_end": b"stray"}
    for name, end in {
        "huge-count": zip64_end(0, 1 << 62, 0, 0),
        "huge-size": zip64_end(0, 1, 1 << 62, 0),
        "huge-start": zip64_end(0, 1, 46, (1 << 64) - 1),
        "far-record": zip64_end((1 << 64) - 1, 1, 46, 0),
        "record-of-itself": zip64_end(4, 1, 46, 0, record_size=(1 << 64) - 1),
    }.items():
        yield f"zip64-{name}", {"before_end": end}


def overlapping(archive: Archive) -> None:
    """Two members share the same bytes, so each byte of the file counts several times."""
    archive.members[-1].offset = 0
    archive.members[-1].local_name = archive.members[0].name


def within_another(archive: Archive) -> None:
    """A member inside the content of another."""
    inner = Member(b"scimult/data/inner", b"x" * 64)
    outer = Member(b"scimult/outer", inner.local_header() + inner.content)
    start = sum(len(member.local_header()) + len(member.content) for member in archive.members)
    inner.offset = start + len(outer.local_header())
    archive.members += [outer, inner]


def many_of_one(archive: Archive) -> None:
    """Ten thousand names for one member's bytes."""
    first = archive.members[0]
    same = {
        "content": b"",
        "offset": 0,
        "stored_size": len(first.content),
        "plain_size": len(first.content),
    }
    archive.members += [Member(b"scimult/data/x%d" % n, **same) for n in range(10_000)]


def bomb(archive: Archive) -> None:
    """A storage of 512 MiB of zeros in half a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(1 << 20)
    content = b"".join(packer.compress(zeros) for _ in range(512)) + packer.flush()
    storage = archive.member("/data/0")
    storage.content, storage.method, storage.plain_size = content, 8, 512 << 20


def twice(archive: Archive) -> None:
    archive.members.append(archive.member("/data.pkl"))


def two_roots(archive: Archive) -> None:
    archive.members.append(Member(b"other/data.pkl", archive.member("/data.pkl").content))


def torch_script(archive: Archive) -> None:
    archive.members.append(Member(b"scimult/constants.pkl", b"\x80\x02)."))
    archive.members.append(Member(b"scimult/code/__torch__.py", b"import os"))


def big_endian(archive: Archive) -> None:
    archive.member("/byteorder").content = b"big"


def without_pickle(archive: Archive) -> None:
    archive.members.remove(archive.member("/data.pkl"))


def without_storage(archive: Archive) -> None:
    archive.members.remove(archive.member("/data/3"))


def empty(archive: Archive) -> None:
    archive.members.clear()


def nested(archive: Archive) -> bytes:
    """An archive that contains the archive."""
    return Archive([Member(b"scimult/model.zip", archive.content())]).content()


WHOLE = (
    overlapping,
    within_another,
    many_of_one,
    bomb,
    twice,
    two_roots,
    torch_script,
    big_endian,
    without_pickle,
    without_storage,
    empty,
    nested,
)


def cases() -> Iterator[Case]:
    """Yields each false statement about the pickle, about a storage, and about the archive."""
    for name, lie in member_lies():
        for suffix in ("/data.pkl", "/data/2"):
            member = suffix.removeprefix("/").replace("/", "-")
            yield Case(f"zip-{name}-{member}", BASE, with_archive(partial(_tell, suffix, lie)))
    for name, lie in archive_lies():
        yield Case(f"zip-{name}", BASE, with_archive(partial(_set, lie)))
    for change in WHOLE:
        yield Case(f"zip-{change.__name__}", BASE, with_archive(change))


def _tell(suffix: str, lie: dict[str, Any], archive: Archive) -> None:
    _set(lie, archive.member(suffix))


def _set(lie: dict[str, Any], target: Archive | Member) -> None:
    for field, value in lie.items():
        setattr(target, field, value)
