"""Models with low-rank adapters: written and run by peft."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from adapters import AutoAdapterModel
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    PreTrainedModel,
)

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

Edit = Callable[[Path], None]


@dataclass(frozen=True)
class LoraVariant:
    """A base model, and peft adapters by their folder; "" is the folder of the base itself."""

    name: str
    adapters: dict[str, LoraConfig]
    experts: Experts
    bottlenecks: dict[str, str] = field(default_factory=dict)
    writes_experts: bool = False
    shape: Shape = SHAPE
    documents: tuple[Document, ...] = DOCUMENTS
    pooling: str = "cls"
    safe: bool = True
    model: str = "encoder"
    edit: Edit | None = None

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def path(self, adapter: str) -> Path:
        return self.folder / "adapters" / adapter if adapter else self.folder


# ---- Files ----


def write(variant: LoraVariant) -> None:
    folder = variant.folder
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(0)
    if variant.model == "distilbert":
        write_distilbert(folder, variant.name, variant.shape, VOCABULARY)
    else:
        write_base(folder, variant.name, variant.shape, VOCABULARY)
    drawer = Drawer(f"{variant.name} adapters")
    # An adapter next to the weights would be loaded with them, so adapters in subfolders are saved
    # first.
    for adapter, config in sorted(variant.adapters.items(), reverse=True):
        save_adapter(variant, adapter, config, drawer)
    for adapter, kind in variant.bottlenecks.items():
        save_bottleneck(variant, adapter, kind, drawer)
    if variant.writes_experts:
        write_json(folder / "scimult.json", {"experts": variant.experts})
    if variant.pooling == "mean":
        write_mean_pooling(folder, variant.shape.hidden_size)
    if variant.edit:
        variant.edit(folder)


def save_adapter(variant: LoraVariant, adapter: str, config: LoraConfig, drawer: Drawer) -> None:
    model = get_peft_model(load_base(variant), config)
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    drawer.fill(trained, std=0.3)
    # The path of the base is specific to the machine.
    model.peft_config["default"].base_model_name_or_path = "base"
    path = variant.path(adapter)
    model.save_pretrained(path, safe_serialization=variant.safe, save_embedding_layers=False)
    (path / "README.md").unlink()
    sort_targets(path / "adapter_config.json")


def sort_targets(path: Path) -> None:
    """Sort the targets, because peft keeps them in a set, whose order varies."""
    content = json.loads(path.read_text())
    if isinstance(content["target_modules"], list):
        content["target_modules"].sort()
    write_json(path, content)


def save_bottleneck(variant: LoraVariant, adapter: str, kind: str, drawer: Drawer) -> None:
    model = AutoAdapterModel.from_pretrained(variant.folder)
    model.add_adapter(adapter, config=kind)
    drawer.fill((n, p) for n, p in model.named_parameters() if ".adapters." in n)
    model.save_adapter(str(variant.path(adapter)), adapter)
    forget_paths(variant.path(adapter), variant.folder)


def load_base(variant: LoraVariant) -> PreTrainedModel:
    if variant.model == "classifier":
        return AutoModelForSequenceClassification.from_pretrained(variant.folder)
    return AutoModel.from_pretrained(variant.folder)


def in_half_precision(folder: Path) -> None:
    """Store the adapter's tensors as bfloat16."""
    path = folder / "adapter_model.safetensors"
    halves = {name: tensor.bfloat16() for name, tensor in load_file(path).items()}
    save_file(halves, path, metadata={"format": "pt"})


# ---- Expected results ----


class LoraReference:
    """The folder as peft loads and runs it, adapter by adapter."""

    def __init__(self, variant: LoraVariant) -> None:
        self.variant = variant
        self.reader = Reader(variant.folder, variant.shape.max_position_embeddings)
        self.models = {name: self._load(name) for name in variant.adapters}
        self.base = self._load(None)

    def _load(self, adapter: str | None) -> torch.nn.Module:
        # transformers would apply an adapter that is next to the weights.
        aside = self.variant.folder / "adapter_config.json"
        hidden = aside.with_suffix(".hidden")
        if aside.exists():
            aside.rename(hidden)
        try:
            model = load_base(self.variant)
        finally:
            if hidden.exists():
                hidden.rename(aside)
        if adapter is not None:
            model = PeftModel.from_pretrained(model, str(self.variant.path(adapter)))
        return model.eval()

    def encode(self, adapter: str | None, document: Document) -> Encoded:
        tokens = self.reader.read(document)
        return Encoded(tokens.input_ids, tokens.truncated, self.vector(adapter, tokens.batch))

    def vector(self, adapter: str | None, batch: dict[str, Tensor]) -> Tensor:
        if adapter in self.variant.bottlenecks:
            return self._vector_of_bottleneck(adapter, batch)
        model = self.base if adapter is None else self.models[adapter]
        if self.variant.model == "distilbert":
            batch = without_types(batch)
        with torch.no_grad():
            states = model(**batch, output_hidden_states=True).hidden_states[-1][0]
        return states[0] if self.variant.pooling == "cls" else states.mean(0)

    def _vector_of_bottleneck(self, adapter: str, batch: dict[str, Tensor]) -> Tensor:
        model = AutoAdapterModel.from_pretrained(self.variant.folder)
        model.load_adapter(str(self.variant.path(adapter)), set_active=True)
        with torch.no_grad():
            return model.eval().base_model(**batch).last_hidden_state[0][0]


def write_expected(variant: LoraVariant) -> None:
    reference = LoraReference(variant)
    everything = roles_or_tasks_matter(variant.experts)
    rows = []
    for number, document in enumerate(variant.documents):
        base = reference.encode(None, document)
        for task, role in requests(tuple(variant.experts), number, all_of_them=everything):
            name = expert(variant.experts, task, role)
            encoded = reference.encode(name, document)
            if name is not None:
                require_effect(variant.name, encoded.vector, base.vector)
            rows.append({**document.fields(), "task": task, "role": role, **encoded.fields()})
    write_rows(variant.folder, rows)


def make(variant: LoraVariant) -> None:
    write(variant)
    write_expected(variant)
