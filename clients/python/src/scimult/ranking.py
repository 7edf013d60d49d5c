"""Orders candidates by their scores, even if they come from several requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from . import documents
from ._generated import scimult_pb2 as pb

#: An upper bound for a result's tags, lengths, index and score on the wire, in bytes.
RESULT_ENVELOPE_BYTES = 40


@dataclass(frozen=True)
class RankedCandidate:
    """A candidate with its score for a query."""

    #: Position in the input, from 0.
    index: int
    #: The candidate's id; empty if it has none.
    id: str
    #: Similarity to the query; larger is better.
    score: float
    #: The candidate itself, if ``return_documents`` is set.
    document: documents.Paper | documents.Text | None = None


class Ranking:
    """The results of one or several requests: best first, ties by index."""

    def __init__(self, top_k: int | None) -> None:
        """Keeps all candidates, or the best ``top_k``."""
        self._top_k = top_k
        self._scores: dict[bytes, float] = {}
        self.candidates: list[RankedCandidate] = []

    def add(
        self,
        first_index: int,
        sent: Sequence[pb.Document],
        results: Iterable[pb.RankedCandidate],
    ) -> None:
        """Adds a request's results; ``first_index`` is the position of its first candidate."""
        for result in results:
            has_document = result.HasField("document")
            self.candidates.append(
                RankedCandidate(
                    index=first_index + result.index,
                    id=result.id,
                    score=self._agreed_score(sent[result.index], result.score),
                    document=documents.from_message(result.document) if has_document else None,
                )
            )
        self.candidates.sort(key=lambda candidate: (-candidate.score, candidate.index))
        self.candidates = self.candidates[: self._top_k]

    def _agreed_score(self, candidate: pb.Document, score: float) -> float:
        """Returns the first score of a candidate with this content.

        In different requests the scores of equal texts may differ by a rounding error, which must
        not break their tie.
        """
        content = pb.Document()
        content.CopyFrom(candidate)
        content.ClearField("id")
        digest = blake2b(content.SerializeToString(), digest_size=16).digest()
        return self._scores.setdefault(digest, score)
