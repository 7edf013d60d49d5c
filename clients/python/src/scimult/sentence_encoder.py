"""The interface of sentence-transformers' models, with a server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .arguments import check_flag, check_whole, check_word
from .client import Client, to_client
from .documents import Document, is_one_document
from .embeddings import Embeddings
from .similarity import of_length_one, scores, scores_of_pairs
from .vocabulary import Role, Task, role_number, task_fields

#: The server applies prompts by role: the role for each name of a prompt.
_ROLES_OF_PROMPTS: dict[str, Role] = {
    "query": "query",
    "document": "candidate",
    "passage": "candidate",
    "corpus": "candidate",
}

_PRECISIONS = ("float32", "binary", "ubinary")


class SentenceEncoder:
    """Can be used in place of a ``sentence_transformers.SentenceTransformer``.

    >>> encoder = SentenceEncoder("localhost:50051", task="search")
    >>> encoder.encode(["graph neural networks"]).shape
    (1, 384)

    Its methods take the arguments of a ``SentenceTransformer``. Arguments that a server cannot
    support, such as a custom prompt, are refused rather than ignored.
    """

    def __init__(
        self,
        server: Client | str | Sequence[str],
        *,
        task: Task,
        role: Role = "query",
        truncate_dim: int | None = None,
        **options: Any,
    ) -> None:
        """Embeds for a task.

        Args:
            server: A client, or a target of :class:`Client`.
            task: The task, as for :meth:`Client.encode`.
            role: The role in which :meth:`encode` embeds.
            truncate_dim: How many of an embedding's numbers are kept; all by default.
            options: Options of :class:`Client`, such as ``token``, if ``server`` is a target.
        """
        task_fields(task)
        role_number(role)
        self._truncate_dim = _checked_width(truncate_dim)
        self.client = to_client(server, options)
        self._task = task
        self._role: Role = role
        #: Evaluators store their results here.
        self.model_card_data = _ModelCardData()

    def encode(
        self,
        sentences: Document | Sequence[Document] | None = None,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        output_value: str = "sentence_embedding",
        precision: str | None = "float32",
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        device: Any = None,
        normalize_embeddings: bool | None = False,
        truncate_dim: int | None = None,
        pool: None = None,
        chunk_size: int | None = None,
        *,
        inputs: Document | Sequence[Document] | None = None,
        role: Role | None = None,
    ) -> Any:
        """Embeds one sentence, or many of them.

        Args:
            sentences: A str, or another document that :class:`Client` takes; or a sequence of them.
            prompt_name: ``"query"``, or ``"document"`` or ``"passage"``: the role whose prompt the
                server applies.
            prompt: None or empty: the server applies the model's own prompts.
            batch_size: The maximum number of sentences in a request.
            show_progress_bar: By default if standard error is a terminal and tqdm is installed.
            output_value: ``"sentence_embedding"``.
            precision: ``"float32"``, ``"binary"`` or ``"ubinary"``.
            convert_to_numpy: ``False`` for a list of torch tensors, one for each sentence.
            convert_to_tensor: For one torch tensor; it overrides ``convert_to_numpy``.
            device: The device of torch tensors; the model stays on the server.
            normalize_embeddings: Whether to scale embeddings to length 1.
            truncate_dim: How many of an embedding's numbers are kept, instead of the encoder's own.
            pool, chunk_size: Process pools are not supported: ``pool`` must be None.
            inputs: The newer name of ``sentences``.
            role: Instead of the encoder's own.

        Returns:
            Array (n, d), float32; for one sentence (d,).
        """
        given = _the_one_given(sentences, inputs)
        check_word("output_value", output_value, ("sentence_embedding",))
        _check_one_place(pool, device)
        precision = check_word("precision", precision or "float32", _PRECISIONS)
        width = _checked_width(truncate_dim) or self._truncate_dim
        normalize = check_flag("normalize_embeddings", normalize_embeddings or False)
        is_one = is_one_document(given)
        rows = [
            row.embedding
            for row in self.client.encode_iter(
                [given] if is_one else given,
                task=self._task,
                role=_role(prompt_name, prompt, role) or self._role,
                # A truncated embedding is scaled to length 1 after truncation.
                normalize=normalize and width is None,
                documents_per_request=check_whole("batch_size", batch_size, 1),
                progress=_can_show_progress() if show_progress_bar is None else show_progress_bar,
            )
            if row.embedding is not None
        ]
        embeddings: Any = _quantized(self._array(rows, width, normalize), precision)
        if convert_to_tensor or not convert_to_numpy:
            embeddings = _tensor(embeddings, device)
        if is_one:
            return embeddings[0]
        return embeddings if convert_to_tensor or convert_to_numpy else [*embeddings]

    def encode_query(
        self, sentences: Document | Sequence[Document] | None = None, *words: Any, **options: Any
    ) -> Any:
        """:meth:`encode` in the role of queries."""
        return self.encode(sentences, *words, **_with_role("query", words, options))

    def encode_document(
        self, sentences: Document | Sequence[Document] | None = None, *words: Any, **options: Any
    ) -> Any:
        """:meth:`encode` in the role of candidates."""
        return self.encode(sentences, *words, **_with_role("candidate", words, options))

    def similarity(self, left: Any, right: Any) -> Any:
        """Returns scores (n, m) of n embeddings with m others, compared as the model does.

        The result is a tensor for torch tensors, and an array for arrays.
        """
        return scores(left, right, is_cosine=self._is_cosine)

    def similarity_pairwise(self, left: Any, right: Any) -> Any:
        """Returns scores (n) of n pairs of embeddings."""
        return scores_of_pairs(left, right, is_cosine=self._is_cosine)

    @property
    def similarity_fn_name(self) -> str:
        """How the model compares embeddings: ``"cosine"`` or ``"dot"``."""
        return "cosine" if self._is_cosine else "dot"

    def get_embedding_dimension(self) -> int:
        """The number of values d of an embedding."""
        whole = self.client.model().dimensions
        return whole if self._truncate_dim is None else min(whole, self._truncate_dim)

    def get_sentence_embedding_dimension(self) -> int:
        """The number of values d of an embedding (older name)."""
        return self.get_embedding_dimension()

    @property
    def max_seq_length(self) -> int:
        """The maximum length of a text that the model reads, in tokens."""
        return self.client.model().max_tokens

    def get_max_seq_length(self) -> int:
        """The maximum length of a text that the model reads, in tokens."""
        return self.max_seq_length

    def eval(self) -> SentenceEncoder:
        """Returns the encoder itself, which is never in training mode."""
        return self

    @property
    def _is_cosine(self) -> bool:
        return self.client.model().similarity == "cosine"

    def _array(self, rows: list[Embeddings], width: int | None, normalize: bool) -> Embeddings:
        """Joins all rows into one array, and scales truncated ones to length 1 if asked to."""
        whole = (
            np.stack(rows) if rows else np.empty((0, self.client.model().dimensions), np.float32)
        )
        if width is None:
            return whole
        return of_length_one(whole[:, :width]) if normalize else whole[:, :width]


class _ModelCardData:
    """Accepts results from evaluators, which do not belong to a server's model."""

    def set_evaluation_metrics(self, *_: Any, **__: Any) -> None:
        """Ignores the results, which the evaluator also returns."""


def _the_one_given(sentences: Any, inputs: Any) -> Any:
    """Returns the sentences, passed by either name."""
    if (sentences is None) == (inputs is None):
        raise TypeError("expected sentences, or inputs in their place")
    return sentences if inputs is None else inputs


def _check_one_place(pool: object, device: object) -> None:
    """Raises ``ValueError`` if several processes or devices are to share the work."""
    if pool is not None:
        raise ValueError("pool is given: the server works in parallel, and takes no processes")
    if isinstance(device, (list, tuple)):
        raise ValueError(f"device is {device!r}: expected one device, where a tensor is put")


def _role(prompt_name: str | None, prompt: str | None, role: Role | None) -> Role | None:
    """Returns the role that the arguments select, if any."""
    if prompt:
        raise ValueError(
            f"prompt is {prompt!r}: the server puts the model's own prompts before texts, by their "
            "role; put other words there yourself"
        )
    if prompt_name is None:
        return role
    named = _ROLES_OF_PROMPTS[check_word("prompt_name", prompt_name, _ROLES_OF_PROMPTS)]
    if role is not None and role != named:
        raise ValueError(f"prompt_name is {prompt_name!r}, but role is {role!r}: give one of them")
    return named


def _with_role(role: Role, words: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    """Adds the role, unless a prompt's name selects one."""
    prompt_name = words[0] if words else options.get("prompt_name")
    return options if prompt_name is not None else {"role": role, **options}


def _checked_width(truncate_dim: int | None) -> int | None:
    return None if truncate_dim is None else check_whole("truncate_dim", truncate_dim, 1)


def _quantized(embeddings: Embeddings, precision: str) -> Embeddings:
    """Packs one bit for each number, 1 if above 0, eight bits in a byte."""
    if precision == "float32":
        return embeddings
    bits = np.packbits(embeddings > 0, axis=-1)
    return bits if precision == "ubinary" else (bits.astype(np.int16) - 128).astype(np.int8)


def _tensor(embeddings: Embeddings, device: Any) -> Any:
    import torch

    return torch.from_numpy(embeddings).to(device)


def _can_show_progress() -> bool:
    if not sys.stderr.isatty():
        return False
    try:
        import tqdm  # noqa: F401
    except ImportError:
        return False
    return True
