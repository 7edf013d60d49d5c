"""inference.GRPCInferenceService/ModelInfer, the protocol of Triton."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from protocol import GRPCProtocol
from shared.batches import FloatArray


class KServeProtocol(GRPCProtocol):
    """A model named `encoder` that reads `texts` and returns `embeddings`."""

    path = "/inference.GRPCInferenceService/ModelInfer"

    def message(self, texts: Sequence[str]) -> bytes:
        request = messages().ModelInferRequest(model_name="encoder")
        request.inputs.add(name="texts", datatype="BYTES", shape=[len(texts), 1])
        encoded = [text.encode() for text in texts]
        parts = [struct.pack("<I", len(text)) + text for text in encoded]
        request.raw_input_contents.append(b"".join(parts))
        serialized: bytes = request.SerializeToString()
        return serialized

    def vectors(self, reply: bytes) -> FloatArray:
        response = messages().ModelInferResponse.FromString(reply)
        (embeddings,) = response.raw_output_contents
        return np.frombuffer(embeddings, "<f4").reshape(response.outputs[0].shape)


def messages() -> Any:
    """Returns the generated module of Triton's client."""
    return import_module("tritonclient.grpc.service_pb2")
