"""The share of the engine's speed that clients get: engine and server measured in turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from engine import engine_s
from h2load import Load, Request, run
from scimult_contestant import ScimultContestant
from setting import Setting
from shared.progress_lines import say
from shared.sequences import Workload
from traffic import Text, Traffic

CONCURRENCY = 8

REQUESTS = 2
"""Requests of papers: few, so that the engine's pass ends before the machine's speed changes."""

PAPER_SECONDS = 4.0
"""Seconds for papers in a turn: a few waves of concurrent calls."""

STREAM_PATH = "/scimult.v1.SciMult/EncodeStream"


@dataclass(frozen=True)
class Turn:
    """Results between two runs of the engine alone, in tokens per second."""

    engine_before: float
    encode: float
    stream: float
    engine_after: float

    @property
    def engine(self) -> float:
        """The engine's own speed during the turn."""
        return (self.engine_before + self.engine_after) / 2


@dataclass(frozen=True)
class QueryTurn:
    """One query at a time, between two runs of the engine alone: medians in seconds."""

    engine_before_s: float
    served_s: float
    engine_after_s: float

    @property
    def overhead_s(self) -> float:
        """The time that the server adds to the engine's."""
        return self.served_s - (self.engine_before_s + self.engine_after_s) / 2


@dataclass(frozen=True)
class EngineShare:
    """All turns."""

    turns: list[Turn]
    query_turns: list[QueryTurn]

    @property
    def encode(self) -> float:
        """The share of the engine's tokens per second through Encode."""
        return median(turn.encode / turn.engine for turn in self.turns)

    @property
    def stream(self) -> float:
        """The same through EncodeStream."""
        return median(turn.stream / turn.engine for turn in self.turns)

    @property
    def query_overhead_s(self) -> float:
        """The time that a unary call with one query takes longer than the engine."""
        return median(turn.overhead_s for turn in self.query_turns)

    def as_json(self) -> dict[str, Any]:
        """Returns medians, and all turns."""
        return {
            "encode": self.encode,
            "encode_stream": self.stream,
            "query_overhead_s": self.query_overhead_s,
            "turns": [asdict(turn) for turn in self.turns],
            "query_turns": [asdict(turn) for turn in self.query_turns],
        }


class EngineShareMeasurement:
    """Measures scimult's server and its engine on the same core."""

    def __init__(self, setting: Setting, turns: int, seconds: float) -> None:
        self.setting = setting
        self.turns = turns
        self.seconds = seconds
        self.contestant = ScimultContestant(setting)

    def measure(self, papers: Traffic, query: Traffic) -> EngineShare:
        """Measures many papers at a time with both methods, and one query at a time."""
        self.contestant.start(query.requests[0])
        try:
            return EngineShare(self.paper_turns(papers), self.query_turns(query))
        finally:
            self.contestant.stop()

    def paper_turns(self, papers: Traffic) -> list[Turn]:
        """Measures Encode, then EncodeStream, between runs of the engine."""
        requests = papers.requests[:REQUESTS]
        workload = Workload("papers", [text.ids for request in requests for text in request])
        clients = self.requests(requests)
        found: list[Turn] = []
        engine = workload.tokens / self.engine_s(workload, PAPER_SECONDS)
        for number in range(self.turns):
            passes = max(CONCURRENCY // REQUESTS, round(engine * PAPER_SECONDS / workload.tokens))
            encode = run(self.contestant.target, clients, CONCURRENCY, passes * len(clients))
            stream = self.stream(clients, passes)
            after = workload.tokens / self.engine_s(workload, PAPER_SECONDS)
            turn = Turn(
                engine, encode.tokens / encode.seconds, stream.tokens / stream.seconds, after
            )
            found.append(turn)
            engine = after
            say(
                f"share of the engine, turn {number + 1}: Encode {turn.encode / turn.engine:.3f}, "
                f"EncodeStream {turn.stream / turn.engine:.3f}"
            )
        return found

    def stream(self, clients: Sequence[Request], passes: int) -> Load:
        """Sends all requests on one EncodeStream call, `passes` times."""
        body = self.setting.scratch / "stream"
        body.write_bytes(b"".join(client.body.read_bytes() for client in clients) * passes)
        call = Request(
            body=body,
            reply_bytes=passes * sum(client.reply_bytes for client in clients),
            texts=passes * sum(client.texts for client in clients),
            tokens=passes * sum(client.tokens for client in clients),
        )
        return run(replace(self.contestant.target, path=STREAM_PATH), [call], 1, 1)

    def query_turns(self, query: Traffic) -> list[QueryTurn]:
        """Measures one query with the engine and through Encode."""
        workload = Workload("query", [query.requests[0][0].ids])
        client = self.requests(query.requests[:1])
        found: list[QueryTurn] = []
        engine = self.engine_s(workload, self.seconds)
        for number in range(self.turns):
            served = run(self.contestant.target, client, 1, round(self.seconds / engine)).p50_s
            after = self.engine_s(workload, self.seconds)
            turn = QueryTurn(engine, served, after)
            found.append(turn)
            engine = after
            say(f"one query, turn {number + 1}: {turn.overhead_s * 1_000:.3f} ms above the engine")
        return found

    def requests(self, requests: list[list[Text]]) -> list[Request]:
        """Returns requests as files."""
        return [self.contestant.request(texts)[0] for texts in requests]

    def engine_s(self, workload: Workload, seconds: float) -> float:
        """Returns the engine's median for a pass over a workload, repeated for some seconds."""
        return engine_s(self.setting, self.setting.model, workload, seconds)
