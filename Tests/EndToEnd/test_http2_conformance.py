"""HTTP/2 and HPACK by RFC 7540 and RFC 7541: the cases of h2spec 2.6, with its numbers.

A case is a script of frames to send and of responses to expect. An error must have the right code.
As in h2spec's strict mode, a connection may also be closed without an error.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from harness.frames import (
    ACK,
    END_HEADERS,
    END_STREAM,
    PADDED,
    PRIORITY,
    block,
    continuation,
    data,
    dependency,
    goaway,
    headers,
    padded,
    ping,
    priority,
    raw,
    rst_stream,
    settings,
    window_update,
)
from harness.raw_http2 import (
    PREFACE,
    SERVER_PREFACE,
    SETTINGS_ACK,
    Closed,
    Event,
    Expected,
    RawConnection,
    first,
)

NO_ERROR = ErrorCodes.NO_ERROR
PROTOCOL_ERROR = ErrorCodes.PROTOCOL_ERROR
FLOW_CONTROL_ERROR = ErrorCodes.FLOW_CONTROL_ERROR
STREAM_CLOSED = ErrorCodes.STREAM_CLOSED
FRAME_SIZE_ERROR = ErrorCodes.FRAME_SIZE_ERROR
REFUSED_STREAM = ErrorCodes.REFUSED_STREAM
COMPRESSION_ERROR = ErrorCodes.COMPRESSION_ERROR

STREAMS_MAX = 256

WINDOW_BYTES_MAX = (1 << 31) - 1
FRAME_BYTES_MAX = 1 << 14
TABLE_BYTES_MAX = 4096

#: Neither flag: more fragments and a body follow.
UNFINISHED = 0

UNKNOWN_TYPE = 0x16
UNKNOWN_FLAGS = 0x16
UNKNOWN_CODE = 0xFF

METHOD = (":method", "GET")
SCHEME = (":scheme", "http")
PATH = (":path", "/")
AUTHORITY = (":authority", "localhost")

GET_FIELDS = [METHOD, SCHEME, PATH, AUTHORITY]
POST_FIELDS = [(":method", "POST"), SCHEME, PATH, AUTHORITY]
HEAD_FIELDS = [(":method", "HEAD"), SCHEME, PATH, AUTHORITY]

GET = block(GET_FIELDS)
POST = block(POST_FIELDS)
LONG = block([("x-dummy", "x" * 4000)])

#: ``user-agent`` in the static table, and literals, plain and Huffman-coded.
USER_AGENT = b"\x0auser-agent"
USER_AGENT_CODED = b"\x87\xb5\x05\xb1\x61\xcc\x5a\x93"
X_TEST = b"\x06x-test"
X_TEST_CODED = b"\x85\xf2\xb2\x4a\x84\xff"
VALUE = b"\x06h2spec"
VALUE_CODED = b"\x84\x9c\x48\xac\xa4"

INDEXING, WITHOUT_INDEXING, NEVER_INDEXED = b"\x40", b"\x00", b"\x10"


class Case:
    """The frames to send and the expected responses, in order."""

    def __init__(self, text: str, *steps: bytes | Expected, shakes_hands: bool = True) -> None:
        self.text = text
        self.steps = steps
        #: Whether the prefaces are exchanged first.
        self.shakes_hands = shakes_hands


def names(codes: tuple[int, ...]) -> str:
    return " or ".join(ErrorCodes(code).name for code in codes)


def connection_error(*codes: int) -> Expected:
    def judge(event: Event) -> bool | None:
        if isinstance(event, GoAwayFrame):
            return event.error_code in codes
        return True if isinstance(event, Closed) else None

    return Expected(f"connection error {names(codes)}", judge)


def stream_error(*codes: int) -> Expected:
    """Expects a stream error, or a connection error."""

    def judge(event: Event) -> bool | None:
        if isinstance(event, RstStreamFrame) and event.error_code in codes:
            return True
        return connection_error(*codes).judge(event)

    return Expected(f"stream error {names(codes)}", judge)


def response(stream: int = 1) -> Expected:
    return first(HeadersFrame, "HEADERS", lambda frame: frame.stream_id == stream)


def body(length: int) -> Expected:
    return first(DataFrame, f"{length} B of DATA", lambda frame: len(frame.data) == length)


def pong(opaque: bytes = bytes(8)) -> Expected:
    return first(
        PingFrame, "PING ACK", lambda frame: "ACK" in frame.flags and frame.opaque_data == opaque
    )


ANY_BODY = first(DataFrame, "DATA", lambda frame: len(frame.data) > 0)
GOAWAY = first(GoAwayFrame, "GOAWAY", lambda frame: True)
CLOSED = Expected("connection closed", lambda event: isinstance(event, Closed) or None)
PONG_OR_CLOSED = Expected(
    "PING ACK or connection closed", lambda event: isinstance(event, PingFrame | Closed) or None
)
STREAM_ENDED = Expected(
    "END_STREAM",
    lambda event: (
        (isinstance(event, DataFrame | HeadersFrame) and "END_STREAM" in event.flags) or None
    ),
)


def window(size: int) -> bytes:
    return settings((SettingCodes.INITIAL_WINDOW_SIZE, size))


def get_with(*fields: tuple[str, str]) -> bytes:
    return headers(1, block([*GET_FIELDS, *fields]))


def post_with(*fields: tuple[str, str]) -> bytes:
    return headers(1, block([*POST_FIELDS, *fields]), END_HEADERS)


def get_ending(octets: bytes) -> bytes:
    """Returns a GET whose header block ends with these octets."""
    return headers(1, GET + octets)


def get_starting(octets: bytes) -> bytes:
    """Returns a GET whose header block starts with these octets."""
    return headers(1, octets + GET)


GET_1 = headers(1, GET)
#: Requests without their bodies.
POST_1 = headers(1, POST, END_HEADERS)
OPEN_1 = headers(1, GET, END_HEADERS)
#: A request without the rest of its header block and without its body.
OPEN_BLOCK_1 = headers(1, GET, UNFINISHED)

UNKNOWN_FRAME = raw(UNKNOWN_TYPE, 0, 0, bytes(8))

CASES: dict[str, list[Case]] = {
    "generic/1": [Case("preface", PREFACE + settings(), SERVER_PREFACE, shakes_hands=False)],
    "generic/2": [
        Case("PRIORITY on an idle stream", priority(1, dependency()), ping(), pong()),
        Case(
            "WINDOW_UPDATE on a half-closed stream", window(0), GET_1, window_update(1, 1), ANY_BODY
        ),
        Case(
            "PRIORITY on a half-closed stream",
            window(0),
            GET_1,
            priority(1, dependency()),
            window_update(1, 1),
            ANY_BODY,
        ),
        Case("RST_STREAM on a half-closed stream", GET_1, rst_stream(1), ping(), PONG_OR_CLOSED),
        Case(
            "PRIORITY on a closed stream",
            GET_1,
            STREAM_ENDED,
            priority(1, dependency()),
            ping(),
            pong(),
        ),
    ],
    "generic/3.1": [
        Case("DATA", POST_1, data(1), response()),
        Case("DATA twice", POST_1, data(1, flags=0), data(1), response()),
        Case(
            "DATA with padding",
            POST_1,
            data(1, padded(b"test", b"padded"), END_STREAM | PADDED),
            response(),
        ),
    ],
    "generic/3.2": [
        Case("HEADERS", GET_1, response()),
        Case(
            "HEADERS with padding",
            headers(1, padded(GET, bytes(8)), END_STREAM | END_HEADERS | PADDED),
            response(),
        ),
        Case(
            "HEADERS with a priority",
            headers(1, dependency() + GET, END_STREAM | END_HEADERS | PRIORITY),
            response(),
        ),
    ],
    "generic/3.3": [
        Case("weight 1", priority(1, dependency(weight=0)), GET_1, response()),
        Case("weight 256", priority(1, dependency(weight=255)), GET_1, response()),
        Case("dependency", priority(3, dependency(1, weight=0)), GET_1, response()),
        Case("exclusive", priority(1, dependency(weight=0, exclusive=True)), GET_1, response()),
        Case("PRIORITY, then HEADERS on a lower id", priority(3, dependency()), GET_1, response()),
    ],
    "generic/3.4": [Case("RST_STREAM", OPEN_1, rst_stream(1), ping(), PONG_OR_CLOSED)],
    "generic/3.5": [
        Case(
            "SETTINGS",
            settings(
                (SettingCodes.HEADER_TABLE_SIZE, TABLE_BYTES_MAX),
                (SettingCodes.ENABLE_PUSH, 1),
                (SettingCodes.MAX_CONCURRENT_STREAMS, 100),
                (SettingCodes.INITIAL_WINDOW_SIZE, 65_535),
                (SettingCodes.MAX_FRAME_SIZE, FRAME_BYTES_MAX),
                (SettingCodes.MAX_HEADER_LIST_SIZE, 100),
            ),
            SETTINGS_ACK,
        )
    ],
    "generic/3.7": [Case("PING", ping(b"h2spec\0\0"), pong(b"h2spec\0\0"))],
    "generic/3.8": [Case("GOAWAY", goaway(NO_ERROR), ping(), PONG_OR_CLOSED)],
    "generic/3.9": [
        Case("WINDOW_UPDATE of the connection", window_update(0, 1), ping(), pong()),
        Case("WINDOW_UPDATE of a stream", GET_1, window_update(1, 1), response()),
    ],
    "generic/3.10": [
        Case("CONTINUATION", headers(1, GET[:5], END_STREAM), continuation(1, GET[5:]), response()),
        Case(
            "CONTINUATION twice",
            headers(1, GET[:5], END_STREAM),
            continuation(1, GET[5:10], UNFINISHED),
            continuation(1, GET[10:]),
            response(),
        ),
    ],
    "generic/4": [
        Case("GET", GET_1, response()),
        Case("HEAD", headers(1, block(HEAD_FIELDS)), response()),
        Case("POST", POST_1, data(1), response()),
        Case(
            "POST with trailers",
            post_with(("trailer", "x-test")),
            data(1, flags=0),
            headers(1, block([("x-test", "ok")])),
            response(),
        ),
    ],
    "generic/5": [
        Case("indexed field", get_ending(b"\xba"), response()),
        *(
            Case(f"{form}, {of}", get_ending(prefix + name + value), response())
            for form, prefix in [
                ("indexing", INDEXING),
                ("without indexing", WITHOUT_INDEXING),
                ("never indexed", NEVER_INDEXED),
            ]
            for of, name, value in [
                ("known name", USER_AGENT, VALUE),
                ("known name, coded", USER_AGENT_CODED, VALUE_CODED),
                ("new name", X_TEST, VALUE),
                ("new name, coded", X_TEST_CODED, VALUE_CODED),
            ]
        ),
        Case("table size update", get_starting(b"\x20"), response()),
        Case("two table size updates", get_starting(b"\x20\x3f\xe1\x1f"), response()),
    ],
    "http2/3.5": [
        Case("preface", PREFACE + settings(), SERVER_PREFACE, shakes_hands=False),
        Case(
            "invalid preface",
            b"INVALID CONNECTION PREFACE\r\n\r\n",
            connection_error(PROTOCOL_ERROR),
            shakes_hands=False,
        ),
    ],
    "http2/4.1": [
        Case("unknown type", UNKNOWN_FRAME, ping(), pong()),
        Case("undefined flags", ping(flags=UNKNOWN_FLAGS), pong()),
        Case("reserved bit", ping(flags=UNKNOWN_FLAGS, stream=1 << 31), pong()),
    ],
    "http2/4.2": [
        Case("DATA of 16 KiB", POST_1, data(1, bytes(FRAME_BYTES_MAX)), response()),
        Case(
            "DATA of 16 KiB and 1 B",
            POST_1,
            data(1, bytes(FRAME_BYTES_MAX + 1)),
            stream_error(FRAME_SIZE_ERROR),
        ),
        Case("HEADERS over 16 KiB", get_ending(LONG * 5), connection_error(FRAME_SIZE_ERROR)),
    ],
    "http2/4.3": [
        Case("invalid fragment", headers(1, INDEXING), connection_error(COMPRESSION_ERROR)),
        Case(
            "PRIORITY inside a header block",
            OPEN_BLOCK_1,
            priority(1, dependency()),
            continuation(1, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "HEADERS of another stream inside a header block",
            OPEN_BLOCK_1,
            headers(3, GET),
            continuation(1, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/5.1": [
        Case("idle: DATA", data(1), connection_error(PROTOCOL_ERROR)),
        Case("idle: RST_STREAM", rst_stream(1), connection_error(PROTOCOL_ERROR)),
        Case("idle: WINDOW_UPDATE", window_update(1, 100), connection_error(PROTOCOL_ERROR)),
        Case("idle: CONTINUATION", continuation(1, GET), connection_error(PROTOCOL_ERROR)),
        Case("half-closed: DATA", GET_1, data(1), stream_error(STREAM_CLOSED)),
        Case("half-closed: HEADERS", GET_1, GET_1, stream_error(STREAM_CLOSED)),
        Case(
            "half-closed: CONTINUATION",
            GET_1,
            continuation(1, GET),
            stream_error(STREAM_CLOSED, PROTOCOL_ERROR),
        ),
        Case("reset: DATA", OPEN_1, rst_stream(1), data(1), stream_error(STREAM_CLOSED)),
        Case("reset: HEADERS", OPEN_1, rst_stream(1), GET_1, stream_error(STREAM_CLOSED)),
        Case(
            "reset: CONTINUATION",
            OPEN_1,
            rst_stream(1),
            continuation(1, LONG),
            stream_error(STREAM_CLOSED, PROTOCOL_ERROR),
        ),
        Case("closed: DATA", GET_1, STREAM_ENDED, data(1), stream_error(STREAM_CLOSED)),
        Case("closed: HEADERS", GET_1, STREAM_ENDED, GET_1, connection_error(STREAM_CLOSED)),
        Case(
            "closed: CONTINUATION",
            GET_1,
            STREAM_ENDED,
            continuation(1, LONG),
            connection_error(STREAM_CLOSED, PROTOCOL_ERROR),
        ),
    ],
    "http2/5.1.1": [
        Case("even id", headers(2, GET), connection_error(PROTOCOL_ERROR)),
        Case(
            "lower id that was never used",
            headers(5, GET),
            headers(3, GET),
            connection_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/5.1.2": [
        Case(
            "more streams than allowed",
            window(0),
            *(headers(2 * number + 1, GET) for number in range(STREAMS_MAX + 1)),
            stream_error(PROTOCOL_ERROR, REFUSED_STREAM),
        )
    ],
    "http2/5.3.1": [
        Case(
            "HEADERS of a stream that depends on itself",
            headers(1, dependency(1) + GET, END_STREAM | END_HEADERS | PRIORITY),
            stream_error(PROTOCOL_ERROR),
        ),
        Case(
            "PRIORITY of a stream that depends on itself",
            priority(1, dependency(1)),
            stream_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/5.4.1": [
        Case("PING on a stream closes", ping(stream=3), CLOSED),
        Case("PING on a stream is told of", ping(stream=3), GOAWAY),
    ],
    "http2/5.5": [
        Case("extension", UNKNOWN_FRAME, ping(), pong()),
        Case(
            "extension inside a header block",
            headers(1, GET, END_STREAM),
            UNKNOWN_FRAME,
            connection_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/6.1": [
        Case("DATA on stream 0", data(0), connection_error(PROTOCOL_ERROR)),
        Case("DATA after END_STREAM", headers(1, POST), data(1), stream_error(STREAM_CLOSED)),
        Case(
            "DATA shorter than its padding",
            post_with(("content-length", "4")),
            data(1, b"\x06test", END_STREAM | PADDED),
            connection_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/6.2": [
        Case(
            "PRIORITY inside a header block",
            OPEN_BLOCK_1,
            priority(1, dependency()),
            continuation(1, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "HEADERS of another stream inside a header block",
            OPEN_BLOCK_1,
            headers(3, GET),
            continuation(1, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
        Case("HEADERS on stream 0", headers(0, GET), connection_error(PROTOCOL_ERROR)),
        Case(
            "HEADERS shorter than their padding",
            headers(1, bytes([len(GET) + 2]) + GET, END_STREAM | END_HEADERS | PADDED),
            stream_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/6.3": [
        Case("PRIORITY on stream 0", priority(0, dependency()), connection_error(PROTOCOL_ERROR)),
        Case(
            "PRIORITY of 4 B",
            GET_1,
            raw(PriorityFrame.type, 0, 1, b"\x80\0\0\1"),
            stream_error(FRAME_SIZE_ERROR),
        ),
    ],
    "http2/6.4": [
        Case("RST_STREAM on stream 0", rst_stream(0), connection_error(PROTOCOL_ERROR)),
        Case("RST_STREAM on an idle stream", rst_stream(1), connection_error(PROTOCOL_ERROR)),
        Case(
            "RST_STREAM of 3 B",
            GET_1,
            raw(RstStreamFrame.type, 0, 1, bytes(3)),
            stream_error(FRAME_SIZE_ERROR),
        ),
    ],
    "http2/6.5": [
        Case(
            "SETTINGS ACK with a payload",
            raw(SettingsFrame.type, ACK, 0, b"\0"),
            connection_error(FRAME_SIZE_ERROR),
        ),
        Case(
            "SETTINGS on a stream",
            raw(SettingsFrame.type, 0, 1, b"\0\3\0\0\0\x64"),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "SETTINGS of 8 B",
            raw(SettingsFrame.type, 0, 0, b"\0\3\0\0\0\x64\0\2"),
            stream_error(PROTOCOL_ERROR, FRAME_SIZE_ERROR),
        ),
    ],
    "http2/6.5.2": [
        Case(
            "ENABLE_PUSH of 2",
            settings((SettingCodes.ENABLE_PUSH, 2)),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "INITIAL_WINDOW_SIZE above the maximum",
            window(WINDOW_BYTES_MAX + 1),
            connection_error(FLOW_CONTROL_ERROR),
        ),
        Case(
            "MAX_FRAME_SIZE below the minimum",
            settings((SettingCodes.MAX_FRAME_SIZE, FRAME_BYTES_MAX - 1)),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "MAX_FRAME_SIZE above the maximum",
            settings((SettingCodes.MAX_FRAME_SIZE, 1 << 24)),
            connection_error(PROTOCOL_ERROR),
        ),
        Case("unknown setting", settings((0xFF, 1)), ping(), pong()),
    ],
    "http2/6.5.3": [
        Case(
            "the last of two values counts",
            settings(
                (SettingCodes.INITIAL_WINDOW_SIZE, 100), (SettingCodes.INITIAL_WINDOW_SIZE, 1)
            ),
            SETTINGS_ACK,
            GET_1,
            body(1),
        ),
        Case("SETTINGS ACK", settings((SettingCodes.ENABLE_PUSH, 0)), SETTINGS_ACK),
    ],
    "http2/6.7": [
        Case("PING", ping(b"h2spec\0\0"), pong(b"h2spec\0\0")),
        Case(
            "PING ACK is not answered",
            ping(b"invalid\0", flags=ACK),
            ping(b"h2spec\0\0"),
            pong(b"h2spec\0\0"),
        ),
        Case("PING on a stream", ping(stream=1), connection_error(PROTOCOL_ERROR)),
        Case("PING of 6 B", ping(bytes(6)), connection_error(FRAME_SIZE_ERROR)),
    ],
    "http2/6.8": [
        Case("GOAWAY on a stream", goaway(NO_ERROR, stream=1), connection_error(PROTOCOL_ERROR))
    ],
    "http2/6.9": [
        Case(
            "increment of 0 for the connection",
            window_update(0, 0),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "increment of 0 for a stream", OPEN_1, window_update(1, 0), stream_error(PROTOCOL_ERROR)
        ),
        Case(
            "WINDOW_UPDATE of 3 B",
            raw(WindowUpdateFrame.type, 0, 0, b"\0\0\1"),
            connection_error(FRAME_SIZE_ERROR),
        ),
    ],
    "http2/6.9.1": [
        Case("window of 1 B", window(1), SETTINGS_ACK, GET_1, body(1)),
        Case(
            "connection's window overflows",
            window_update(0, WINDOW_BYTES_MAX),
            window_update(0, WINDOW_BYTES_MAX),
            first(
                GoAwayFrame,
                "GOAWAY FLOW_CONTROL_ERROR",
                lambda frame: frame.error_code == FLOW_CONTROL_ERROR,
            ),
        ),
        Case(
            "stream's window overflows",
            OPEN_1,
            window_update(1, WINDOW_BYTES_MAX),
            window_update(1, WINDOW_BYTES_MAX),
            first(
                RstStreamFrame,
                "RST_STREAM FLOW_CONTROL_ERROR",
                lambda frame: (frame.stream_id, frame.error_code) == (1, FLOW_CONTROL_ERROR),
            ),
        ),
    ],
    "http2/6.9.2": [
        Case("window opens after HEADERS", window(0), SETTINGS_ACK, GET_1, window(1), body(1)),
        Case(
            "window below zero",
            window(3),
            SETTINGS_ACK,
            GET_1,
            ANY_BODY,
            window(2),
            SETTINGS_ACK,
            window_update(1, 2),
            body(1),
        ),
        Case(
            "INITIAL_WINDOW_SIZE above the maximum",
            window(WINDOW_BYTES_MAX + 1),
            connection_error(FLOW_CONTROL_ERROR),
        ),
    ],
    "http2/6.10": [
        Case(
            "HEADERS, CONTINUATION twice",
            headers(1, GET, END_STREAM),
            continuation(1, LONG, UNFINISHED),
            continuation(1, LONG),
            response(),
        ),
        Case(
            "DATA inside a header block",
            headers(1, POST, UNFINISHED),
            continuation(1, LONG, UNFINISHED),
            data(1),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "CONTINUATION on stream 0",
            headers(1, GET, END_STREAM),
            continuation(0, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "CONTINUATION after HEADERS with END_HEADERS",
            GET_1,
            continuation(1, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "CONTINUATION after CONTINUATION with END_HEADERS",
            headers(1, GET, END_STREAM),
            continuation(1, LONG),
            continuation(1, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
        Case(
            "CONTINUATION after DATA",
            headers(1, POST, UNFINISHED),
            data(1),
            continuation(1, LONG, UNFINISHED),
            continuation(0, LONG),
            connection_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/7": [
        Case("GOAWAY with an unknown code", goaway(UNKNOWN_CODE), ping(), PONG_OR_CLOSED),
        Case(
            "RST_STREAM with an unknown code", POST_1, rst_stream(1, UNKNOWN_CODE), ping(), pong()
        ),
    ],
    "http2/8.1": [
        Case(
            "second HEADERS without END_STREAM",
            POST_1,
            data(1, flags=0),
            headers(1, block([("x-test", "ok")]), END_HEADERS),
            stream_error(PROTOCOL_ERROR),
        )
    ],
    "http2/8.1.2": [
        Case("name in capitals", get_with(("X-TEST", "ok")), stream_error(PROTOCOL_ERROR))
    ],
    "http2/8.1.2.1": [
        Case("unknown pseudo-header", get_with((":test", "ok")), stream_error(PROTOCOL_ERROR)),
        Case(
            "pseudo-header of responses", get_with((":status", "200")), stream_error(PROTOCOL_ERROR)
        ),
        Case(
            "pseudo-header in trailers",
            POST_1,
            data(1, flags=0),
            headers(1, block([(":method", "POST")])),
            stream_error(PROTOCOL_ERROR),
        ),
        Case(
            "pseudo-headers after a field",
            headers(1, block([("x-test", "ok"), *GET_FIELDS])),
            stream_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/8.1.2.2": [
        Case("connection", get_with(("connection", "keep-alive")), stream_error(PROTOCOL_ERROR)),
        Case(
            "te that is not trailers",
            get_with(("trailers", "test"), ("te", "trailers, deflate")),
            stream_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/8.1.2.3": [
        Case(
            "empty :path",
            headers(1, block([METHOD, SCHEME, (":path", ""), AUTHORITY])),
            stream_error(PROTOCOL_ERROR),
        ),
        *(
            Case(
                f"no {missing[0]}",
                headers(1, block(field for field in GET_FIELDS if field != missing)),
                stream_error(PROTOCOL_ERROR),
            )
            for missing in [METHOD, SCHEME, PATH]
        ),
        *(
            Case(f"{twice[0]} twice", get_with(twice), stream_error(PROTOCOL_ERROR))
            for twice in [METHOD, SCHEME, PATH]
        ),
    ],
    "http2/8.1.2.6": [
        Case(
            "content-length that is not the DATA's",
            post_with(("content-length", "1")),
            data(1),
            stream_error(PROTOCOL_ERROR),
        ),
        Case(
            "content-length that is not the sum of all DATA",
            post_with(("content-length", "1")),
            data(1, flags=0),
            data(1),
            stream_error(PROTOCOL_ERROR),
        ),
    ],
    "http2/8.2": [
        Case(
            "PUSH_PROMISE",
            raw(PushPromiseFrame.type, END_HEADERS, 1, b"\0\0\0\3" + GET),
            connection_error(PROTOCOL_ERROR),
        )
    ],
    "hpack/2.3.3": [
        Case("index that is in no table", get_ending(b"\xc6"), connection_error(COMPRESSION_ERROR)),
        Case(
            "name's index that is in no table",
            get_ending(b"\x7f\x07\x00"),
            connection_error(COMPRESSION_ERROR),
        ),
    ],
    "hpack/4.2": [
        Case(
            "table size update at the end of a block",
            get_ending(b"\x21"),
            connection_error(COMPRESSION_ERROR),
        )
    ],
    "hpack/5.2": [
        Case(
            f"Huffman code {fault}",
            get_ending(WITHOUT_INDEXING + X_TEST_CODED + value),
            connection_error(COMPRESSION_ERROR),
        )
        for fault, value in [
            ("padded with more than 7 bits", b"\x84\x49\x50\x9f\xff"),
            ("padded with zeros", b"\x83\x49\x50\x90"),
            ("with EOS inside", b"\x87\xff\xff\xff\xfd\x25\x42\x7f"),
        ]
    ],
    "hpack/6.1": [Case("index 0", get_ending(b"\x80"), connection_error(COMPRESSION_ERROR))],
    "hpack/6.3": [
        Case(
            "table larger than allowed",
            get_starting(b"\x3f\xe2\x1f"),
            connection_error(COMPRESSION_ERROR),
        )
    ],
}

NUMBERED = {
    f"{section}/{number}": case
    for section, cases in CASES.items()
    for number, case in enumerate(cases, start=1)
}


def leaves_block_open(frame: bytes) -> bool:
    """Whether only a CONTINUATION may follow."""
    kind, flags = frame[3:5]
    return kind in (HeadersFrame.type, ContinuationFrame.type) and not flags & END_HEADERS


@pytest.fixture(params=["clear", "tls"])
def connect(request, server) -> Callable[[], RawConnection]:
    """Opens connections to a server, in clear text and over TLS."""
    if request.param == "clear":
        return lambda: RawConnection(server)
    tls_server, authority = request.getfixturevalue("tls_server")
    return lambda: RawConnection(tls_server, authority.client_context())


CASE = pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{number} {case.text}") for number, case in NUMBERED.items()]
)


@CASE
def test_at_once(connect, case):
    """All frames are sent at once; each finds the stream as earlier frames left it."""
    with connect() as connection:
        if case.shakes_hands:
            connection.shake_hands()
        for expects, steps in groupby(case.steps, lambda step: isinstance(step, Expected)):
            if expects:
                for expected in steps:
                    connection.expect(expected)
            else:
                connection.send(b"".join(steps))


@CASE
def test_one_by_one(connect, case):
    """Each frame is sent after the server has responded to the previous ones."""
    with connect() as connection:
        if case.shakes_hands:
            connection.shake_hands()
        for step in case.steps:
            if isinstance(step, Expected):
                connection.expect(step)
                continue
            connection.send(step)
            if case.shakes_hands and not leaves_block_open(step):
                connection.wait_until_read()


def test_all_cases_are_here():
    assert len(NUMBERED) == 147
