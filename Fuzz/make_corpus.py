"""Write corpus/: what the fuzzers start from, a folder for each target.

Usage: python Fuzz/make_corpus.py
"""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
import struct
import sys
import zipfile
import zlib
from collections import OrderedDict
from io import BytesIO
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
CHECKPOINTS = Path(__file__).resolve().parents[1] / "Tests/Fixtures/checkpoints"
TEXTS = ["", "a", "unaffable tokens, naïve 語", "[CLS] [MASK]x\t\x07é🧬", "##able " * 20]

Seeds = dict[str, bytes]


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """An HTTP/2 frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header_block(*fields: tuple[str, str]) -> bytes:
    """Fields in HPACK, each a literal without indexing."""
    texts = (text.encode() for field in fields for text in field)
    parts = [bytes([len(text)]) + text for text in texts]
    return b"".join(
        b"\0" + name + value for name, value in zip(parts[::2], parts[1::2], strict=True)
    )


def conversation(*frames: bytes) -> bytes:
    """What a client sends: the preface, its settings, these frames."""
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4) + frame(4, 1) + b"".join(frames)


def http2_session() -> Seeds:
    post = header_block((":method", "POST"), (":scheme", "http"), (":path", "/"), ("x", "y" * 50))
    indexed = b"\x83\x86\x84" + b"\x40\x01a\x01b"
    return {
        "posts": conversation(
            frame(1, 4, 1, post),
            frame(0, 1, 1, b"body"),
            frame(1, 5, 3, post),
            frame(1, 4, 5, indexed),
        ),
        "padded": conversation(
            frame(1, 0xC, 1, b"\x03" + indexed + b"\0\0\0"), frame(0, 9, 1, b"\x01a\0")
        ),
        "trailers": conversation(
            frame(1, 4, 1, post), frame(0, 0, 1, b"x"), frame(1, 5, 1, b"\x40\x01c\x01d")
        ),
        "continuation": conversation(
            frame(1, 1, 1, post[:9]), frame(9, 0, 1, post[9:20]), frame(9, 4, 1, post[20:])
        ),
        "resets": conversation(
            *(frame(1, 4, n, indexed) + frame(3, 0, n, b"\0\0\0\x08") for n in (1, 3, 5, 7))
        ),
        "windows": conversation(
            frame(4, 0, 0, struct.pack(">HI", 4, 1)),
            frame(1, 5, 5, indexed),
            frame(8, 0, 5, struct.pack(">I", 70_000)),
            frame(8, 0, 0, struct.pack(">I", 70_000)),
        ),
        "control": conversation(
            frame(6, 0, 0, b"12345678"),
            frame(2, 0, 1, b"\0\0\0\0\x10"),
            frame(7, 0, 0, b"\0" * 8),
            frame(0x20),
        ),
        "settings": conversation(
            frame(4, 0, 0, b"".join(struct.pack(">HI", n, 16_384) for n in (1, 3, 4, 5, 6)))
        ),
        "nonsense": b"GET / HTTP/1.1\r\n\r\n",
    }


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    last = bytes([value & 0x7F])
    return last if value < 0x80 else bytes([value & 0x7F | 0x80]) + varint(value >> 7)


def field(number: int, value: int | bytes) -> bytes:
    """A field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def wire_scan() -> Seeds:
    paper = field(3, field(1, "Löwe".encode()) + field(2, b"abstract"))
    documents = field(4, field(1, b"a") + paper) + field(4, field(2, "語".encode())) + field(4, b"")
    return {
        "encode": field(1, b"r")
        + field(2, 3)
        + field(3, 1)
        + documents
        + field(5, 4)
        + field(6, 1)
        + field(7, 1)
        + field(9, b"search"),
        "rank": field(1, b"r")
        + field(3, field(2, b"q"))
        + documents
        + field(5, b"c")
        + field(6, 300)
        + field(7, 1)
        + field(12, "régression".encode()),
        "long-name": field(9, b"n" * 65),
        "unknown": field(19, 1 << 60)
        + varint(20 << 3 | 1)
        + b"8bytes.."
        + varint(21 << 3 | 5)
        + b"four"
        + documents,
        "repeated": field(1, b"x") * 66,
        "many": field(4, b"") * 9,
        "nul": field(4, field(2, b"a\0b")),
    }


