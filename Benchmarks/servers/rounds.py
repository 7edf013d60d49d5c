"""Measures servers in turns, so that a slow minute of the machine affects all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from contestant import Contestant
from core_watch import CoreWatch
from h2load import LoadError, Request, run
from material import Material
from outcome import Outcome, Result, Standing, Turn
from shared.processes import AbsentError
from shared.progress_lines import say
from traffic import Text, Traffic
from validation import Reference, validated_requests

ROUNDS_MIN = 5
TRIAL_SHARE = 0.5
"""The trial's share of a turn. In it, engines prepare for new shapes."""

STARTS_MAX = 3
STARTS_SECONDS_MAX = 6.0
"""A server whose start takes longer is started only once."""


class Rounds:
    """Runs contestants; one that fails is left out afterwards."""

    def __init__(
        self,
        contestants: list[Contestant],
        reference: Reference,
        count: int,
        seconds: float,
    ) -> None:
        self.contestants = contestants
        self.reference = reference
        self.count = count
        self.seconds = seconds
        self.outcome = Outcome()
        self.first: list[Text] = []

    def hold(self, material: Material) -> Outcome:
        """Starts the servers, measures all traffic, and stops them."""
        everyone = list(self.contestants)
        try:
            self.first = material.query.requests[0]
            self.each(self.start)
            for traffic in material.traffics:
                self.measure_traffic(traffic)
            self.each(self.weigh)
        finally:
            for contestant in everyone:
                contestant.stop()
        return self.outcome

    def each(self, action: Callable[[Contestant], None]) -> None:
        """Runs an action for each remaining contestant; one that fails is left out."""
        for contestant in list(self.contestants):
            try:
                self.attempt(contestant, action)
            except (AbsentError, LoadError) as failure:
                self.outcome.absent[contestant.name] = self.reason(contestant, failure)
                self.outcome.standings.pop(contestant.name, None)
                self.contestants.remove(contestant)
                contestant.stop()

    def attempt(self, contestant: Contestant, action: Callable[[Contestant], None]) -> None:
        """Runs an action; a server that had answered before is restarted once for another try."""
        try:
            action(contestant)
        except (AbsentError, LoadError) as failure:
            if contestant.name not in self.outcome.standings:
                raise
            reason = self.reason(contestant, failure)
            self.outcome.failures.append(f"{contestant.name} was started again: {reason}")
            contestant.stop()
            contestant.start(self.first)
            action(contestant)

    def reason(self, contestant: Contestant, failure: AbsentError | LoadError) -> str:
        """Logs why a contestant failed, with the end of its log; returns the reason in one line."""
        if isinstance(failure, LoadError):
            failure = contestant.absence(str(failure))
        say(f"{contestant.name} failed: {failure}")
        reason, *log = (line.strip() for line in str(failure).splitlines())
        return ": ".join([reason, *log[-1:]])

    def start(self, contestant: Contestant) -> None:
        """Starts a server, several times if that is fast, and checks its first answer."""
        say(f"starting {contestant.name}")
        seconds: list[float] = []
        while True:
            taken, vectors = contestant.start(self.first)
            self.reference.cosines(self.first, vectors)
            seconds.append(taken)
            if len(seconds) == STARTS_MAX or sum(seconds) > STARTS_SECONDS_MAX:
                break
            contestant.stop()
        self.outcome.standings[contestant.name] = Standing(contestant.title, median(seconds))
        say(f"{contestant.name} answered after {median(seconds):.2f} s")

    def measure_traffic(self, traffic: Traffic) -> None:
        """Measures all contestants with all numbers of concurrent requests."""
        requests: dict[str, list[Request]] = {}

        def check(contestant: Contestant) -> None:
            sent, cosines = validated_requests(contestant, traffic, self.reference)
            requests[contestant.name] = sent
            self.outcome.standings[contestant.name].cosines.append(cosines)

        self.each(check)
        for concurrency in traffic.concurrencies:
            turns = self.turns(requests, concurrency)
            for contestant in self.contestants:
                result = Result(contestant.name, traffic.name, concurrency, turns[contestant.name])
                self.outcome.results.append(result)
                say(
                    f"{traffic.name} at {concurrency}: {contestant.name}: "
                    f"{result.median('texts_per_s'):,.1f} texts/s, "
                    f"p50 {result.median('p50_s') * 1_000:,.1f} ms"
                )

    def turns(self, requests: dict[str, list[Request]], concurrency: int) -> dict[str, list[Turn]]:
        """Measures all contestants in turns, after a trial that estimates their speed."""
        counts: dict[str, int] = {}
        turns: dict[str, list[Turn]] = {each.name: [] for each in self.contestants}

        def try_out(contestant: Contestant) -> None:
            clients = requests[contestant.name]
            one = run(contestant.target, clients, 1, 1)
            count = round(self.seconds * TRIAL_SHARE / one.seconds)
            trial = run(contestant.target, clients, concurrency, count)
            counts[contestant.name] = round(trial.requests / trial.seconds * self.seconds)

        self.each(try_out)
        end = time.monotonic() + self.count * self.seconds * len(self.contestants)
        for number in range(self.count):
            # On a slow server, one request from each client takes longer than a turn should.
            if number >= ROUNDS_MIN and time.monotonic() > end:
                break

            def take_turn(contestant: Contestant, number: int = number) -> None:
                # If one client is enough, a different one is used in each round.
                clients = requests[contestant.name]
                first = number % len(clients)
                clients = clients[first:] + clients[:first]
                turn = self.turn(contestant, clients, concurrency, counts[contestant.name])
                turns[contestant.name].append(turn)

            self.each(take_turn)
        return turns

    def turn(
        self, contestant: Contestant, clients: list[Request], concurrency: int, count: int
    ) -> Turn:
        """Measures one load, after a request that loads the model into the caches again."""
        run(contestant.target, clients, 1, 1)
        with CoreWatch(contestant.setting.server_core, contestant.running) as watch:
            load = run(contestant.target, clients, concurrency, count)
        return Turn(
            requests=load.requests,
            texts_per_s=load.texts / load.seconds,
            tokens_per_s=load.tokens / load.seconds,
            p50_s=load.p50_s,
            p99_s=load.p99_s,
            others_share=watch.others_share,
        )

    def weigh(self, contestant: Contestant) -> None:
        """Records a server's memory after all load."""
        memory = contestant.running.memory_bytes()
        self.outcome.standings[contestant.name].memory_bytes = memory
