"""Add models to variants/ that distinguish roles or tasks without adapters.

These are two encoders by role, limits by role, and control codes before the text. The vectors are
transformers' results for the folders.

Usage: python Tests/Golden/make_role_variants.py [NAME …]
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer

from adapter_models import (
    DOCUMENTS,
    FOLDER,
    ROLES,
    TASKS,
    VOCABULARY,
    Encoded,
    Reader,
    make_chosen,
    require_effect,
    write_base,
    write_mean_pooling,
    write_rows,
)
from documents import SMALL, Document, Paper, Text, report
from model_folder import write_json
from reference_encoder import Shape
from small_vocabulary import small_vocabulary

Limits = Mapping[str, int]
Read = Callable[[Path, str, str, Document], Encoded]

ONE_LAYER = Shape(num_hidden_layers=1)
PAIRS = (
    *DOCUMENTS,
    Paper(f"{report(1)} {report(1)}", "The study of ferns"),
    Paper("A title", report(3)),
    Paper("", "An abstract alone."),
    Text(""),
)


@dataclass(frozen=True)
class RoleVariant:
    """A folder, its scimult.json, and the way to read and encode a document."""

    name: str
    own: dict[str, Any]
    write: Callable[[Path], None]
    read: Read
    tasks: tuple[str, ...] = TASKS
    documents: tuple[Document, ...] = PAIRS
    all_tasks: bool = False

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def requests(self, number: int) -> list[tuple[str, str]]:
        tasks = self.tasks if self.all_tasks else (self.tasks[number % len(self.tasks)],)
        return [(task, role) for task in tasks for role in ROLES]


@dataclass(frozen=True)
class Encoder:
    """Reads and encodes documents with transformers and one encoder folder."""

    folder: Path
    limit: int
    pair: bool = False
    pooling: str = "cls"
    token: int = 0

    def encode(self, document: Document, code: str | None = None) -> Encoded:
        reader = Reader(self.folder, self.limit)
        if code is not None:
            tokens = reader.tokens(f"{code} {reader.content(document)}")
        else:
            tokens = reader.read_pair(document) if self.pair else reader.read(document)
        model = AutoModel.from_pretrained(self.folder).eval()
        with torch.no_grad():
            states = model(**tokens.batch).last_hidden_state[0]
        vector = states[self.token] if self.pooling == "cls" else states.mean(0)
        return Encoded(tokens.input_ids, tokens.truncated, vector)


# ---- One encoder for each role ----


@dataclass(frozen=True)
class Part:
    """One of two encoders, in its subfolder."""

    subfolder: str
    limit: int
    shape: Shape = field(default_factory=Shape)
    vocabulary: tuple[str, ...] = tuple(VOCABULARY)
    pooling: str = "cls"


def two_encoders(
    name: str, parts: dict[str, Part], *, pair: bool, max_tokens: Any = None
) -> RoleVariant:
    def write(folder: Path) -> None:
        for role, part in parts.items():
            path = folder / part.subfolder
            write_base(path, f"{name} {role}", part.shape, list(part.vocabulary))
            if part.pooling == "mean":
                write_mean_pooling(path, part.shape.hidden_size)

    def read(folder: Path, task: str, role: str, document: Document) -> Encoded:
        part = parts[role]
        path = folder / part.subfolder
        return Encoder(path, part.limit, pair=pair, pooling=part.pooling).encode(document)

    own: dict[str, Any] = {"encoders": {role: part.subfolder for role, part in parts.items()}}
    own |= {"papers": "pair" if pair else "separator"}
    own |= {"max_tokens": max_tokens} if max_tokens else {}
    return RoleVariant(name, own, write, read)


# ---- One encoder ----


def one_encoder(
    name: str, own: dict[str, Any], limits: Limits, *, pair: bool = False
) -> RoleVariant:
    def write(folder: Path) -> None:
        write_base(folder, name, ONE_LAYER, VOCABULARY)

    def read(folder: Path, task: str, role: str, document: Document) -> Encoded:
        return Encoder(folder, limits[role], pair=pair).encode(document)

    return RoleVariant(name, own, write, read)


# ---- Control codes ----

CODES = ("[CLF]", "[RGN]", "[PRX]", "[QRY]")
Codes = dict[str, str | dict[str, str]]
CODES_OF_TASKS: Codes = {
    "search": {"query": "[QRY]", "candidate": "[PRX]"},
    "link_prediction": "[PRX]",
    "classification": "[CLF]",
    "regression": "[RGN]",
}
CHOSEN_CODES: Codes = {
    "search": {"query": "[PRX]", "candidate": "[QRY]"},
    "link_prediction": "[RGN]",
    "classification": "[CLF]",
    "topics": "[CLF]",
    "years": {"query": "[RGN]", "candidate": "[PRX]"},
}


def control_codes(name: str, own: Any, codes: Codes) -> RoleVariant:
    def write(folder: Path) -> None:
        write_base(folder, name, Shape(), [*VOCABULARY, *CODES])
        add_codes(folder)

    def read(folder: Path, task: str, role: str, document: Document) -> Encoded:
        chosen = codes[task]
        code = chosen[role] if isinstance(chosen, dict) else chosen
        limit = Shape().max_position_embeddings
        first = Encoder(folder, limit).encode(document, code)
        pooled = Encoder(folder, limit, token=1).encode(document, code)
        require_effect(name, pooled.vector, first.vector)
        return pooled

    documents = (*SMALL[:4], *SMALL[5:])
    tasks = tuple(codes)
    return RoleVariant(name, {"control_codes": own}, write, read, tasks, documents, all_tasks=True)


def add_codes(folder: Path) -> None:
    """Let transformers append the codes to a vocabulary that lacks them, and save it."""
    lines = (folder / "vocab.txt").read_text().splitlines()
    (folder / "vocab.txt").write_text("".join(f"{line}\n" for line in lines[: -len(CODES)]))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": list(CODES)})
    tokenizer.save_pretrained(folder)


PUBMEDBERT = tuple(small_vocabulary(order="biomedbert"))

VARIANTS = [
    two_encoders(
        "encoders-medcpt",
        {
            "query": Part("query-encoder", 16, vocabulary=PUBMEDBERT),
            "candidate": Part("article-encoder", 40, vocabulary=PUBMEDBERT),
        },
        pair=True,
        max_tokens={"query": 16, "candidate": 40},
    ),
    two_encoders(
        "encoders-one-limit",
        {"query": Part("encoders/query", 24), "candidate": Part("encoders/candidate", 24)},
        pair=False,
        max_tokens=24,
    ),
    one_encoder("max-tokens", {"max_tokens": 20}, {"query": 20, "candidate": 20}),
    one_encoder(
        "max-tokens-by-role",
        {"max_tokens": {"query": 12, "candidate": 30}},
        {"query": 12, "candidate": 30},
    ),
    one_encoder(
        "max-tokens-of-pairs",
        {"papers": "pair", "max_tokens": {"query": 13, "candidate": 30}},
        {"query": 13, "candidate": 30},
        pair=True,
    ),
    control_codes("control-codes", True, CODES_OF_TASKS),
    control_codes("control-codes-chosen", CHOSEN_CODES, CHOSEN_CODES),
]


def make(variant: RoleVariant) -> None:
    shutil.rmtree(variant.folder, ignore_errors=True)
    variant.write(variant.folder)
    write_json(variant.folder / "scimult.json", variant.own)
    rows = []
    for number, document in enumerate(variant.documents):
        for task, role in variant.requests(number):
            encoded = variant.read(variant.folder, task, role, document)
            rows.append({**document.fields(), "task": task, "role": role, **encoded.fields()})
    write_rows(variant.folder, rows)


if __name__ == "__main__":
    make_chosen(VARIANTS, make)
