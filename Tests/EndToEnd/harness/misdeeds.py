"""Occasional misbehaviour of clients, chosen at random."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

import grpc

from .attacks import ATTACKS, opened
from .calls import SERVICE
from .frames import data, settings
from .innocent import REQUEST
from .malformed import frame_sequence, message, outcome, send_and_hang_up
from .raw_http2 import PREFACE
from .server import ServerProcess
from .texts import long_request
from .wire import frame

Misdeed = Callable[[ServerProcess, grpc.Channel, random.Random], None]


def cancel(server: ServerProcess, channel: grpc.Channel, chance: random.Random) -> None:
    """Makes a call and cancels it."""
    method = channel.unary_unary(f"/{SERVICE}/Encode")
    method.future(long_request(20).SerializeToString()).cancel()


def run_late(server: ServerProcess, channel: grpc.Channel, chance: random.Random) -> None:
    """Makes a call whose deadline is too short."""
    method = channel.unary_unary(f"/{SERVICE}/Encode")
    method.future(long_request(20).SerializeToString(), timeout=0.002).exception()


def malformed_message(server: ServerProcess, channel: grpc.Channel, chance: random.Random) -> None:
    outcome(channel, *message(chance.getrandbits(32)))


def malformed_frames(server: ServerProcess, channel: grpc.Channel, chance: random.Random) -> None:
    send_and_hang_up(server, frame_sequence(chance.getrandbits(32)))


def attack(server: ServerProcess, channel: grpc.Channel, chance: random.Random) -> None:
    name = chance.choice(list(ATTACKS))
    send_and_hang_up(server, PREFACE + ATTACKS[name].octets())


def cut(server: ServerProcess, channel: grpc.Channel, chance: random.Random) -> None:
    """Closes a connection in the middle of a message."""
    request = PREFACE + settings() + opened(1) + data(1, frame(REQUEST.SerializeToString()))
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(request[: chance.randrange(len(request))])


MISDEEDS: list[Misdeed] = [cancel, run_late, malformed_message, malformed_frames, attack, cut]
