"""A pair of encoders like MedCPT's, as transformers saves and reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from scimult import Client
from served import INT8_COSINE_MIN, VALUE_ERROR_MAX
from small_base import DOCUMENTS, save_base

TASKS = ("search", "link_prediction", "classification")
#: For a small pair; MedCPT's are 64 and 512.
LIMITS = {"query": 24, "candidate": 128}
FOLDERS = {"query": "query-encoder", "candidate": "article-encoder"}

PAPERS = [one for one in DOCUMENTS if isinstance(one, dict)]
TEXTS = [one for one in DOCUMENTS if isinstance(one, str)] + ["a study of wind and ferns " * 9]


def save_pair(folder: Path, names: dict[str, str] = FOLDERS) -> dict[str, Path]:
    """Saves both encoders, each with a tokenizer."""
    return {role: save_base(folder / name, role) for role, name in names.items()}


def encoded(encoder: Path, documents: list[Any], limit: int) -> np.ndarray:
    """Encodes as in MedCPT's model cards: an article is a pair of its title and its abstract."""
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    model = AutoModel.from_pretrained(encoder).eval()
    texts = [one if isinstance(one, str) else [one["title"], one["abstract"]] for one in documents]
    inputs = tokenizer(texts, truncation=True, padding=True, return_tensors="pt", max_length=limit)
    with torch.no_grad():
        return model(**inputs).last_hidden_state[:, 0, :].numpy()


def assert_serves(start_server: Any, folder: Path, encoders: dict[str, Path], limits: dict) -> None:
    for precision in ("fp32", "int8"):
        server = start_server("--precision", precision, model=folder, admin="off")
        with Client(server.grpc) as client:
            for documents in (TEXTS, PAPERS):
                for task in TASKS:
                    for role, encoder in encoders.items():
                        got = client.encode(documents, task=task, role=role)
                        wanted = encoded(encoder, documents, limits[role])
                        about = f"{precision} {task} {role}"
                        assert_near(got, wanted, precision, about)
        server.stop()


def assert_near(got: np.ndarray, wanted: np.ndarray, precision: str, about: str) -> None:
    if precision == "fp32":
        np.testing.assert_allclose(got, wanted, rtol=0, atol=VALUE_ERROR_MAX, err_msg=about)
    lengths = np.linalg.norm(got, axis=1) * np.linalg.norm(wanted, axis=1)
    assert ((got * wanted).sum(axis=1) / lengths).min() >= INT8_COSINE_MIN, about


def test_a_pair(start_server, tmp_path):
    folder = tmp_path / "model"
    encoders = save_pair(folder)
    settings = {"encoders": FOLDERS, "papers": "pair", "max_tokens": LIMITS}
    (folder / "scimult.json").write_text(json.dumps(settings))
    assert_serves(start_server, folder, encoders, LIMITS)


def test_medcpt_s_own_names_tell_the_limits(start_server, tmp_path):
    """64 tokens of a query and 512 of an article; these encoders have 128 positions."""
    folder = tmp_path / "model"
    names = {"query": "MedCPT-Query-Encoder", "candidate": "MedCPT-Article-Encoder"}
    encoders = save_pair(folder, names)
    (folder / "scimult.json").write_text(json.dumps({"encoders": names, "papers": "pair"}))
    assert_serves(start_server, folder, encoders, {"query": 64, "candidate": 128})


def test_ranking(start_server, tmp_path):
    folder = tmp_path / "model"
    encoders = save_pair(folder)
    settings = {"encoders": FOLDERS, "papers": "pair", "max_tokens": LIMITS}
    (folder / "scimult.json").write_text(json.dumps(settings))
    query = "graph models for papers"
    asked = encoded(encoders["query"], [query], LIMITS["query"])[0]
    expected = encoded(encoders["candidate"], PAPERS, LIMITS["candidate"]) @ asked
    server = start_server("--precision", "fp32", model=folder, admin="off")
    with Client(server.grpc) as client:
        results = client.rank(query, PAPERS, task="search")
    got = {result.index: result.score for result in results}
    np.testing.assert_allclose(
        [got[index] for index in range(len(PAPERS))], expected, rtol=0, atol=5e-3
    )


def test_other_vocabularies_are_refused(command, tmp_path):
    folder = tmp_path / "model"
    save_pair(folder)
    vocabulary = folder / FOLDERS["candidate"] / "vocab.txt"
    lines = vocabulary.read_text(encoding="utf-8").splitlines()
    lines[-1], lines[-2] = lines[-2], lines[-1]
    vocabulary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / FOLDERS["candidate"] / "tokenizer.json").unlink()
    (folder / "scimult.json").write_text(json.dumps({"encoders": FOLDERS}))
    line = command("inspect", folder).fail_in_one_line(1)
    assert FOLDERS["candidate"] in line
    assert "vocabulary" in line


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_put_together_by_convert(command, start_server, tmp_path, precision):
    """The first encoder's folder is the model, and the other one is an expert."""
    encoders = save_pair(tmp_path)
    words = [
        word
        for task in TASKS
        for role, encoder in encoders.items()
        for word in ("--expert", f"{task}:{role}={encoder}")
    ]
    file = tmp_path / "model.scimult"
    model = encoders["query"]
    command("convert", model, "-o", file, "--precision", precision, *words).succeed()
    server = start_server(model=file, admin="off")
    with Client(server.grpc) as client:
        for role, encoder in encoders.items():
            got = client.encode(TEXTS, task="search", role=role)
            assert_near(got, encoded(encoder, TEXTS, 128), precision, role)
