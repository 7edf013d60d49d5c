#!/usr/bin/env python3
"""Measure scimult and its alternatives for encoding on CPUs: speed and accuracy.

Every engine gets the same token ids and the same cores, in a separate process. Peers run in their
best form (shapes, batch size). Prints a table for each model, and writes encoder.json, encoder.png
and encoder.svg. The peers' packages are in requirements.txt; a peer that is not installed is left
out.

    Benchmarks/encoder/setup.sh
    .venv-bench/bin/python Benchmarks/encoder/compare.py --model MODEL_FOLDER [--texts PAPERS.jsonl]
"""

from __future__ import annotations

from pathlib import Path

from accuracy import REFERENCE, Accuracy, measure_accuracy
from bert_base import make_bert_base
from contestant import Contestant, Setting, Texts
from instruction_sets import BEST
from material import Material, gather
from options import Options, parse_options
from peer_contestant import PeerContestant
from plot import draw
from report import ModelReport
from scimult_contestant import ScimultContestant
from shared.export_cache import export_cache
from shared.machine import cpu_name
from shared.papers import as_lines
from shared.peers.registry import Peer
from shared.processes import usable_cores
from shared.progress_lines import say
from shared.results_file import write_results
from shared.sequences import Sequences, Workload, write_sequences
from tournament import hold
from workloads import every_nth

PRECISIONS = ("int8", "bf16", "fp32")

BERT_BASE_CALIBRATION_PAPERS = 16
"""Random weights have no accuracy to lose, and calibrating takes minutes."""

BERT_BASE_DOCS_STEP = 2


def make_setting(options: Options, model: Path, calibration: Sequences) -> Setting:
    """Returns the folder of a model's exports, and the engines' common settings."""
    cache = export_cache(options.cache, model)
    path = cache / "calibration.json"
    write_sequences(path, [Workload("calibration", calibration)])
    return Setting(
        scimult=options.scimult,
        model=model,
        cache=cache,
        sequences=cache / "workload.json",
        calibration=path,
        threads=options.threads,
        cores=frozenset(usable_cores()[: options.threads]),
        instruction_set=options.instruction_set,
    )


def contestants(setting: Setting, peers: list[Peer], precision: str) -> list[Contestant]:
    """Returns the engines for one precision, scimult first."""
    isa = setting.instruction_set
    able = [peer for peer in peers if isa.reason_to_leave_out(peer) is None]
    rivals = [PeerContestant(setting, peer) for peer in able if peer.precision == precision]
    return [ScimultContestant(setting, precision), *rivals]


def compare_given_model(options: Options, material: Material) -> ModelReport:
    """Speed in all precisions, and accuracy in int8."""
    setting = make_setting(options, options.model, material.calibration)
    precisions = PRECISIONS[:1] if options.quick else PRECISIONS
    groups = [contestants(setting, options.peers, precision) for precision in precisions]
    outcome = hold(groups, material.workloads, options.rounds, say)
    accuracy = accuracy_of_int8(options, setting, material)
    return ModelReport(options.name, material.workloads, outcome, accuracy)


def accuracy_of_int8(options: Options, setting: Setting, material: Material) -> dict[str, Accuracy]:
    """Returns the accuracy of each engine for int8."""
    texts = Texts(as_lines(material.accuracy_documents), setting.cache / "accuracy.json")
    write_sequences(texts.sequences, [Workload("accuracy", material.accuracy_ids)])
    engines = contestants(setting, options.peers, "int8")
    return measure_accuracy(texts, PeerContestant(setting, REFERENCE), engines, say)


def compare_bert_base(options: Options, material: Material) -> ModelReport:
    """Measures speed in int8, on half of the papers: the model takes eight times as long."""
    say("BERT-base with random weights")
    model = make_bert_base(options.model / "vocab.txt", options.cache)
    setting = make_setting(options, model, material.calibration[:BERT_BASE_CALIBRATION_PAPERS])
    workloads = [
        every_nth(each, BERT_BASE_DOCS_STEP) if each.name == "docs" else each
        for each in material.workloads
    ]
    groups = [contestants(setting, options.peers, "int8")]
    outcome = hold(groups, workloads, options.rounds, say)
    return ModelReport("BERT-base (random)", workloads, outcome, {})


def main() -> None:
    """Runs the comparison."""
    options = parse_options((__doc__ or "").splitlines()[0])
    material = gather(options)
    reports = [compare_given_model(options, material)]
    if options.bert_base:
        reports.append(compare_bert_base(options, material))

    threads = f"{options.threads} {'thread' if options.threads == 1 else 'threads'}"
    isa = options.instruction_set
    held = "" if isa is BEST else f", held to {isa.name}"
    print(f"{cpu_name()}{held}, {threads}\n")
    for peer in options.peers:
        reason = isa.reason_to_leave_out(peer)
        if reason:
            print(f"{peer.name} is left out: {reason}.\n")
    for report in reports:
        print(report.table(), end="\n\n")

    options.out.mkdir(parents=True, exist_ok=True)
    contents = {
        "threads": options.threads,
        "instruction_set": isa.name,
        "texts": "papers" if options.texts else "random words",
        "seconds": options.seconds,
        "models": [report.as_json() for report in reports],
    }
    write_results(options.out / "encoder.json", contents)
    panels = [
        (report, precision)
        for precision in PRECISIONS
        for report in reports
        if any(ratio.precision == precision for ratio in report.ratios())
    ]
    if panels:
        try:
            draw(panels, f"{cpu_name()}{held}, {threads}", options.out)
        except ImportError as error:
            say(f"no plot: {error}")
    say(f"results are in {options.out}")


if __name__ == "__main__":
    main()
