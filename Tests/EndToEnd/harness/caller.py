"""A process that calls through a separate network, and repeats each call until it succeeds.

    python -m harness.caller ADDRESS COUNT

Every response must equal standard input or, if that is empty, the first response. Prints a line of
JSON for each response: the number of failed attempts before it, and whether it was wrong.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc

from .calls import SERVICE
from .faulty_network import IMPATIENT, REQUEST, Account, failures_before

HARNESS = Path(__file__).resolve().parents[1]

#: The maximum mean duration of a call, including its failed attempts.
CALL_SECONDS_MAX = 5
CRASHES_MAX = 20
FIRST_SECONDS_MAX = 60
#: The exit code of a process whose calls no longer succeed.
STUCK = 3


def call_in_processes(
    address: str, count: int, expected: bytes = b"", launcher: Sequence[str] = ()
) -> Account:
    """Makes calls in separate processes, and repeats each until it succeeds.

    gRPC's core aborts on some frames that are corrupted in clear text. After others, such as a
    window of zero, its connection is stuck forever. Another process then makes the remaining calls.
    """
    account = Account()
    for _ in range(CRASHES_MAX):
        left = count - account.answers
        ended = subprocess.run(
            [*launcher, sys.executable, "-m", "harness.caller", address, str(left)],
            input=expected,
            stdout=subprocess.PIPE,
            cwd=HARNESS,
            timeout=CALL_SECONDS_MAX * left,
            check=False,
        )
        for line in ended.stdout.splitlines():
            failures, is_wrong = json.loads(line)
            account.answers += 1
            account.failures += failures
            account.wrong += is_wrong
        if ended.returncode not in (-signal.SIGABRT, STUCK):
            ended.check_returncode()
            return account
    raise AssertionError(f"gRPC's core aborted or stood still {CRASHES_MAX} times")


def main() -> None:
    address, count = sys.argv[1:]
    expected = sys.stdin.buffer.read()
    with grpc.insecure_channel(address, IMPATIENT) as channel:
        encode = channel.unary_unary(f"/{SERVICE}/Encode")
        expected = expected or encode(REQUEST, timeout=FIRST_SECONDS_MAX, wait_for_ready=True)
        for _ in range(int(count)):
            account = Account()
            try:
                failures = failures_before(encode, expected, account)
            except AssertionError as error:
                print(error, file=sys.stderr)
                sys.exit(STUCK)
            print(json.dumps([failures, account.wrong]), flush=True)


if __name__ == "__main__":
    main()
