"""A TCP proxy that delays, cuts and corrupts data."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType

PART_BYTES = 2_048


@dataclass(frozen=True)
class Harm:
    """The faults of connections; none by default."""

    #: The maximum delay of a chunk.
    delay_seconds: float = 0
    #: A connection is closed after at most this many bytes in one direction.
    cut_after_bytes: int | None = None
    #: The probability that a bit of a chunk is flipped.
    corruption: float = 0
    #: The number of connections that are cut, counted from the first; all by default.
    cut_connections: int | None = None


class Proxy:
    """Forwards connections from its own port, in a thread, until the with statement ends."""

    def __init__(self, host: str, port: int, harm: Harm, seed: int) -> None:
        self._target = (host, port)
        self._harm = harm
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run)
        self._listening = Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections = 0
        #: The address for clients.
        self.address = ""
        #: The number of connections that were cut, and of chunks that were corrupted.
        self.cuts = 0
        self.corruptions = 0

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listener = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        host, port = listener.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        self._listening.set()
        self._loop.run_forever()
        listener.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._connections += 1
        cut = self._harm.cut_connections
        is_cut = cut is None or self._connections <= cut
        with suppress(ConnectionError):
            near, far = await asyncio.open_connection(*self._target)
            ways = [
                asyncio.create_task(self._pass_on(reader, far, is_cut)),
                asyncio.create_task(self._pass_on(near, writer, is_cut)),
            ]
            # If one side closes, or the proxy cuts, both directions end.
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                far.transport.abort()
        writer.transport.abort()

    def _bytes_before_the_cut(self) -> int | None:
        limit = self._harm.cut_after_bytes
        return None if limit is None else self._chance.randint(0, limit)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_cut: bool
    ) -> None:
        left = self._bytes_before_the_cut() if is_cut else None
        with suppress(ConnectionError):
            while part := bytearray(await reader.read(PART_BYTES)):
                if self._harm.delay_seconds:
                    await asyncio.sleep(self._chance.uniform(0, self._harm.delay_seconds))
                if self._chance.random() < self._harm.corruption:
                    part[self._chance.randrange(len(part))] ^= 1 << self._chance.randrange(8)
                    self.corruptions += 1
                if left is not None:
                    part = part[:left]
                    left -= len(part)
                writer.write(part)
                await writer.drain()
                if left == 0:
                    self.cuts += 1
                    return
