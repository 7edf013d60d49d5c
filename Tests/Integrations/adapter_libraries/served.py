"""Compares a real server's results for a folder with the library's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from scimult import Client
from small_base import DOCUMENTS

# Batches contain texts of other lengths, and sums are computed in a different order.
VALUE_ERROR_MAX = 5e-5
INT8_COSINE_MIN = 0.99

ROLES = ("query", "candidate")

Use = tuple[str, str]
#: A library's vectors of the documents, by an adapter's name; None for the base without adapters.
Reference = Callable[[str | None], np.ndarray]


def for_all(adapter: str | None) -> dict[Use, str | None]:
    """Returns one adapter for every task and role of the API."""
    tasks = ("search", "link_prediction", "classification")
    return {(task, role): adapter for task in tasks for role in ROLES}


def served(server: Any, uses: Mapping[Use, Any]) -> dict[Use, np.ndarray]:
    """Returns vectors of the documents by task and role, requested concurrently."""
    with Client(server.grpc) as client, ThreadPoolExecutor(len(uses)) as pool:
        vectors = pool.map(lambda use: client.encode(DOCUMENTS, task=use[0], role=use[1]), uses)
        return dict(zip(uses, vectors, strict=True))


def assert_serves(
    start_server: Any, model: Path, uses: Mapping[Use, str | None], reference: Reference
) -> None:
    """Checks each task's and role's vectors: equal in fp32, and close in int8."""
    expected = {adapter: reference(adapter) for adapter in {*uses.values(), None}}
    for adapter in expected.keys() - {None}:
        # A missing adapter would be noticed.
        distances = np.abs(expected[adapter] - expected[None]).max(axis=1)
        assert distances.min() > 1000 * VALUE_ERROR_MAX, adapter
    server = start_server("--precision", "fp32", model=model, admin="off")
    for use, vectors in served(server, uses).items():
        np.testing.assert_allclose(
            vectors, expected[uses[use]], rtol=0, atol=VALUE_ERROR_MAX, err_msg=str(use)
        )
    server.stop()
    server = start_server("--precision", "int8", model=model, admin="off")
    for use, vectors in served(server, uses).items():
        wanted = expected[uses[use]]
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted, axis=1)
        cosines = (vectors * wanted).sum(axis=1) / lengths
        assert cosines.min() >= INT8_COSINE_MIN, (use, cosines)
    server.stop()
