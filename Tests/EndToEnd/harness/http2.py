"""An HTTP/2 connection under a test's full control."""

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
    """What came on a stream until now."""

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
        """The gRPC status code and message as they travelled, the message percent-encoded."""
        fields = self.headers if self.is_trailers_only else self.trailers
        assert "grpc-status" in fields, f"no gRPC status: {self}"
        return int(fields["grpc-status"]), fields.get("grpc-message", "")


def grpc_headers(method: str, *further: tuple[str, str]) -> list[tuple[str, str]]:
    """The headers of a call of the SciMult service."""
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
    # A ping behind data must not wait until the kernel has heard that the data arrived.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


class Http2Connection:
    """Sends what it is told, also what is wrong, and reads what comes back."""

    def __init__(self, server: ServerProcess, *, initial_window: int = WINDOW_BYTES_MAX) -> None:
        config = h2.config.H2Configuration(
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self._socket = _connect(server)
        self.h2 = h2.connection.H2Connection(config)
        self.responses: dict[int, Response] = {}
        #: The error code of the GOAWAY that came.
        self.goaway: int | None = None
        #: Whether the server closed the connection.
        self.closed = False
        self._pings_acknowledged = 0
        # To h2 a GOAWAY is the end; in HTTP/2 the streams that are open may still finish.
        self.h2.state_machine._transitions = {
            **self.h2.state_machine._transitions,
            (ConnectionState.CLIENT_OPEN, ConnectionInputs.RECV_GOAWAY): (
                None,
                ConnectionState.CLIENT_OPEN,
            ),
        }
        # By default windows have room for every response: reading needs no accounting.
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
        """Starts a request and gives its stream."""
        stream = self.h2.get_next_available_stream_id()
        self.responses[stream] = Response()
        self.h2.send_headers(stream, headers, end_stream=end and not body)
        self._flush()
        if body:
            self.send(stream, body, end=end)
        return stream

    def call(self, method: str, message: bytes, *further: tuple[str, str]) -> int:
        """Starts a unary call of the SciMult service and gives its stream."""
        return self.open(grpc_headers(method, *further), frame(message))

    def send(self, stream: int, data: bytes, *, end: bool = True) -> None:
        """Sends data as the server's windows allow; less when the stream ends meanwhile."""
        while data and not self.responses[stream].ended:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0:
                self._read()
                continue
            part, data = data[:room], data[room:]
            self.h2.send_data(stream, part, end_stream=end and not data)
            self._flush()

    def send_what_fits(self, stream: int, data: bytes) -> int:
        """Sends as much as the server's windows take before they stay shut; gives how much."""
        sent = 0
        while sent < len(data):
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0:
                # The answer comes behind all that the server has to say to what it was sent.
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
        """Returns when the server has read all that was sent before."""
        before = self._pings_acknowledged
        self.h2.ping(b"endtoend")
        self._flush()
        while self._pings_acknowledged == before and not self.closed:
            self._read()

    def response(self, stream: int) -> Response:
        """Waits for the end of a stream and gives what came."""
        while not self.responses[stream].ended:
            assert not self.closed, f"connection closed (GOAWAY {self.goaway}) before the answer"
            self._read()
        return self.responses[stream]

    def answer_begins(self, stream: int) -> Response:
        """Waits for the first headers on a stream, without asking for them."""
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
