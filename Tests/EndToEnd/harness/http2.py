"""An HTTP/2 connection that a test controls completely."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

import h2.config
import h2.connection
import h2.events
import h2.settings
from h2.connection import ConnectionInputs, ConnectionState

from .server import ServerProcess
from .wire import frame

READ_SECONDS_MAX = 60

WINDOW_BYTES_MAX = (1 << 31) - 1

Headers = Sequence[tuple[str, str]]


@dataclass
class Response:
    """The data received so far on a stream."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    trailers: dict[str, str] = field(default_factory=dict)
    reset: int | None = None
    ended: bool = False

    @property
    def is_trailers_only(self) -> bool:
        """Whether status and headers came in one block, without data."""
        return "grpc-status" in self.headers

    def status(self) -> tuple[int, str]:
        """The gRPC status code and the message on the wire, which is percent-encoded."""
        fields = self.headers if self.is_trailers_only else self.trailers
        assert "grpc-status" in fields, f"no gRPC status: {self}"
        return int(fields["grpc-status"]), fields.get("grpc-message", "")


def grpc_headers(method: str, *further: tuple[str, str]) -> list[tuple[str, str]]:
    """Returns the headers of a call of the SciMult service."""
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/scimult.v1.SciMult/{method}"),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        *further,
    ]


def _connect(server: ServerProcess) -> socket.socket:
    if server.grpc.startswith("unix:"):
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(READ_SECONDS_MAX)
        connected.connect(server.grpc.removeprefix("unix:"))
        return connected
    connected = socket.create_connection((server.host, server.port), READ_SECONDS_MAX)
    # A ping after data must not wait for TCP acknowledgements of the data.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


class Http2Connection:
    """Sends given frames, even invalid ones, and reads the responses."""

    def __init__(self, server: ServerProcess, *, initial_window: int = WINDOW_BYTES_MAX) -> None:
        config = h2.config.H2Configuration(
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self._socket = _connect(server)
        self.h2 = h2.connection.H2Connection(config)
        self.responses: dict[int, Response] = {}
        #: The error code of a received GOAWAY.
        self.goaway: int | None = None
        #: Whether the server closed the connection.
        self.closed = False
        self._pings_acknowledged = 0
        # h2 treats GOAWAY as the end, but in HTTP/2 open streams may still finish.
        self.h2.state_machine._transitions = {
            **self.h2.state_machine._transitions,
            (ConnectionState.CLIENT_OPEN, ConnectionInputs.RECV_GOAWAY): (
                None,
                ConnectionState.CLIENT_OPEN,
            ),
        }
        # By default windows are large enough for every response, so reading needs no flow control.
        self.h2.local_settings = h2.settings.Settings(
            initial_values={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: initial_window}
        )
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(WINDOW_BYTES_MAX - 65_535)
        self._flush()

    def __enter__(self) -> Http2Connection:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def open(self, headers: Headers, body: bytes = b"", *, end: bool = True) -> int:
        """Starts a request and returns its stream."""
        stream = self.h2.get_next_available_stream_id()
        self.responses[stream] = Response()
        self.h2.send_headers(stream, headers, end_stream=end and not body)
        self._flush()
        if body:
            self.send(stream, body, end=end)
        return stream

    def call(self, method: str, message: bytes, *further: tuple[str, str]) -> int:
        """Starts a unary call of the SciMult service and returns its stream."""
        return self.open(grpc_headers(method, *further), frame(message))

    def send(self, stream: int, data: bytes, *, end: bool = True) -> None:
        """Sends data as the server's windows allow; sends less if the stream ends before."""
        while data and not self.responses[stream].ended:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0:
                self._read()
                continue
            part, data = data[:room], data[room:]
            self.h2.send_data(stream, part, end_stream=end and not data)
            self._flush()

    def send_what_fits(self, stream: int, data: bytes) -> int:
        """Sends until the server's windows stay closed; returns the amount."""
        sent = 0
        while sent < len(data):
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0:
                # The answer to the ping follows all frames that the server sends in response to
                # earlier data.
                self.ping()
                if self.h2.local_flow_control_window(stream) == 0:
                    break
                continue
            self.h2.send_data(stream, data[sent : sent + room])
            self._flush()
            sent += len(data[sent : sent + room])
        return sent

    def reset(self, stream: int) -> None:
        self.h2.reset_stream(stream)
        self._flush()

    def close(self) -> None:
        self._socket.close()

    def ping(self) -> None:
        """Returns once the server has read all earlier data."""
        before = self._pings_acknowledged
        self.h2.ping(b"endtoend")
        self._flush()
        while self._pings_acknowledged == before and not self.closed:
            self._read()

    def response(self, stream: int) -> Response:
        """Waits for the end of a stream and returns its response."""
        while not self.responses[stream].ended:
            assert not self.closed, f"connection closed (GOAWAY {self.goaway}) before the answer"
            self._read()
        return self.responses[stream]

    def answer_begins(self, stream: int) -> Response:
        """Waits for the first headers on a stream, without sending anything."""
        while not self.responses[stream].headers and not self.responses[stream].ended:
            assert not self.closed, f"connection closed (GOAWAY {self.goaway}) before the answer"
            self._read()
        return self.responses[stream]

    def read_until_goaway(self) -> None:
        while self.goaway is None and not self.closed:
            self._read()

    def read_until_closed(self) -> None:
        while not self.closed:
            self._read()

    def _flush(self) -> None:
        self._socket.sendall(self.h2.data_to_send())

    def _read(self) -> None:
        try:
            received = self._socket.recv(1 << 16)
        except ConnectionError:
            received = b""
        if not received:
            self.closed = True
            return
        for event in self.h2.receive_data(received):
            self._take(event)
        self._flush()

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = event.error_code
        elif isinstance(event, h2.events.PingAckReceived):
            self._pings_acknowledged += 1
        elif isinstance(event, h2.events.ResponseReceived):
            self.responses[event.stream_id].headers = dict(event.headers)
        elif isinstance(event, h2.events.TrailersReceived):
            self.responses[event.stream_id].trailers = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self.responses[event.stream_id].data += event.data
        elif isinstance(event, h2.events.StreamReset):
            self.responses[event.stream_id].reset = event.error_code
            self.responses[event.stream_id].ended = True
        elif isinstance(event, h2.events.StreamEnded):
            self.responses[event.stream_id].ended = True
