"""Candidates in the order of their scores, also where several requests brought them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from . import documents
from ._generated import scimult_pb2 as pb

#: More than a result's tags, lengths, index and score take on the wire, in bytes.
ENVELOPE_BYTES = 40


@dataclass(frozen=True)
class RankedCandidate:
    """A candidate and its score for a query."""

    #: Place in the candidates as they were passed, from 0.
    index: int
    #: The candidate's own id; empty where it had none.
    id: str
    #: The query's similarity, larger is better.
    score: float
    #: The candidate itself, where ``return_documents`` asked for it.
    document: documents.Paper | documents.Text | None = None


def from_message(message: pb.RankedCandidate) -> RankedCandidate:
    """The candidate that a message holds."""
    document = documents.from_message(message.document) if message.HasField("document") else None
    return RankedCandidate(message.index, message.id, message.score, document)


def shift(candidate: RankedCandidate, offset: int) -> RankedCandidate:
    """A candidate whose place counts from the first of all candidates, not from its request's."""
    return replace(candidate, index=candidate.index + offset)


def best(candidates: Iterable[RankedCandidate], top_k: int | None) -> list[RankedCandidate]:
    """Best first, ties by index: all, or the first ``top_k``."""
    order = sorted(candidates, key=lambda candidate: (-candidate.score, candidate.index))
    return order[:top_k]
