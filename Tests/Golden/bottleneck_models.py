"""Models with bottleneck adapters: written and run by the adapters library."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adapters
import torch
from adapters import AutoAdapterModel, BnConfig
from torch import Tensor
from transformers import AutoModel, PreTrainedModel

from adapter_models import (
    DOCUMENTS,
    FOLDER,
    SHAPE,
    VOCABULARY,
    Drawer,
    Encoded,
    Experts,
    Reader,
    expert,
    forget_paths,
    requests,
    require_effect,
    roles_or_tasks_matter,
    without_types,
    write_base,
    write_distilbert,
    write_mean_pooling,
    write_rows,
)
from documents import Document
from model_folder import write_json
from reference_encoder import Shape

Config = str | BnConfig
Edit = Callable[[Path], None]


@dataclass(frozen=True)
class BottleneckVariant:
    """A base model, adapters by their folder, and the use of each.

    names: an adapter's name in its files, if it differs from its folder's.
    experts: the content of scimult.json; if writes_experts is false, the default use.
    """

    name: str
    adapters: dict[str, Config]
    experts: Experts
    names: dict[str, str] = field(default_factory=dict)
    writes_experts: bool = True
    shape: Shape = SHAPE
    documents: tuple[Document, ...] = DOCUMENTS
    pooling: str = "cls"
    safe: bool = False
    pickled_base: bool = False
    whole: bool = False
    heads: bool = False
    plain_class: bool = False
    distilbert: bool = False
    edit: Edit | None = None

    def adapter(self, folder: str) -> str:
        return self.names.get(folder, folder)

    @property
    def folder(self) -> Path:
        return FOLDER / self.name


def write(variant: BottleneckVariant) -> None:
    folder = variant.folder
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(0)
    if variant.distilbert:
        write_distilbert(folder, variant.name, variant.shape, VOCABULARY)
    else:
        write_base(folder, variant.name, variant.shape, VOCABULARY, pickled=variant.pickled_base)
    model = with_adapters(variant)
    if variant.whole:
        save_whole(model, folder, safe=variant.safe)
    else:
        save_apart(model, variant)
    if variant.writes_experts:
        write_json(folder / "scimult.json", {"experts": variant.experts})
    if variant.pooling == "mean":
        write_mean_pooling(folder, variant.shape.hidden_size)
    if variant.edit:
        variant.edit(folder)


def with_adapters(variant: BottleneckVariant) -> PreTrainedModel:
    model = load_base(variant.folder, plain=variant.plain_class)
    for folder, config in variant.adapters.items():
        name = variant.adapter(folder)
        model.add_adapter(name, config=config)
        if variant.heads:
            model.add_classification_head(name, num_labels=2)
    drawer = Drawer(f"{variant.name} adapters")
    # A norm occurs only once in a module's parameters, but under two names in its state.
    drawer.fill((n, p) for n, p in model.named_parameters() if ".adapters." in n)
    return model


def load_base(folder: Path, *, plain: bool) -> PreTrainedModel:
    if not plain:
        return AutoAdapterModel.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder)
    adapters.init(model)
    return model


def save_whole(model: PreTrainedModel, folder: Path, *, safe: bool) -> None:
    (folder / "model.safetensors").unlink(missing_ok=True)
    (folder / "pytorch_model.bin").unlink(missing_ok=True)
    model.save_pretrained(folder, safe_serialization=safe)


def save_apart(model: PreTrainedModel, variant: BottleneckVariant) -> None:
    for folder in variant.adapters:
        path = variant.folder / "adapters" / folder
        path.mkdir(parents=True)
        model.save_adapter(str(path), variant.adapter(folder), use_safetensors=variant.safe)
        forget_paths(path, variant.folder)


class BottleneckReference:
    """The folder as the adapters library loads and runs it."""

    def __init__(self, folder: Path, limit: int, pooling: str) -> None:
        self.reader = Reader(folder, limit)
        self.pooling = pooling
        self.model = AutoAdapterModel.from_pretrained(folder)
        for path in sorted((folder / "adapters").glob("*")):
            loaded: dict[str, Any] = {}
            self.model.load_adapter(
                str(path), use_safetensors=True, with_head=False, loading_info=loaded
            )
            require_all_loaded(path, loaded)
        self.model.eval()

    def encode(self, adapter: str | None, document: Document) -> Encoded:
        tokens = self.reader.read(document)
        return Encoded(tokens.input_ids, tokens.truncated, self.vector(adapter, tokens.batch))

    def vector(self, adapter: str | None, batch: dict[str, Tensor]) -> Tensor:
        # Without a setup by the model itself, no adapter is active.
        self.model.set_active_adapters(adapter)
        if self.model.config.model_type == "distilbert":
            batch = without_types(batch)
        with torch.no_grad():
            states = self.model.base_model(**batch).last_hidden_state[0]
        return states[0] if self.pooling == "cls" else states.mean(0)


def require_all_loaded(path: Path, loaded: dict[str, Any]) -> None:
    kept = [key for key in loaded["missing_keys"] if "adapter_norm_before" not in key]
    if kept or loaded["unexpected_keys"]:
        raise SystemExit(f"{path}: not loaded: {loaded}")


def write_expected(variant: BottleneckVariant) -> None:
    limit = variant.shape.max_position_embeddings
    reference = BottleneckReference(variant.folder, limit, variant.pooling)
    tasks = tuple(variant.experts)
    everything = roles_or_tasks_matter(variant.experts)
    rows = []
    for number, document in enumerate(variant.documents):
        base = reference.encode(None, document)
        for task, role in requests(tasks, number, all_of_them=everything):
            name = expert(variant.experts, task, role)
            encoded = reference.encode(name, document)
            if name is not None:
                require_effect(variant.name, encoded.vector, base.vector)
            rows.append({**document.fields(), "task": task, "role": role, **encoded.fields()})
    write_rows(variant.folder, rows)


def make(variant: BottleneckVariant) -> None:
    write(variant)
    write_expected(variant)
