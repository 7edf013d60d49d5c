#!/usr/bin/env python3
"""Calls through a network that is not the caller's own: each call until there is an answer.

    caller.py ADDRESS COUNT

The first answer must be that of all. Prints as JSON how often was called in vain, and how many
answers were wrong.
"""

from __future__ import annotations

import json
import sys

import grpc

from harness.calls import SERVICE
from harness.faulty_network import IMPATIENT, REQUEST, call_until_answered


def main() -> None:
    address, count = sys.argv[1:]
    with grpc.insecure_channel(address, IMPATIENT) as channel:
        encode = channel.unary_unary(f"/{SERVICE}/Encode")
        expected = encode(REQUEST, timeout=60, wait_for_ready=True)
    account = call_until_answered(address, int(count), expected)
    print(json.dumps([account.failures, account.wrong]))


if __name__ == "__main__":
    main()