def message_framing() -> Seeds:
    def framed(message: bytes, flag: int = 0) -> bytes:
        return struct.pack(">BI", flag, len(message)) + message

    return {
        "two": b"\0" + framed(b"one") + framed(b"two" * 30),
        "compressed": b"\2" + framed(gzip.compress(b"x" * 100, mtime=0), 1) + framed(b""),
        "refused": b"\0" + framed(b"x" * 40 + b"\xff" + b"y" * 40) + framed(b"z"),
        "long": b"\1" + framed(b"x" * 301),
        "short": b"\0" + framed(b"abc")[:-1],
    }


def tables() -> Seeds:
    papers = b'id,title,abstract\r\n1,Ferns,"They ""grow"",\nslowly"\r\n,Cells,\r\n'
    return {
        "papers": papers,
        "texts": b"\xef\xbb\xbftext,year\nferns,2020\n\ncells,\n",
        "bad": b'title\nx"y\n"x"y\n "x"\nx,y\n"x',
        "beir": b"_id,Title ,text\nMED-10,Statin use,We studied\nQ1,,what is a graph\n",
        "semicolons": b"id;title;abstract\n1;a, b;c\n",
        "tabs": b"id\ttext\n1\ta, b; c\n",
        "backslashes": b'title,abstract\n"C:\\\\","x"\n"2\\" seam","ends in \\"X\\""\n',
        "backslashes-by-themselves": b'title,abstract\n"C:\\","a"\n"2\\" x","b"\n',
        "compressed": gzip.compress(papers, mtime=0),
    }


def inflate() -> Seeds:
    texts = {"empty": b"", "text": b"A paper's abstract. " * 40, "zeros": bytes(70_000)}
    return {
        **{f"gzip-{name}": gzip.compress(text, mtime=0) for name, text in texts.items()},
        **{f"zlib-{name}": zlib.compress(text) for name, text in texts.items()},
        "stored": zlib.compress(b"stored", 0),
        "members": gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0),
    }


def pickles() -> Seeds:
    seeds = {}
    for path in sorted(CHECKPOINTS.glob("*")):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
                seeds[path.name] = archive.read(name)
    value = {
        "encoder_params": {"a": (1, 2.5, None, True), "b": ["x"] * 2, "c": OrderedDict(d=1 << 40)}
    }
    for protocol in (2, 4):
        seeds[f"plain-{protocol}"] = pickle.dumps(value, protocol)
    return seeds


def zips() -> Seeds:
    seeds = {
        "plain": (CHECKPOINTS / "plain.bin").read_bytes(),
        "half": (CHECKPOINTS / "half.bin").read_bytes(),
    }
    with BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in {
                "a/data.pkl": pickle.dumps({}, 2),
                "a/byteorder": b"little",
                "a/b": b"",
            }.items():
                archive.writestr(zipfile.ZipInfo(name), content)
            archive.comment = b"comment"
        seeds["comment"] = file.getvalue()
    return {name: content for name, content in seeds.items() if len(content) < 20_000}


def legacy_torch() -> Seeds:
    paths = [*CHECKPOINTS.glob("legacy_*"), CHECKPOINTS / "old.bin"]
    return {path.name: path.read_bytes() for path in sorted(paths)}


def safetensors() -> Seeds:
    def file(header: object, data: bytes) -> bytes:
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + data

    def tensor(kind: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
        return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}

    floats = struct.pack("<6f", *range(6))
    return {
        "one": file({"w": tensor("F32", [2, 3], 0, 24)}, floats),
        "kinds": file(
            {
                "__metadata__": {"format": "pt", "é\n": "\\ud83d\\ude00"},
                "half": tensor("F16", [2], 0, 4),
                "bf16": tensor("BF16", [2, 1], 4, 8),
                "double": tensor("F64", [], 8, 16),
                "long": tensor("I64", [1], 16, 24),
                "empty": tensor("F32", [0, 7], 24, 24),
            },
            floats,
        ),
        "gap": file({"w": tensor("F32", [2], 8, 16)}, floats),
    }


