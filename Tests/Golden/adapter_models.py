"""Common parts of the scripts for adapters' golden data: base model, tokens, and rows."""

import json
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import AutoTokenizer, DistilBertConfig, DistilBertModel

from documents import SMALL, Document, Paper
from model_folder import write_config, write_json, write_vocabulary
from random_encoder import RandomEncoder
from reference_encoder import ExpertLayout, Shape, rounded
from small_vocabulary import small_vocabulary

FOLDER = Path(__file__).parent / "variants"
ROLES = ("query", "candidate")
TASKS = ("search", "link_prediction", "classification")
VOCABULARY = small_vocabulary()
SHAPE = Shape()
DOCUMENTS = (SMALL[0], SMALL[1], SMALL[2], SMALL[7])
# If an adapter changed a vector by less than this, a missing adapter would not be noticed.
LEAST_EFFECT = 0.05

Experts = dict[str, str | dict[str, str | None] | None]


@dataclass(frozen=True)
class Encoded:
    """The tokens that a library reads of a document, and its vector."""

    input_ids: list[int]
    truncated: bool
    vector: Tensor

    def fields(self) -> dict[str, Any]:
        return {
            "input_ids": self.input_ids,
            "truncated": self.truncated,
            "embedding": rounded(self.vector),
        }


@dataclass(frozen=True)
class Tokens:
    """The tokens of one document, as a batch of one."""

    batch: dict[str, Tensor]
    truncated: bool

    @property
    def input_ids(self) -> list[int]:
        return self.batch["input_ids"][0].tolist()


class Reader:
    """The folder's own tokenizer, loaded by transformers."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.limit = limit

    def content(self, document: Document) -> str:
        if isinstance(document, Paper):
            return f"{document.title} {self.tokenizer.sep_token} {document.abstract}"
        return document.content()

    def read(self, document: Document) -> Tokens:
        return self.tokens(self.content(document))

    def read_pair(self, document: Document) -> Tokens:
        """Reads a paper as a pair with token types, even if the second text is empty."""
        if isinstance(document, Paper):
            return self.tokens((document.title, document.abstract))
        return self.tokens(document.content())

    def tokens(self, text: str | tuple[str, str]) -> Tokens:
        cut = self.tokenizer([text], truncation=True, max_length=self.limit, return_tensors="pt")
        whole = self.tokenizer([text])["input_ids"][0]
        return Tokens(dict(cut), len(whole) > self.limit)


class Drawer:
    """Draws significant random values: none is near zero, and no norm is the identity."""

    def __init__(self, name: str) -> None:
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def fill(self, parameters: Iterable[tuple[str, nn.Parameter]], std: float = 0.4) -> None:
        for name, parameter in parameters:
            drawn = torch.randn(parameter.shape, generator=self.generator)
            is_factor = parameter.dim() == 1 and not name.endswith("bias")
            parameter.data = 1 + 0.3 * drawn if is_factor else std * drawn


def base_tensors(name: str, shape: Shape, vocabulary_size: int) -> dict[str, Tensor]:
    seed = zlib.crc32(name.encode())
    drawn = RandomEncoder(seed).draw(shape, vocabulary_size, ExpertLayout())
    return {name: tensor for name, tensor in drawn.items() if tensor.is_floating_point()}


def write_base(
    folder: Path, name: str, shape: Shape, vocabulary: list[str], *, pickled: bool = False
) -> None:
    """Write a Hugging Face folder of a random encoder."""
    write_config(folder, shape, len(vocabulary))
    write_vocabulary(folder, vocabulary)
    tensors = base_tensors(name, shape, len(vocabulary))
    if pickled:
        torch.save(tensors, folder / "pytorch_model.bin")
    else:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def write_distilbert(folder: Path, name: str, shape: Shape, vocabulary: list[str]) -> None:
    """Write a Hugging Face folder of a random DistilBERT."""
    config = DistilBertConfig(
        dim=shape.hidden_size,
        n_layers=shape.num_hidden_layers,
        n_heads=shape.num_attention_heads,
        hidden_dim=shape.intermediate_size,
        vocab_size=len(vocabulary),
        max_position_embeddings=shape.max_position_embeddings,
    )
    model = DistilBertModel(config)
    Drawer(name).fill(model.named_parameters())
    model.save_pretrained(folder)
    write_vocabulary(folder, vocabulary)


class Named(Protocol):
    """A variant with a name."""

    @property
    def name(self) -> str: ...


Variant = TypeVar("Variant", bound=Named)


def make_chosen(variants: Iterable[Variant], make: Callable[[Variant], None]) -> None:
    """Make the variants that the command line names, or all if it names none."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    chosen = sys.argv[1:]
    for variant in variants:
        if chosen and variant.name not in chosen:
            continue
        make(variant)
        print(variant.name, flush=True)


def forget_paths(folder: Path, base: Path) -> None:
    """Replace the base's path, which the library writes into its files, by the base's name."""
    for path in folder.glob("*.json"):
        path.write_text(path.read_text().replace(str(base), base.name))


def without_types(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Remove the token types, which DistilBERT does not have."""
    return {name: tensor for name, tensor in batch.items() if name != "token_type_ids"}


def write_mean_pooling(folder: Path, width: int) -> None:
    """Write the files of sentence-transformers for an encoder with mean pooling."""
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling")]
    write_json(
        folder / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(kinds)
        ],
    )
    pooling = {"word_embedding_dimension": width, "pooling_mode_mean_tokens": True}
    write_json(folder / "1_Pooling" / "config.json", pooling)


def expert(experts: Experts, task: str, role: str) -> str | None:
    """Return the adapter that scimult.json names for a task and a role."""
    chosen = experts[task]
    return chosen[role] if isinstance(chosen, dict) else chosen


def for_all_tasks(name: str | None) -> Experts:
    return dict.fromkeys(TASKS, name)


def roles_or_tasks_matter(experts: Experts) -> bool:
    chosen = list(experts.values())
    return any(isinstance(one, dict) for one in chosen) or len(set(chosen)) > 1


def requests(tasks: tuple[str, ...], number: int, *, all_of_them: bool) -> list[tuple[str, str]]:
    """Return the tasks and roles for document `number`: all, or one in turns."""
    if all_of_them:
        return [(task, role) for task in tasks for role in ROLES]
    return [(tasks[number % len(tasks)], ROLES[number % 2])]


def require_effect(name: str, vector: Tensor, base: Tensor) -> None:
    distance = (vector - base).abs().max().item()
    if not distance > LEAST_EFFECT:
        raise SystemExit(f"{name}: the adapter moves the vector by {distance} only")


def write_rows(folder: Path, rows: list[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "expected.jsonl").write_text("".join(lines))
