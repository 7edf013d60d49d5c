"""Ranks real papers through real servers, then stops them: what `make demo` shows."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any, TypeVar

import numpy as np

from scimult import Client, Document, Paper, RankedCandidate, ScimultError, Task

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = REPOSITORY / "examples"

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 20

SEARCH_QUERY = "editing genes in living cells"
CITING_PAPER = Paper(
    "SciBERT: A Pretrained Language Model for Scientific Text",
    "Labelled data for natural language processing of scientific text is scarce. A BERT model is "
    "pre-trained without supervision on a large corpus of scientific papers, and improves sequence "
    "tagging, sentence classification and dependency parsing in that domain.",
)
CLASSIFIED_PAPER = "jumper2021"
TASKS: tuple[Task, ...] = ("classification", "link_prediction", "search")

Answer = TypeVar("Answer")


class DemoError(Exception):
    """The demo cannot continue; the message says why and what to do."""


@contextmanager
def served(scimult: Path, model: Path) -> Iterator[str]:
    """Serves a model on a free port until the block ends, and yields the address."""
    options = ["--listen", "127.0.0.1:0", "--admin", "off", "--log-level", "warning"]
    command = [str(scimult), "serve", "--model", str(model), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield ready_address(process.stdout)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()


def ready_address(stdout: IO[str]) -> str:
    """Waits for a server's ready line and reads the address from it."""
    lines: Queue[str] = Queue()
    Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
    try:
        line = lines.get(timeout=START_SECONDS_MAX)
    except Empty:
        raise DemoError(f"the server was not ready after {START_SECONDS_MAX} s") from None
    ready = re.match(r"ready grpc=(\S+)", line)
    if ready is None:
        raise DemoError("the server did not start; its own message stands above")
    return ready[1]


class Screen:
    """Prints tables as wide as the terminal, with colours and bars only on a terminal."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 110)

    def style(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.is_terminal else text

    def heading(self, text: str) -> None:
        print(f"\n{self.style('1', text)}")

    def note(self, text: str) -> None:
        for line in textwrap.wrap(text, self.width - 2):
            print(f"  {self.style('2', line)}")

    def ranking(self, results: Sequence[RankedCandidate], rows: Sequence[dict[str, Any]]) -> None:
        """Prints a ranking: position, score, bar, title, year."""
        best, bar_width = results[0].score, 12 if self.is_terminal else 0
        title_width = self.width - 20 - bar_width
        for place, result in enumerate(results, 1):
            row = rows[result.index]
            filled = round(bar_width * max(result.score, 0) / best) if best > 0 else 0
            bar = self.style("36", "█" * filled) + " " * (bar_width - filled)
            title = textwrap.shorten(row["title"], title_width, placeholder=" …")
            year = row.get("year", "")
            print(f"  {place:2}. {result.score:7.3f} {bar} {title:{title_width}} {year}".rstrip())

    def matrix(self, names: Sequence[str], values: np.ndarray) -> None:
        """Prints a square table, (n, n), of values between named rows and columns."""
        width = max(map(len, names)) + 2
        print("  " + " " * width + "".join(f"{name:>{width}}" for name in names))
        for name, row in zip(names, values, strict=True):
            print(f"  {name:<{width}}" + "".join(f"{value:{width}.3f}" for value in row))


def timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
    """Returns a call's result, and its duration in milliseconds."""
    start = time.perf_counter()
    answer = call()
    return answer, (time.perf_counter() - start) * 1000


def show_minilm(screen: Screen, scimult: Path, model: Path) -> None:
    """Ranks the papers for three queries, one for each task."""
    papers, labels = read_lines("papers.jsonl"), read_lines("labels.jsonl")
    classified = next(paper for paper in papers if paper["id"] == CLASSIFIED_PAPER)
    screen.heading("A real model: all-MiniLM-L6-v2")
    start = time.perf_counter()
    with served(scimult, model) as address, Client(address) as client:
        describe(screen, client, time.perf_counter() - start)

        screen.heading(f"Search: “{SEARCH_QUERY}”")
        rank(screen, client, "search", SEARCH_QUERY, papers, top_k=5)

        screen.heading(f"Link prediction: what does “{CITING_PAPER.title}” relate to?")
        rank(screen, client, "link_prediction", CITING_PAPER, papers, top_k=5)

        screen.heading(f"Classification: what is “{classified['title']}” about?")
        rank(screen, client, "classification", classified, labels, top_k=4)

        _, milliseconds = timed(lambda: client.encode(SEARCH_QUERY, task="search"))
        screen.note(
            f"the search query alone, embedded once more: {milliseconds:.1f} ms there and back"
        )


def show_expert(screen: Screen, scimult: Path, model: Path) -> None:
    """Shows that an Expert model gives one text a different embedding for each task."""
    screen.heading("A SciMult Expert checkpoint: tiny, with random weights")
    start = time.perf_counter()
    with served(scimult, model) as address, Client(address) as client:
        describe(screen, client, time.perf_counter() - start)
        vectors = np.concatenate(
            [client.encode(CITING_PAPER, task=task, normalize=True) for task in TASKS]
        )
    screen.heading("One paper, three experts: cosines between its vectors")
    screen.matrix([task.replace("_", " ") for task in TASKS], vectors @ vectors.T)

    screen.note("Below 1 off the diagonal: each task reads the paper with its own attention.")


def describe(screen: Screen, client: Client, start_seconds: float) -> None:
    model = client.model()
    screen.note(
        f"{model.architecture}, {model.layers} layers, {model.dimensions} dimensions, "
        f"{model.precision}; loaded, warmed up and ready in {start_seconds:.2f} s"
    )


def rank(
    screen: Screen,
    client: Client,
    task: Task,
    query: Document,
    candidates: Sequence[dict[str, Any]],
    *,
    top_k: int,
) -> None:
    results, milliseconds = timed(lambda: client.rank(query, candidates, task=task, top_k=top_k))
    screen.ranking(results, candidates)
    screen.note(
        f"the query and {len(candidates)} candidates read and ranked in {milliseconds:.0f} ms, "
        f"{milliseconds / (1 + len(candidates)):.1f} ms each"
    )


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text("utf-8").splitlines()]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scimult", type=Path, required=True, help="the executable")
    parser.add_argument("--minilm", type=Path, required=True, help="folder of a real MiniLM")
    parser.add_argument("--expert", type=Path, required=True, help="folder of an Expert checkpoint")
    return parser.parse_args()


def main() -> int:
    options, screen, start = arguments(), Screen(), time.perf_counter()
    try:
        show_minilm(screen, options.scimult, options.minilm)
        show_expert(screen, options.scimult, options.expert)
    except (DemoError, ScimultError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    screen.heading(f"Done in {time.perf_counter() - start:.1f} s; both servers are stopped.")
    print("  Next: README.md, or clients/python/README.md for your own papers.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
