"""scimult.v1.SciMult/Encode."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from protocol import GRPCProtocol
from shared.batches import FloatArray

from scimult._generated import scimult_pb2 as pb


class EncodeProtocol(GRPCProtocol):
    """scimult's API, implemented by any server."""

    path = "/scimult.v1.SciMult/Encode"

    def message(self, texts: Sequence[str]) -> bytes:
        request = pb.EncodeRequest(task=pb.TASK_SEARCH, normalize=True)
        request.documents.extend(pb.Document(text=text) for text in texts)
        return request.SerializeToString()

    def vectors(self, reply: bytes) -> FloatArray:
        response = pb.EncodeResponse.FromString(reply)
        return np.array([embedding.values for embedding in response.embeddings], np.float32)
