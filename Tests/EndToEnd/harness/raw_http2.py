"""An HTTP/2 connection that only transfers frames, without state and without corrections."""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from hyperframe.frame import DataFrame, Frame, PingFrame, RstStreamFrame, SettingsFrame

from .frames import ACK, ping, settings, window_update
from .server import ServerProcess

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

FRAME_HEADER_BYTES = 9

#: After this time of silence, no more frames are expected.
SILENCE_SECONDS_MAX = 5

MARK = b"reached?"


class Closed:
    """The server closed the connection."""

    def __repr__(self) -> str:
        return "connection closed"


class Silence:
    """No more frames arrived."""

    def __repr__(self) -> str:
        return "silence"


Event = Frame | Closed | Silence


@dataclass(frozen=True)
class Expected:
    """The expected next frame."""

    text: str
    #: True: as expected; False: can no longer arrive; None: not decisive, read on.
    judge: Callable[[Event], bool | None]


def first(kind: type[Frame], text: str, judge: Callable[[Any], bool]) -> Expected:
    """Expects the first frame of a kind."""
    return Expected(text, lambda event: judge(event) if isinstance(event, kind) else None)


SERVER_PREFACE = Expected(
    "SETTINGS as the first frame",
    lambda event: isinstance(event, SettingsFrame) and "ACK" not in event.flags,
)
SETTINGS_ACK = first(SettingsFrame, "SETTINGS ACK", lambda frame: "ACK" in frame.flags)


class RawConnection:
    """Sends frames to the server and reads its frames."""

    def __init__(self, server: ServerProcess, tls: ssl.SSLContext | None = None) -> None:
        address = (server.host, server.port)
        self._socket = socket.create_connection(address, SILENCE_SECONDS_MAX)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        self._received = bytearray()
        #: Received events that were not checked yet.
        self._unread: list[Event] = []
        #: All received events, for error messages.
        self.log: list[Event] = []

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, octets: bytes) -> None:
        """Sends bytes, even if the server has already closed the connection."""
        with suppress(ConnectionError, ssl.SSLError):
            self._socket.sendall(octets)

    def shake_hands(self) -> None:
        """Exchanges prefaces and settings acknowledgements."""
        self.send(PREFACE + settings() + settings(flags=ACK))
        self.expect(SERVER_PREFACE)
        self.expect(SETTINGS_ACK)

    def wait_until_read(self) -> None:
        """Returns once the server has read all bytes and its responses to them have arrived."""
        self.send(ping(MARK))
        seen: list[Event] = []
        while not (isinstance(event := self._next(), PingFrame) and event.opaque_data == MARK):
            seen.append(event)
            if isinstance(event, Closed | Silence):
                break
        self._unread = seen

    def expect(self, expected: Expected) -> None:
        """Reads until the result is decided, and asserts that it is as expected."""
        while (verdict := expected.judge(event := self._next())) is None:
            assert not isinstance(event, Closed | Silence), f"no {expected.text}; came {self.log}"
        assert verdict, f"not {expected.text}; came {self.log}"

    def read_to_end(self) -> list[Event]:
        """Reads until no more frames arrive, and returns all events."""
        events = [self._next()]
        while not isinstance(events[-1], Closed | Silence):
            events.append(self._next())
        return events

    def read_replies(
        self, streams: Iterable[int], *, opens_windows: bool, bytes_per_second: float = math.inf
    ) -> int:
        """Reads streams to their ends and returns the number of data bytes.

        With ``opens_windows`` the windows of the stream and the connection are extended for each
        frame.
        """
        waiting = set(streams)
        count = 0
        while waiting:
            event = self._next()
            assert not isinstance(event, Closed | Silence), f"{event} before the end of {waiting}"
            if isinstance(event, DataFrame) and event.data:
                length = len(event.data)
                count += length
                time.sleep(length / bytes_per_second)
                if opens_windows:
                    self.send(window_update(0, length) + window_update(event.stream_id, length))
            assert not isinstance(event, RstStreamFrame), f"{event} before the end of {waiting}"
            if "END_STREAM" in event.flags:
                waiting.discard(event.stream_id)
        return count

    def _next(self) -> Event:
        if self._unread:
            return self._unread.pop(0)
        event = self._read()
        self.log.append(event)
        return event

    def _read(self) -> Event:
        try:
            header = self._take(FRAME_HEADER_BYTES)
            frame, length = Frame.parse_frame_header(memoryview(header))
            frame.parse_body(memoryview(self._take(length)))
            return frame
        except TimeoutError:
            return Silence()
        except (ConnectionError, ssl.SSLError):
            return Closed()

    def _take(self, count: int) -> bytes:
        while len(self._received) < count:
            received = self._socket.recv(1 << 16)
            if not received:
                raise ConnectionResetError
            self._received += received
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken
