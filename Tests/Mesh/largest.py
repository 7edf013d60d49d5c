"""The largest request that a server accepts."""

from __future__ import annotations

from scimult._generated import scimult_pb2 as pb

#: The default of `--max-message-bytes`.
MESSAGE_BYTES_MAX = 4_194_304


def largest_request() -> pb.EncodeRequest:
    """Returns a request of exactly the maximum size, with one text."""
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="a")])
    document = request.documents[0]
    # Twice, because the length prefixes of a longer text are longer, too.
    for _ in range(2):
        missing = MESSAGE_BYTES_MAX - request.ByteSize()
        document.text = "a" * (len(document.text) + missing)
    assert request.ByteSize() == MESSAGE_BYTES_MAX
    return request
