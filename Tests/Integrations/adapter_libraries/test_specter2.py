"""A model like SPECTER2, saved in each way that the adapters library supports."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adapters
import numpy as np
import pytest
import torch
from adapters import AutoAdapterModel
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    DistilBertModel,
    PreTrainedModel,
)

from scimult import Client
from served import Use, assert_serves
from small_base import DOCUMENTS, batch, randomised, save_base

#: The names in the paper's archive, on the hub, and in training.
SHORT = ("proximity", "adhoc_query", "classification", "regression")
HUB = ("specter2", "specter2_adhoc_query", "specter2_classification", "specter2_regression")
REFRESHED = tuple(f"specter2_aug2023refresh{name.removeprefix('specter2')}" for name in HUB)
OLD_HUB = ("specter2_proximity", *HUB[1:])
CODES = ("[PRX]", "[QRY]", "[CLF]", "[RGN]")


def uses(names: tuple[str, ...]) -> dict[Use, str]:
    """Returns the use of each adapter."""
    proximity, query, classification, regression = names
    return {
        ("search", "query"): query,
        ("search", "candidate"): proximity,
        ("link_prediction", "query"): proximity,
        ("link_prediction", "candidate"): proximity,
        ("classification", "query"): classification,
        ("classification", "candidate"): classification,
        ("regression", "query"): regression,
        ("regression", "candidate"): regression,
    }


def with_adapters(
    model: PreTrainedModel, names: tuple[str, ...], config: Any = "seq_bn", *, heads: bool = False
) -> PreTrainedModel:
    """Adds adapters and draws their parameters, so that each changes every vector."""
    for name in names:
        model.add_adapter(name, config=config)
        if heads:
            model.add_classification_head(name, num_labels=3)
    randomised((n, p) for n, p in model.named_parameters() if ".adapters." in n)
    return model.eval()


def reference(model: PreTrainedModel, folder: Path) -> Callable[[str | None], np.ndarray]:
    """Returns the first tokens' states with an active adapter."""
    inputs = batch(folder, DOCUMENTS)
    if "distilbert" in model.config.model_type:
        inputs.pop("token_type_ids", None)

    def vectors(adapter: str | None) -> np.ndarray:
        model.set_active_adapters(adapter)
        with torch.no_grad():
            return model.base_model(**inputs).last_hidden_state[:, 0].numpy()

    return vectors


@dataclass(frozen=True)
class Saving:
    """A way to get from a base's folder to one with adapters."""

    save: Callable[[PreTrainedModel, Path], Any]
    names: tuple[str, ...] = SHORT
    load: Callable[[Path], PreTrainedModel] = AutoAdapterModel.from_pretrained
    config: Any = "seq_bn"
    heads: bool = False
    kind: dict[str, Any] = field(default_factory=dict)


def apart(**options: Any) -> Callable[[PreTrainedModel, Path], None]:
    """Saves each adapter in a separate folder, under adapters/."""

    def save(model: PreTrainedModel, folder: Path) -> None:
        for name in model.adapters_config.adapters:
            path = folder / "adapters" / name.strip("[]").lower()
            path.mkdir(parents=True)
            model.save_adapter(str(path), name, **options)

    return save


def together(**options: Any) -> Callable[[PreTrainedModel, Path], None]:
    """Saves all adapters with one call."""
    return lambda model, folder: model.save_all_adapters(str(folder / "adapters"), **options)


def whole(**options: Any) -> Callable[[PreTrainedModel, Path], None]:
    """Saves the encoder with its adapters."""

    def save(model: PreTrainedModel, folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        model.save_pretrained(folder, **options)

    return save


def initialised(kind: Any) -> Callable[[Path], PreTrainedModel]:
    """A class of transformers with adapters enabled by adapters.init."""

    def load(folder: Path) -> PreTrainedModel:
        model = kind.from_pretrained(folder)
        adapters.init(model)
        return model

    return load


PLAIN = initialised(AutoModel)
CLASSIFIER = initialised(AutoModelForSequenceClassification)
CUSTOM = adapters.BnConfig(
    mh_adapter=True,
    output_adapter=True,
    reduction_factor={"0": 4, "3": 2, "default": 8},
    non_linearity="gelu",
    original_ln_before=True,
    ln_after=True,
    leave_out=[1],
    scaling=0.7,
)

SAVINGS = {
    "bin": Saving(apart(use_safetensors=False)),
    "safetensors": Saving(apart(use_safetensors=True)),
    "bin with heads": Saving(apart(use_safetensors=False), heads=True),
    "safetensors with heads": Saving(apart(use_safetensors=True), heads=True),
    "without heads that there are": Saving(apart(with_head=False), heads=True),
    "all": Saving(together()),
    "all safetensors": Saving(together(use_safetensors=True), heads=True),
    "hub": Saving(together(use_safetensors=True), HUB),
    "hub of 2023": Saving(together(), REFRESHED),
    "hub of before": Saving(together(), OLD_HUB),
    "control codes": Saving(apart(), CODES),
    "whole": Saving(whole()),
    "whole with heads": Saving(whole(), heads=True),
    "whole with codes": Saving(whole(), CODES, heads=True),
    "whole pickled": Saving(whole(safe_serialization=False), heads=True),
    "whole in shards": Saving(whole(max_shard_size="100KB"), heads=True),
    "plain class": Saving(apart(), load=PLAIN),
    "plain class safetensors": Saving(together(use_safetensors=True), load=PLAIN),
    "plain class whole": Saving(whole(), load=PLAIN),
    "plain class whole pickled": Saving(whole(safe_serialization=False), CODES, load=PLAIN),
    "classifier": Saving(apart(use_safetensors=True), load=CLASSIFIER),
    "classifier whole": Saving(whole(), load=CLASSIFIER),
    "double": Saving(apart(), config="double_seq_bn"),
    "double whole": Saving(whole(), HUB, config="double_seq_bn"),
    "custom": Saving(apart(use_safetensors=True), config=CUSTOM),
    "custom whole": Saving(whole(), config=CUSTOM, heads=True),
    "custom of a plain class": Saving(whole(), config=CUSTOM, load=PLAIN),
    "distilbert": Saving(apart(), kind={"kind": DistilBertModel}),
    "distilbert whole": Saving(whole(), config=CUSTOM, kind={"kind": DistilBertModel}),
    "distilbert of a plain class": Saving(whole(), load=PLAIN, kind={"kind": DistilBertModel}),
}


@pytest.mark.parametrize("name", SAVINGS)
def test_each_way_of_saving(start_server, tmp_path, name):
    saving = SAVINGS[name]
    folder = save_base(tmp_path / "model", **saving.kind)
    model = with_adapters(saving.load(folder), saving.names, saving.config, heads=saving.heads)
    saving.save(model, folder)
    assert_serves(start_server, folder, uses(saving.names), reference(model, folder))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["bin", "safetensors", "whole", "plain class whole"])
