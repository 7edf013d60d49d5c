"""Whether a server's embeddings are those of the model."""

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
"""Every int8 engine keeps more; a wrong pooling keeps less."""

COSINE_MIN = 0.5
"""Of a single text: int8 spoils a few where outliers are cut, and a wrong text keeps less."""


@dataclass(frozen=True)
class Reference:
    """Embeddings in fp32, rows of length one, by their texts."""

    vectors: dict[str, FloatArray]

    def cosines(self, texts: Sequence[Text], vectors: FloatArray) -> FloatArray:
        """Of what a server gave for these texts; raises AbsentError where it answers others."""
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
    """Sends each request once by a real client: files to send again, and cosines to fp32."""
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
