"""A process that calls through a network that is not its own: each call until there is an answer.

    python -m harness.caller ADDRESS COUNT

Every answer must be what standard input holds; if that is empty, what the first one was. Prints for
each answer a line of JSON: how often was called in vain before it, and whether it was wrong.
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

#: Of one call that got its answer at last, in the mean.
CALL_SECONDS_MAX = 5
CRASHES_MAX = 20
FIRST_SECONDS_MAX = 60
#: How a process ends that gets no answer any more.
STUCK = 3


def call_in_processes(
    address: str, count: int, expected: bytes = b"", launcher: Sequence[str] = ()
) -> Account:
    """Makes so many calls, each until there is an answer, in processes of their own.

    gRPC's core aborts on some frames that were corrupted in clear text, and by others, such as a
    window of nothing, its connection stands still for good: then another process makes the calls
    that are left.
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
