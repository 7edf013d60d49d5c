"""A peer in a process that runs throughout its measurements."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

from contestant import Contestant, Setting, Texts
from measurement import Measurement
from shared.peers.registry import Peer
from shared.processes import AbsentError
from shared.sequences import Workload, write_sequences

WORKER = Path(__file__).with_name("peer_worker.py")

ANSWER_SECONDS_MAX = 1800
"""If a peer takes longer to export, quantise or measure, it is left out."""

END_SECONDS_MAX = 30


class PeerContestant(Contestant):
    """A peer in `peer_worker.py`, whose process runs from `start` to `close`."""

    def __init__(self, setting: Setting, peer: Peer) -> None:
        self.setting = setting
        self.product = peer.product
        self.precision = peer.precision
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        options = {
            "--peer": self.name,
            "--model": self.setting.model,
            "--cache": self.setting.cache,
            "--calibration": self.setting.calibration,
            "--threads": self.setting.threads,
        }
        words = [str(word) for pair in options.items() for word in pair]
        with (self.setting.cache / f"{self.name}.log").open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.setting.pinned([sys.executable, str(WORKER), *words]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.setting.environment,
            )
        self.answer()

    def prepare(self, workload: Workload) -> dict[str, Any]:
        write_sequences(self.setting.sequences, [workload])
        return self.ask("prepare", sequences=str(self.setting.sequences), workload=workload.name)

    def measure(self, duration: float) -> Measurement:
        return Measurement(**self.ask("measure", seconds=duration))

    def embed(self, texts: Texts, output: Path) -> None:
        self.ask("embed", sequences=str(texts.sequences), output=str(output))

    def release(self) -> None:
        self.ask("release")

    def close(self) -> None:
        if self.process is None:
            return
        assert self.process.stdin is not None and self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Sends a command and waits for its answer."""
        if self.process is None or self.process.stdin is None:
            raise AbsentError("not started")
        line = json.dumps({"command": command, **arguments})
        try:
            print(line, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise AbsentError("its process has ended") from None
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Returns the next line from the process."""
        assert self.process is not None and self.process.stdout is not None
        watchdog = Timer(ANSWER_SECONDS_MAX, self.process.kill)
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            raise AbsentError("its process has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise AbsentError(answer["error"])
        return answer
