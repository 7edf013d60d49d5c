"""A model whose results for one word are not finite."""

from __future__ import annotations

import json
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from scimult._generated import scimult_pb2 as pb

from .calls import encode, failure
from .server import ServerProcess

#: In the vocabulary, and in no text that should be encoded.
WORD = "ferns"

#: Finite, as weights must be, but a row of these values has no finite sum.
HUGE = struct.pack("<f", 3e38)[2:]

TENSOR = "embeddings.word_embeddings.weight"


def poison(model: Path, folder: Path) -> Path:
    """Copies a model of bf16 safetensors, with the row of one word overwritten."""
    shutil.copytree(model, folder)
    vocabulary = (folder / "vocab.txt").read_text().splitlines()
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    entry = json.loads(content[8 : 8 + length])[TENSOR]
    assert entry["dtype"] == "BF16"
    columns = entry["shape"][1]
    begin = 8 + length + entry["data_offsets"][0] + vocabulary.index(WORD) * columns * 2
    content[begin : begin + columns * 2] = HUGE * columns
    file.write_bytes(content)
    return folder


def request(number: int, *further: str) -> pb.EncodeRequest:
    """Returns a request that is unique for each number, with additional texts."""
    texts = [f"spores in wind {number}", *further, "graph models"]
    return pb.EncodeRequest(
        request_id=str(number),
        task=pb.TASK_SEARCH,
        documents=[pb.Document(text=text) for text in texts],
    )


#: Of the three documents, the second cannot be encoded.
POISONED = request(-1, f"slopes of {WORD}")


def poison_among_calls(server: ServerProcess, count: int, at_once: int) -> int:
    """Makes calls, of which each third is poisoned, and checks that only these fail.

    The others have the same responses as alone, to the bit. Returns the number of failures.
    """
    with server.channel() as channel:
        alone = {number: encode(channel, request(number)) for number in range(count) if number % 3}

    def client(first: int) -> int:
        failed = 0
        with server.channel() as channel:
            for number in range(first, count, at_once):
                if number % 3:
                    assert encode(channel, request(number)) == alone[number]
                else:
                    _expect_refusal(server, channel)
                    failed += 1
        return failed

    with ThreadPoolExecutor(at_once) as pool:
        return sum(pool.map(client, range(at_once)))


def _expect_refusal(server: ServerProcess, channel: grpc.Channel) -> None:
    refused = failure(channel, "Encode", POISONED)
    assert refused.code is grpc.StatusCode.INTERNAL
    assert "documents[1]" in refused.message
    fault = refused.message.rpartition(" ")[2]
    server.wait_for_log(fault)
