"""Checks that a server's embeddings are the model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from contestant import Contestant
from h2load import Request
from shared.batches import FloatArray
from shared.processes import AbsentError
from traffic import Text, Traffic

COSINE_MEDIAN_MIN = 0.95
"""Every int8 engine reaches more; a wrong pooling reaches less."""

COSINE_MIN = 0.5
"""For a single text: int8 with clipped outliers reduces a few, and a wrong text reaches less."""


@dataclass(frozen=True)
class Reference:
    """Embeddings in fp32, rows of length one, by their texts."""

    vectors: dict[str, FloatArray]

    def cosines(self, texts: Sequence[Text], vectors: FloatArray) -> FloatArray:
        """Returns the cosines of a server's vectors; raises AbsentError if it returned others."""
        expected = np.stack([self.vectors[text.text] for text in texts])
        if vectors.shape != expected.shape:
            raise AbsentError(f"embeddings have shape {vectors.shape}, not {expected.shape}")
        lengths = np.linalg.norm(vectors, axis=1)
        cosines = np.asarray((vectors * expected).sum(1) / lengths, np.float32)
        if not cosines.min() > COSINE_MIN:
            raise AbsentError(f"a cosine to fp32 is {cosines.min():.3f}: not the text's")
        return cosines


def validated_requests(
    contestant: Contestant, traffic: Traffic, reference: Reference
) -> tuple[list[Request], FloatArray]:
    """Sends each request once with a real client; returns files to resend, and cosines to fp32."""
    requests: list[Request] = []
    cosines: list[FloatArray] = []
    for texts in traffic.requests:
        request, vectors = contestant.request(texts)
        requests.append(request)
        cosines.append(reference.cosines(texts, vectors))
    all_cosines = np.concatenate(cosines)
    if not np.median(all_cosines) > COSINE_MEDIAN_MIN:
        median = float(np.median(all_cosines))
        raise AbsentError(f"the median cosine to fp32 is {median:.3f}: not the model's")
    return requests, all_cosines
