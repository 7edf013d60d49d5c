"""Attacks over HTTP/2: the attacker's connection ends; a correct client on another is served."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import GoAwayFrame, HeadersFrame, RstStreamFrame

from harness.attacks import ATTACKS, CALL, header_bomb, opened, streams
from harness.calls import encode, get_model
from harness.frames import END_HEADERS, data, headers, ping, rst_stream, settings, window_update
from harness.http2 import Http2Connection, grpc_headers
from harness.innocent import REQUEST, InnocentClient
from harness.metrics import Metrics
from harness.raw_http2 import PREFACE, Closed, RawConnection, first
from harness.server import ServerProcess
from harness.wire import frame
from scimult._generated import scimult_pb2 as pb

GROWTH_BYTES_MAX = 32 << 20

#: Reasons that no correct client may ever cause.
ABUSES = [
    *{attack.reason for attack in ATTACKS.values()},
    "unread_answers",
    "slow_preface",
    "slow_headers",
    "slow_reader",
    "slow_message",
]


def refused(server: ServerProcess, reason: str) -> float:
    return Metrics.of(server).value("scimult_refusals_total", reason=reason)


def assert_no_abuse_seen(server: ServerProcess) -> None:
    assert {reason: refused(server, reason) for reason in ABUSES} == dict.fromkeys(ABUSES, 0)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_ends_its_connection(server, name):
    attack = ATTACKS[name]
    before = refused(server, attack.reason)
    with InnocentClient(server), RawConnection(server) as attacker:
        attacker.shake_hands()
        attacker.send(attack.octets())
        events = attacker.read_to_end()
    assert isinstance(events[-1], Closed)
    codes = [event.error_code for event in events if isinstance(event, GoAwayFrame)]
    assert codes[-1:] == [ErrorCodes.ENHANCE_YOUR_CALM]
    assert refused(server, attack.reason) == before + 1


@pytest.mark.measures_memory
@pytest.mark.parametrize("name", ATTACKS)
def test_attack_costs_no_memory(server, name):
    octets = ATTACKS[name].octets()

    def strike(_: int) -> None:
        with RawConnection(server) as attacker:
            attacker.shake_hands()
            attacker.send(octets)
            attacker.read_to_end()

    strike(0)
    server.reset_memory_peak()
    before = server.memory_bytes()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(strike, range(16)))
    assert server.memory_peak_bytes() - before < GROWTH_BYTES_MAX


def test_header_bombs_end_their_connection(server):
    before = refused(server, "invalid_frames")
    cut_off = refused(server, "headers_too_large")
    with InnocentClient(server), RawConnection(server) as attacker:
        attacker.shake_hands()
        attacker.send(b"".join(header_bomb(stream) for stream in streams(150)))
        events = attacker.read_to_end()
    codes = [event.error_code for event in events if isinstance(event, GoAwayFrame)]
    assert codes[-1:] == [ErrorCodes.ENHANCE_YOUR_CALM]
    assert refused(server, "invalid_frames") == before + 1
    assert refused(server, "headers_too_large") >= cut_off + 100


def test_frames_on_streams_that_have_ended_are_harmless(server):
    """Frames that are still being sent when a call ends are not an attack."""
    with InnocentClient(server), RawConnection(server) as client:
        client.shake_hands()
        client.send(headers(1, CALL) + b"".join(data(1, b"", 0) for _ in range(10)))
        client.send(rst_stream(1) * 5 + window_update(1, 1) * 2)
        client.wait_until_read()
        client.send(opened(3))
        client.wait_until_read()


class TestSlowClients:
    """Each ends within a second; with default options it would take ten or thirty."""

    @pytest.fixture
    def server(self, start_server) -> ServerProcess:
        return start_server(
            *("--preface-seconds", "1", "--header-seconds", "1", "--stall-seconds", "1"),
            *("--idle-seconds", "2"),
        )

    def expect_end(self, server: ServerProcess, attacker: RawConnection, reason: str) -> None:
        events = attacker.read_to_end()
        assert isinstance(events[-1], Closed)
        assert refused(server, reason) == 1

    @pytest.mark.parametrize(
        "said", [b"", PREFACE[:10], PREFACE], ids=["none", "half", "no settings"]
    )
    def test_preface(self, server, said):
        with InnocentClient(server), RawConnection(server) as attacker:
            attacker.send(said)
            self.expect_end(server, attacker, "slow_preface")

    @pytest.mark.parametrize("said", [CALL[:3], b""], ids=["some", "none"])
    def test_header_block(self, server, said):
        with InnocentClient(server), RawConnection(server) as attacker:
            attacker.shake_hands()
            attacker.send(headers(1, said, 0))
            self.expect_end(server, attacker, "slow_headers")

    def test_header_block_byte_by_byte(self, server):
        with InnocentClient(server), RawConnection(server) as attacker:
            attacker.shake_hands()
            block = headers(1, CALL, END_HEADERS)
            for place in range(len(block) - 1):
                attacker.send(block[place : place + 1])
                time.sleep(0.05)
            self.expect_end(server, attacker, "slow_headers")

    @pytest.mark.parametrize("method", ["Encode", "EncodeStream"])
    def test_message_byte_by_byte(self, server, method):
        message = frame(REQUEST.SerializeToString())
        with InnocentClient(server), Http2Connection(server) as attacker:
            stream = attacker.open(grpc_headers(method), end=False)
            for place in range(len(message) - 1):
                if attacker.responses[stream].ended:
                    break
                attacker.send(stream, message[place : place + 1], end=False)
                time.sleep(0.05)
            code, text = attacker.response(stream).status()
        assert code == 4
        assert "stall-seconds" in text
        assert refused(server, "slow_message") == 1

    def test_call_without_a_message(self, server):
        with InnocentClient(server), Http2Connection(server) as attacker:
            stream = attacker.open(grpc_headers("Encode"), end=False)
            assert attacker.response(stream).status()[0] == 4

    def test_stream_between_messages_may_be_silent(self, server):
        message = frame(REQUEST.SerializeToString())
        with InnocentClient(server), Http2Connection(server) as client:
            stream = client.open(grpc_headers("EncodeStream"), message, end=False)
            time.sleep(2.5)
            client.send(stream, message)
            assert client.response(stream).status()[0] == 0

    def test_window_that_stays_shut(self, server):
        """A reply that is not read ends its stream, but not the other streams of its connection."""
        with InnocentClient(server), RawConnection(server) as attacker:
            attacker.shake_hands()
            attacker.send(settings((4, 0)))
            message = frame(REQUEST.SerializeToString())
            attacker.send(opened(1) + data(1, message))
            attacker.expect(
                first(
                    RstStreamFrame,
                    "a reset",
                    lambda frame: (frame.stream_id, frame.error_code) == (1, ErrorCodes.CANCEL),
                )
            )
            attacker.send(settings((4, 65_535)) + opened(3) + data(3, message))
            attacker.expect(first(HeadersFrame, "an answer", lambda frame: frame.stream_id == 3))
        assert refused(server, "slow_reader") == 1

    def test_socket_that_is_not_read(self, server):
        documents = [pb.Document(text=f"kind {number}") for number in range(1_000)]
        message = frame(pb.EncodeRequest(task=3, documents=documents).SerializeToString())
        with InnocentClient(server), socket.socket() as attacker:
            attacker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            attacker.settimeout(10)
            attacker.connect((server.host, server.port))
            wide = settings((4, (1 << 31) - 1)) + window_update(0, (1 << 31) - 1 - 65_535)
            attacker.sendall(PREFACE + wide)
            for stream in streams(40):
                part = message[: 1 << 14]
                attacker.sendall(opened(stream) + data(stream, part, 0))
                attacker.sendall(data(stream, message[1 << 14 :]))
            end = time.monotonic() + 15
            while refused(server, "slow_reader") == 0:
                assert time.monotonic() < end
                time.sleep(0.1)

    def test_connection_without_a_call(self, server):
        with RawConnection(server) as idle:
            idle.shake_hands()
            begun = time.monotonic()
            assert isinstance(idle.read_to_end()[-1], Closed)
            assert time.monotonic() - begun < 5


class TestNoFalseAlarm:
    """Busy clients are not mistaken for attackers."""

    def test_client_that_cancels_thirty_calls_a_second(self, start_server):
        server = start_server("--cancel-burst", "20", "--cancels-per-second", "33")
        with server.channel() as channel:
            begun = time.monotonic()
            for number in range(120):
                time.sleep(max(0.0, begun + number / 30 - time.monotonic()))
                call = channel.unary_unary("/scimult.v1.SciMult/Encode")
                call.future(REQUEST.SerializeToString()).cancel()
            assert get_model(channel).name == "tiny-expert"
        assert_no_abuse_seen(server)
        assert Metrics.of(server).value("scimult_connections_total") == 1

    def test_bulk_stream_of_grpcio(self, start_server):
        """grpcio pings for each burst of data to measure the bandwidth."""
        server = start_server()
        documents = [pb.Document(text=f"cells of kind {number}") for number in range(200)]
        request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents)
        with server.channel() as channel:
            stream = channel.stream_stream("/scimult.v1.SciMult/EncodeStream")
            requests = (request.SerializeToString() for _ in range(300))
            assert sum(1 for _ in stream(requests, timeout=120)) == 300
        assert_no_abuse_seen(server)

    def test_window_update_for_each_data_frame(self, start_server):
        server = start_server()
        documents = [pb.Document(text=f"cells of kind {number}") for number in range(1_000)]
        request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents)
        with RawConnection(server) as client:
            client.shake_hands()
            message = frame(request.SerializeToString())
            for stream in streams(20):
                client.send(opened(stream) + data(stream, message[: 1 << 14], 0))
                client.send(data(stream, message[1 << 14 :]))
                assert client.read_replies([stream], opens_windows=True) > 200_000
        assert_no_abuse_seen(server)

    def test_client_that_reads_slowly(self, start_server):
        """More data wait for it than the kernel accepts at once."""
        server = start_server("--stall-seconds", "1")
        documents = [pb.Document(text=f"kind {number}") for number in range(1_000)]
        message = frame(pb.EncodeRequest(task=3, documents=documents).SerializeToString())
        with RawConnection(server) as client:
            client.shake_hands()
            client.send(settings((4, (1 << 31) - 1)) + window_update(0, (1 << 31) - 1 - 65_535))
            for stream in streams(30):
                client.send(opened(stream) + data(stream, message[: 1 << 14], 0))
                client.send(data(stream, message[1 << 14 :]))
            read = client.read_replies(streams(30), opens_windows=False, bytes_per_second=1e6)
            assert read > 30 * 200_000
        assert_no_abuse_seen(server)

    def test_calls_of_many_connections(self, start_server):
        server = start_server()
        with ExitStack() as stack:
            channels = [stack.enter_context(server.channel()) for _ in range(50)]
            for channel in channels * 10:
                encode(channel, REQUEST)
        assert_no_abuse_seen(server)


def test_connections_beyond_the_limit_are_refused(start_server):
    server = start_server("--max-connections", "20")
    with ExitStack() as stack:
        innocent = stack.enter_context(server.channel())
        encode(innocent, REQUEST)
        for _ in range(60):
            attacker = stack.enter_context(socket.create_connection((server.host, server.port)))
            attacker.sendall(PREFACE + settings() + ping())
        encode(innocent, REQUEST)
        end = time.monotonic() + 10
        while refused(server, "connection_limit") < 40:
            assert time.monotonic() < end
            time.sleep(0.05)
    with server.channel() as channel:
        assert get_model(channel, wait_for_ready=True).name == "tiny-expert"
