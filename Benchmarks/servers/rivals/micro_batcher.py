"""A queue that joins requests: those that arrive while the engine runs are run together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

from embedder import Embedder
from shared.batches import FloatArray

TEXTS_PER_PASS = 64
"""Enough to sort by length. With more, the first texts would wait for the last."""

Embedded = tuple[FloatArray, list[int]]


@dataclass(frozen=True)
class Request:
    """Texts, and the future of their embeddings."""

    texts: Sequence[str]
    embedded: Future[Embedded] = field(default_factory=Future)


class MicroBatcher:
    """Runs an embedder on a separate thread, for any number of calling threads."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.waiting: SimpleQueue[Request] = SimpleQueue()
        Thread(target=self.run, daemon=True).start()

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Returns vectors of length one, and tokens, as `Embedder.embed`."""
        request = Request(texts)
        self.waiting.put(request)
        return request.embedded.result()

    def run(self) -> None:
        """Serves requests forever."""
        while True:
            requests = self.next_requests()
            try:
                texts = [text for request in requests for text in request.texts]
                vectors, tokens = self.embedder.embed(texts)
            except Exception as error:
                for request in requests:
                    request.embedded.set_exception(error)
                continue
            start = 0
            for request in requests:
                part = slice(start, start + len(request.texts))
                request.embedded.set_result((vectors[part], tokens[part]))
                start = part.stop

    def next_requests(self) -> list[Request]:
        """Waits for a request, and returns it with all others that have arrived."""
        requests = [self.waiting.get()]
        while sum(len(request.texts) for request in requests) < TEXTS_PER_PASS:
            try:
                requests.append(self.waiting.get_nowait())
            except Empty:
                break
        return requests
