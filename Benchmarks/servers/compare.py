#!/usr/bin/env python3
"""Measure `scimult serve` and alternative servers over loopback, with a real model.

Each server has one thread and one core, the load generator another core. Before a server is
measured, a real client checks that its embeddings are the model's. Prints tables, and writes
servers.json, servers.png and servers.svg. A server that cannot be installed or started is left out.

    Benchmarks/servers/setup.sh
    .venv-bench-servers/bin/python Benchmarks/servers/compare.py --model MODEL_FOLDER \\
        [--texts PAPERS.jsonl]
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from constant_embeddings import Constants, ConstantsMeasurement
from contestants import MAKERS
from engine_share import EngineShare, EngineShareMeasurement
from h2load import LoadError
from material import Material, gather
from options import ROOT, Options, parse_options
from plot import draw
from report import Report
from rounds import Rounds
from setting import Setting
from shared.export_cache import export_cache
from shared.machine import cpu_name
from shared.processes import AbsentError, usable_cores
from shared.progress_lines import say
from shared.results_file import write_results
from shared.sequences import Workload, write_sequences
from validation import Reference

EXPORTERS_PYTHON = ROOT / ".venv-bench/bin/python"

SHARE_TURNS = 15
CONSTANTS_TURNS = 9
TURNS_QUICK = 2


def make_setting(options: Options, material: Material, scratch: Path) -> Setting:
    """Returns the cores, and the folder of the model's exports."""
    cache = export_cache(options.cache, options.model)
    calibration = cache / "servers-calibration.json"
    write_sequences(calibration, [Workload("calibration", material.calibration)])
    cores = usable_cores()
    if len(cores) == 1:
        say("there is one core: servers and load share it")
    return Setting(
        scimult=options.scimult,
        model=options.model,
        cache=cache,
        calibration=calibration,
        scratch=scratch,
        server_core=cores[0],
        load_core=cores[-1],
    )


def prepare(setting: Setting, material: Material) -> Reference:
    """Exports the model unless that has been done, and embeds all texts in fp32."""
    texts, reference = setting.scratch / "texts.json", setting.scratch / "reference.npy"
    write_sequences(texts, [Workload("texts", list(material.texts.values()))])
    result = subprocess.run(
        [
            *(str(EXPORTERS_PYTHON), str(Path(__file__).with_name("prepare.py"))),
            *("--model", str(setting.model), "--cache", str(setting.cache)),
            *("--calibration", str(setting.calibration), "--texts", str(texts)),
            *("--reference", str(reference), "--threads", str(len(usable_cores()))),
        ],
        check=False,
        env=setting.environment,
    )
    if result.returncode != 0:
        raise SystemExit("the reference embeddings could not be made")
    return Reference(dict(zip(material.texts, np.load(reference), strict=True)))


def engine_share(options: Options, setting: Setting, material: Material) -> EngineShare | None:
    """Measures how much of the engine's speed clients get."""
    turns = TURNS_QUICK if options.quick else SHARE_TURNS
    measurement = EngineShareMeasurement(setting, turns, options.seconds)
    try:
        return measurement.measure(material.papers, material.query)
    except (AbsentError, LoadError) as error:
        say(f"the engine's share was not measured: {error}")
        return None


def constants(options: Options, setting: Setting) -> Constants | None:
    """Compares calls per second with a server that encodes nothing."""
    turns = TURNS_QUICK if options.quick else CONSTANTS_TURNS
    measurement = ConstantsMeasurement(setting, options.tiny, turns, options.seconds)
    try:
        return measurement.measure()
    except (AbsentError, LoadError) as error:
        say(f"constants were not measured: {error}")
        return None


def compare(options: Options, scratch: Path) -> Report:
    """Runs all measurements."""
    material = gather(options)
    setting = make_setting(options, material, scratch)
    reference = prepare(setting, material)
    contestants = [MAKERS[name](setting) for name in options.contestants]
    rounds = Rounds(contestants, reference, options.rounds, options.seconds)
    outcome = rounds.hold(material)
    share = engine_share(options, setting, material)
    return Report(options.name, outcome, share, constants(options, setting))


def main() -> None:
    """Runs the comparison."""
    # SIGTERM then stops the servers, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    options = parse_options((__doc__ or "").splitlines()[0])
    if shutil.which("h2load") is None:
        sys.exit("h2load is needed: apt-get install nghttp2-client")
    with TemporaryDirectory() as scratch:
        report = compare(options, Path(scratch))
    print(f"{cpu_name()}, one thread on one core\n\n{report.text()}\n")

    options.out.mkdir(parents=True, exist_ok=True)
    contents = {
        "texts": "papers" if options.texts else "random words",
        "rounds": options.rounds,
        "seconds": options.seconds,
        **report.as_json(),
    }
    write_results(options.out / "servers.json", contents)
    if report.loads:
        try:
            draw(report, f"{options.name} in int8, {cpu_name()}, one thread", options.out)
        except ImportError as error:
            say(f"no plot: {error}")
    say(f"results are in {options.out}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")
