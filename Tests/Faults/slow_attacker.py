#!/usr/bin/env python3
"""Holds many slow connections of one kind, and replaces each that the server ends.

    slow_attacker.py HOST PORT KIND CONNECTIONS

Prints a line when all are open. At SIGTERM, prints as JSON how many the server has ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator

from harness.attacks import CALL, opened
from harness.frames import ACK, END_HEADERS, data, headers, settings
from harness.innocent import REQUEST
from harness.raw_http2 import PREFACE
from harness.wire import frame

#: Seconds between two bytes.
PAUSE_SECONDS = 0.5

HANDSHAKE = PREFACE + settings() + settings(flags=ACK)
MESSAGE = frame(REQUEST.SerializeToString())


def slow_preface() -> Iterator[bytes]:
    return (PREFACE[place : place + 1] for place in range(len(PREFACE)))


def slow_headers() -> Iterator[bytes]:
    yield HANDSHAKE
    block = headers(1, CALL, END_HEADERS)
    yield from (block[place : place + 1] for place in range(len(block)))


def slow_message() -> Iterator[bytes]:
    yield HANDSHAKE + opened(1)
    yield from (data(1, MESSAGE[place : place + 1], 0) for place in range(len(MESSAGE)))


def zero_window() -> Iterator[bytes]:
    """Asks for answers and never opens the window for them."""
    yield PREFACE + settings((4, 0)) + settings(flags=ACK)
    for stream in range(1, 9, 2):
        yield opened(stream) + data(stream, MESSAGE)


KINDS = {
    "preface": slow_preface,
    "headers": slow_headers,
    "message": slow_message,
    "window": zero_window,
}


async def hold(host: str, port: int, kind: str) -> None:
    """Holds one connection until the server ends it."""
    reader, writer = await asyncio.open_connection(host, port)
    dripping = asyncio.create_task(drip(writer, KINDS[kind]()))
    try:
        while await reader.read(1 << 16):
            pass
    except ConnectionError:
        pass
    finally:
        dripping.cancel()
        writer.transport.abort()


async def drip(writer: asyncio.StreamWriter, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(PAUSE_SECONDS)


async def main() -> None:
    host, port, kind, connections = sys.argv[1:]
    os.nice(19)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    ended = 0

    async def hold_again_and_again() -> None:
        nonlocal ended
        while not stopped.is_set():
            await hold(host, int(port), kind)
            ended += 1

    holders = [asyncio.create_task(hold_again_and_again()) for _ in range(int(connections))]
    print("at work", flush=True)
    # The server promises to end the open connections, too.
    await asyncio.gather(*holders)
    print(json.dumps(ended))


if __name__ == "__main__":
    asyncio.run(main())