def tokenizer_file() -> Seeds:
    tokens = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "un",
        "##aff",
        "##able",
        "to",
        "##ke",
        "##ns",
        "語",
        ",",
    ]
    model = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "vocab": {token: id for id, token in enumerate(tokens)},
    }
    normalizer = {
        "type": "BertNormalizer",
        "clean_text": True,
        "strip_accents": None,
        "lowercase": True,
    }
    added = {
        "id": 40,
        "content": "token",
        "special": False,
        "normalized": False,
        "single_word": False,
    }
    settings = {"continuing_subword_prefix": "##", "max_input_chars_per_word": 9}
    files = {
        "bert": {"model": model},
        "full": {
            "added_tokens": [added],
            "normalizer": {"type": "Sequence", "normalizers": [normalizer]},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {**model, **settings},
        },
        "cased": {"normalizer": {**normalizer, "lowercase": False}, "model": model},
        "other": {"model": {"type": "BPE", "vocab": {}}},
    }
    return {name: json.dumps(value).encode() for name, value in files.items()}


def json_lines() -> Seeds:
    papers = [
        {"id": 1, "title": "T", "abstract": "A é"},
        {"id": "x", "text": "t"},
        {"id": [1.5, None, {"k": True}], "text": ""},
        {"id": 18446744073709551615, "text": "\ud83d\ude00"},
    ]
    return {
        "papers": "".join(json.dumps(paper) + "\n" for paper in papers).encode(),
        "endings": b'{"text":"a"}\r\n\n{"title":"b"}\r\n{"text":"c"}',
        "bad": b'{"text":1}\n[]\n{"abstract":"a","text":"b"}\n{}\nnull\n{"text":null}\n\xff',
        "beir": b'{"_id":"MED-10","title":"T","text":"x","metadata":{}}\n'
        b'{"_id":1e400,"title":"","text":"q"}',
        "lenient": b'\xef\xbb\xbf{"title":NaN,"abstract":"\\ud835 \\u0000"}\n \t\n'
        b'{"text":"a","text":"b"}\n',
        "utf-16": '{"text":"a"}\n'.encode("utf-16"),
        "numbers": b"".join(
            b'{"id":%s,"text":""}\n' % number
            for number in (b"-0.0", b"1e-30", b"1" * 30, b"1" * 60)
        ),
    }


def json_documents() -> Seeds:
    return {
        "values": b' [null, true, false, 0, -1.5e-3, 1e400, "", {}, [[]]]\n',
        "object": b'{"id": 12345.0, "a": {"b": ["c"]}, "id": "\xc3\xa9"}',
        "escapes": b'"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\ud835"',
        "words": b"[NaN, Infinity, -Infinity]",
        "deep": b"[" * 65 + b"]" * 65,
        "bad": b'{"a": 01, "b": "\xff", \'c\': 1,}',
    }


def lines(*texts: str) -> Seeds:
    """A seed for each text."""
    return {str(index): text.encode() for index, text in enumerate(texts)}


TARGETS = {
    "http2-session": http2_session,
    "inflate": inflate,
    "csv": tables,
    "json": json_documents,
    "json-lines": json_lines,
    "legacy-torch": legacy_torch,
    "message-framing": message_framing,
    "percent-encoding": lambda: lines(*TEXTS, "100 % of 2\n"),
    "pickle": pickles,
    "safetensors": safetensors,
    "timeout": lambda: lines(
        "1S", "99999999H", "100m", "1u", "0n", "123456789M", "-1S", "S", "", "1"
    ),
    "tokenizer-file": tokenizer_file,
    "wire-scan": wire_scan,
    "word-piece": lambda: lines(*TEXTS),
    "zip": zips,
}


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for target, make_seeds in TARGETS.items():
        (FOLDER / target).mkdir(parents=True)
        for name, content in make_seeds().items():
            (FOLDER / target / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
