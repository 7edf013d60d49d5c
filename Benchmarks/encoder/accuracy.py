"""The accuracy of int8 engines' embeddings, compared with PyTorch in fp32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from contestant import Contestant, Texts
from shared.batches import FloatArray
from shared.peers.registry import Peer
from shared.pooling import normalized
from shared.processes import AbsentError

REFERENCE = Peer("pytorch", "fp32")


@dataclass(frozen=True)
class Accuracy:
    """Cosines with the reference, and the largest error of the similarity of two texts."""

    texts: int
    mean_cosine: float
    min_cosine: float
    max_similarity_error: float

    @classmethod
    def of(cls, vectors: FloatArray, reference: FloatArray) -> Accuracy:
        """Compares rows of length one."""
        cosines = (vectors.astype(np.float64) * reference).sum(1)
        errors = np.abs(vectors @ vectors.T - reference @ reference.T)
        return cls(len(vectors), float(cosines.mean()), float(cosines.min()), float(errors.max()))

    def as_json(self) -> dict[str, Any]:
        """Returns the fields as JSON; the keys are their names."""
        return asdict(self)


def measure_accuracy(
    texts: Texts,
    reference: Contestant,
    contestants: Sequence[Contestant],
    say: Callable[[str], None],
) -> dict[str, Accuracy]:
    """Returns the accuracy of each engine that can run, by name."""
    found: dict[str, Accuracy] = {}
    try:
        truth = embeddings(reference, texts, say)
    except AbsentError as error:
        say(f"no accuracy without {reference.name}: {error}")
        return found
    for contestant in contestants:
        try:
            found[contestant.name] = Accuracy.of(embeddings(contestant, texts, say), truth)
        except AbsentError as error:
            say(f"no accuracy of {contestant.name}: {error}")
    return found


def embeddings(contestant: Contestant, texts: Texts, say: Callable[[str], None]) -> FloatArray:
    """Returns a normalised vector for each text."""
    say(f"accuracy of {contestant.name}")
    output = texts.sequences.with_suffix(".npy")
    try:
        contestant.start()
        contestant.embed(texts, output)
    finally:
        contestant.close()
    return normalized(np.load(output))