def test_half_precision(start_server, tmp_path, name, dtype):
    """The expected vectors are computed in fp32 from the half-precision weights."""
    saving = SAVINGS[name]
    folder = save_base(tmp_path / "model")
    AutoModel.from_pretrained(folder).to(dtype).save_pretrained(folder)
    model = with_adapters(saving.load(folder), SHORT).to(dtype)
    saving.save(model, folder)
    assert_serves(start_server, folder, uses(SHORT), reference(model.float(), folder))


def test_loaded_again_and_saved_again(start_server, tmp_path):
    """Adapters that one user saved separately are loaded by another one and saved together."""
    folder = save_base(tmp_path / "model")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), SHORT, heads=True)
    apart(use_safetensors=True)(model, folder)
    again = AutoAdapterModel.from_pretrained(folder)
    for name in SHORT:
        again.load_adapter(str(folder / "adapters" / name), use_safetensors=True, load_as=name)
    other = shutil.copytree(folder, tmp_path / "other")
    shutil.rmtree(other / "adapters")
    whole()(again, other)
    assert_serves(start_server, other, uses(SHORT), reference(model, folder))


def test_adapters_are_named_as_they_are_loaded(start_server, tmp_path):
    """Adapters that were trained under codes, in folders named as the hub's repositories."""
    folder = save_base(tmp_path / "model")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), CODES)
    for code, name in zip(CODES, HUB, strict=True):
        path = folder / "adapters" / name
        path.mkdir(parents=True)
        model.save_adapter(str(path), code)
    assert_serves(start_server, folder, uses(CODES), reference(model, folder))


@pytest.mark.parametrize("safe", [False, True], ids=["bin", "safetensors"])
def test_converted_of_the_base_and_adapters_that_lie_elsewhere(
    command, start_server, tmp_path, safe
):
    folder = save_base(tmp_path / "base")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), HUB)
    model.save_all_adapters(str(tmp_path / "hub"), use_safetensors=safe)
    words = [
        word
        for (task, role), name in uses(HUB).items()
        for word in ("--expert", f"{task}:{role}={tmp_path / 'hub' / name}")
    ]
    expected = reference(model, folder)
    for precision in ("fp32", "int8"):
        file = tmp_path / f"{precision}.scimult"
        command("convert", folder, "-o", file, "--precision", precision, *words).succeed()
        server = start_server(model=file, admin="off")
        with Client(server.grpc) as client:
            for (task, role), name in uses(HUB).items():
                got = client.encode(DOCUMENTS, task=task, role=role)
                wanted = expected(name)
                if precision == "fp32":
                    np.testing.assert_allclose(got, wanted, rtol=0, atol=5e-5)
                lengths = np.linalg.norm(got, axis=1) * np.linalg.norm(wanted, axis=1)
                assert ((got * wanted).sum(axis=1) / lengths).min() > 0.99


def test_scimult_json_says_which_adapter_serves_what(start_server, tmp_path):
    """With custom adapter names, and with the plain base."""
    folder = save_base(tmp_path / "model")
    names = ("papers", "questions")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), names)
    together()(model, folder)
    experts = {
        "search": {"query": "questions", "candidate": "papers"},
        "link_prediction": "papers",
        "reviewers": {"query": None, "candidate": "papers"},
        "classification": None,
    }
    (folder / "scimult.json").write_text(json.dumps({"experts": experts}))
    chosen: dict[Use, str | None] = {}
    for task, expert in experts.items():
        for role in ("query", "candidate"):
            chosen[task, role] = expert[role] if isinstance(expert, dict) else expert
    assert_serves(start_server, folder, chosen, reference(model, folder))
