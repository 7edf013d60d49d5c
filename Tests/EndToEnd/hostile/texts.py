"""Invalid config.json, vocab.txt and tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from .case import Case

VANILLA = "vanilla"
SERIALIZED = "tokenizer-json"
SIZES = (
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
)
NO_SIZES: list[Any] = [0, -1, 7, 10_000, 1 << 31, 1 << 63, 1 << 70, 1e300, 1.5, "4", [], {}]
SETTINGS: dict[str, list[Any]] = {
    "model_type": ["roberta", 7, []],
    "hidden_act": ["mish", "quick_gelu", 0, {}],
    "layer_norm_eps": [-1e-12, 1, 1e300, "small", []],
    "position_embedding_type": ["relative_key", 1],
    "is_decoder": [True, "no"],
}
#: Contents that are not a JSON object, for every file that should be one.
NO_OBJECTS: dict[str, bytes] = {
    "empty": b"",
    "space": b" \n",
    "nul": b"\0" * 100,
    "list": b"[]",
    "null": b"null",
    "cut": b'{"model_type": "bert", ',
    "quotes": b"{'a': 1}",
    "not-utf-8": b'{"a": "\xff\xfe"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "deep": b'{"a":' * 100_000,
    "deep-lists": b"[" * 1_000_000,
    "two": b"{}{}",
    "pickle": b"\x80\x02}.",
    "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n",
    "page": b"<!DOCTYPE html><html></html>",
}
VOCABULARIES: dict[str, bytes] = {
    "empty": b"",
    "lines": b"\n" * 100,
    "no-cls": b"[PAD]\n[UNK]\n[SEP]\na\n",
    "no-sep": b"[PAD]\n[UNK]\n[CLS]\na\n",
    "no-unk": b"[PAD]\n[CLS]\n[SEP]\na\n",
    "long": b"[UNK]\n[CLS]\n[SEP]\n" + b"".join(b"t%d\n" % n for n in range(10_000)),
    "one-line": b"[UNK] [CLS] [SEP]",
    "nul": b"\0" * 1_000,
    "pointer": NO_OBJECTS["pointer"],
    "page": NO_OBJECTS["page"],
}


def set_model(key: str, value: Any) -> Callable[[dict[str, Any]], object]:
    """Sets an entry of tokenizer.json's model."""
    return lambda json: json["model"].update({key: value})


def set_entry(key: str, value: Any) -> Callable[[dict[str, Any]], object]:
    """Sets an entry of tokenizer.json."""
    return lambda json: json.update({key: value})


def set_id(value: Any) -> Callable[[dict[str, Any]], object]:
    """Changes the id of a token."""
    return lambda json: json["model"]["vocab"].update(extra=value)


TOKENIZERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no-model": lambda json: json.pop("model"),
    "model-a-list": set_entry("model", []),
    "model-bpe": set_model("type", "BPE"),
    "model-of-two-lines": set_model("type", "B\nPE\u2028"),
    "model-type-number": set_model("type", 7),
    "vocab-a-list": set_model("vocab", [["a", 0]]),
    "vocab-empty": set_model("vocab", {}),
    "vocab-missing": lambda json: json["model"].pop("vocab"),
    "id-negative": set_id(-1),
    "id-most": set_id((1 << 31) - 1),
    "id-past-32-bits": set_id(1 << 31),
    "id-past-64-bits": set_id(1 << 70),
    "id-fraction": set_id(1.5),
    "id-text": set_id("1"),
    "id-null": set_id(None),
    "id-past-embeddings": set_id(100_000),
    "unknown-missing": set_model("unk_token", "[NOT THERE]"),
    "unknown-none": set_model("unk_token", ""),
    "word-none": set_model("max_input_chars_per_word", 0),
    "word-most": set_model("max_input_chars_per_word", 1 << 31),
    "word-text": set_model("max_input_chars_per_word", "100"),
    "normalizer-other": set_entry("normalizer", {"type": "NFC"}),
    "normalizers-two": set_entry("normalizer", {"type": "Sequence", "normalizers": [{}, {}]}),
    "normalizer-flag": set_entry("normalizer", {"type": "BertNormalizer", "lowercase": "yes"}),
    "pre-tokenizer-other": set_entry("pre_tokenizer", {"type": "Whitespace"}),
    "added-without-id": set_entry("added_tokens", [{"content": "x"}]),
    "added-negative": set_entry("added_tokens", [{"content": "x", "id": -7}]),
    "added-past-embeddings": set_entry("added_tokens", [{"content": "[ADDED]", "id": 1 << 30}]),
    "added-normalized": set_entry("added_tokens", [{"content": "x", "id": 1, "normalized": True}]),
    "added-a-number": set_entry("added_tokens", [7]),
}


def cases() -> Iterator[Case]:
    """Yields all cases."""
    for key, values in {**dict.fromkeys(SIZES, NO_SIZES), **SETTINGS}.items():
        for index, value in enumerate(values):
            change = partial(_change, "config.json", partial(_set, key, value))
            yield Case(f"config-{key}-{index}", VANILLA, change)
    for name, content in NO_OBJECTS.items():
        yield Case(f"config-{name}", VANILLA, partial(_write, "config.json", content))
        yield Case(f"tokenizer-{name}", SERIALIZED, partial(_write, "tokenizer.json", content))
        if name not in ("list", "null"):
            settings = partial(_write, "tokenizer_config.json", content)
            yield Case(f"tokenizer-config-{name}", VANILLA, settings)
    for name, content in VOCABULARIES.items():
        yield Case(f"vocabulary-{name}", VANILLA, partial(_write, "vocab.txt", content))
    for name, change_json in TOKENIZERS.items():
        change = partial(_change, "tokenizer.json", change_json)
        yield Case(f"tokenizer-{name}", SERIALIZED, change)


def _write(name: str, content: bytes, folder: Path) -> None:
    (folder / name).write_bytes(content)


def _change(name: str, change: Callable[[dict[str, Any]], object], folder: Path) -> None:
    value = json.loads((folder / name).read_text())
    change(value)
    (folder / name).write_text(json.dumps(value))


def _set(key: str, value: Any, target: dict[str, Any]) -> None:
    target[key] = value
