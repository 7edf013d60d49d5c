"""An encoder for MTEB's benchmarks with a server: ``pip install 'scimult[mteb]'``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from mteb.models.abs_encoder import AbsEncoder
from mteb.models.model_meta import ModelMeta, ScoringFunction
from mteb.types import PromptType

from .client import Client, to_client
from .documents import Document, Paper
from .vocabulary import Role, Task

#: The expert for each type of benchmark. Papers count as similar if they cite each other.
_TASKS: dict[str, Task] = {
    "Retrieval": "search",
    "Reranking": "search",
    "InstructionRetrieval": "search",
    "InstructionReranking": "search",
    "Classification": "classification",
    "MultilabelClassification": "classification",
    "Clustering": "classification",
}
_OTHER_TASK: Task = "link_prediction"


class ScimultEncoder(AbsEncoder):
    """A server's model.

    >>> mteb.evaluate(ScimultEncoder("localhost:50051"), mteb.get_tasks(["SCIDOCS"]))

    Texts of a corpus that have titles are encoded as papers, with title and abstract.
    """

    def __init__(
        self,
        server: Client | str | Sequence[str],
        *,
        task: Task | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        """Asks the server for its model.

        Args:
            server: A client, or a target of :class:`scimult.Client`.
            task: The expert. The default depends on the benchmark's type: search for retrieval and
                reranking, classification for classification and clustering, else link_prediction.
            name: The model's name in results, ``organization/model``; the server's name by default.
            options: Options of :class:`scimult.Client`, such as ``token``, for a target.
        """
        self.client = to_client(server, options)
        self._task = task
        model = self.client.model()
        is_cosine = model.similarity == "cosine"
        self.mteb_model_meta = ModelMeta.create_empty(
            {
                "name": name or f"scimult/{model.name}",
                "revision": model.precision,
                "max_tokens": model.max_tokens,
                "embed_dim": model.dimensions,
                "similarity_fn_name": (
                    ScoringFunction.COSINE if is_cosine else ScoringFunction.DOT_PRODUCT
                ),
            }
        )

    def encode(
        self,
        inputs: Any,
        *,
        task_metadata: Any,
        prompt_type: Any = None,
        **_: Any,
    ) -> Any:
        """Embeds the batches of a benchmark: array (n, d), float32."""
        role: Role = "candidate" if prompt_type == PromptType.document else "query"
        rows = self.client.encode_iter(
            _documents(inputs),
            task=self._task or _TASKS.get(task_metadata.type, _OTHER_TASK),
            role=role,
        )
        return np.stack([row.embedding for row in rows if row.embedding is not None])


def _documents(batches: Any) -> Iterator[Document]:
    for batch in batches:
        titles, bodies = batch.get("title"), batch.get("body")
        for place, text in enumerate(batch["text"]):
            if titles and bodies and titles[place]:
                yield Paper(titles[place], bodies[place] or "")
            else:
                yield text
