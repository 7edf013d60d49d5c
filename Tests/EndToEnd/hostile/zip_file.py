"""Zip archives in which every field can be falsified."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Member:
    """A member of an archive; None means the true value."""

    name: bytes
    content: bytes
    method: int = 0
    flags: int = 0
    checksum: int | None = None
    #: The sizes in the directory, compressed and uncompressed.
    stored_size: int | None = None
    plain_size: int | None = None
    #: The member's offset in the directory.
    offset: int | None = None
    #: The name in the member's local header.
    local_name: bytes | None = None
    local_method: int | None = None
    extra: bytes = b""

    def local_header(self) -> bytes:
        """Returns the bytes before the content."""
        name = self.name if self.local_name is None else self.local_name
        method = self.method if self.local_method is None else self.local_method
        size = len(self.content)
        fields = (20, self.flags, method, 0, zlib.crc32(self.content), size, size, len(name), 0)
        return struct.pack("<IHHHIIIIHH", 0x04034B50, *fields) + name

    def record(self, offset: int) -> bytes:
        """Returns the directory entry."""
        size = len(self.content)
        checksum = zlib.crc32(self.content) if self.checksum is None else self.checksum
        stored = size if self.stored_size is None else self.stored_size
        plain = size if self.plain_size is None else self.plain_size
        where = offset if self.offset is None else self.offset
        sizes = (checksum, stored, plain, len(self.name), len(self.extra), 0, 0, 0, 0, where)
        header = struct.pack("<IHHHHI", 0x02014B50, 20, 20, self.flags, self.method, 0)
        return header + struct.pack("<IIIHHHHHII", *sizes) + self.name + self.extra


@dataclass
class Archive:
    """An archive; None means the true value."""

    members: list[Member]
    count: int | None = None
    directory_size: int | None = None
    directory_offset: int | None = None
    disk: int = 0
    comment: bytes = b""
    stated_comment_size: int | None = None
    #: Bytes between the directory and the end.
    before_end: bytes = b""

    @staticmethod
    def read(path: Path) -> Archive:
        """Reads the members of a valid archive."""
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return Archive([Member(name.encode(), archive.read(name)) for name in names])

    def member(self, suffix: str) -> Member:
        """Returns the member whose name has this suffix."""
        return next(member for member in self.members if member.name.endswith(suffix.encode()))

    def content(self) -> bytes:
        """Returns the bytes of the file."""
        content, directory = b"", b""
        for member in self.members:
            directory += member.record(len(content))
            content += member.local_header() + member.content
        count = len(self.members) if self.count is None else self.count
        size = len(directory) if self.directory_size is None else self.directory_size
        start = len(content) if self.directory_offset is None else self.directory_offset
        comment_size = (
            len(self.comment) if self.stated_comment_size is None else self.stated_comment_size
        )
        fields = (self.disk, self.disk, count & 0xFFFF, count & 0xFFFF, size, start, comment_size)
        end = struct.pack("<IHHHHIIH", 0x06054B50, *fields) + self.comment
        return content + directory + self.before_end + end


def zip64_end(
    record_offset: int, count: int, size: int, start: int, *, record_size: int = 44
) -> bytes:
    """Returns the zip64 end record and its locator."""
    record = struct.pack("<IQHHII", 0x06064B50, record_size, 45, 45, 0, 0)
    record += struct.pack("<QQQQ", count, count, size, start)
    return record + struct.pack("<IIQI", 0x07064B50, 0, record_offset, 1)
