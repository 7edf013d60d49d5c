"""The texts that are encoded: real papers, or random words if there are none."""

from __future__ import annotations

from dataclasses import dataclass

from options import Options
from shared.papers import (
    CALIBRATION_PAPERS,
    Document,
    random_papers,
    read_papers,
    titles,
    token_ids,
)
from shared.sequences import Sequences, Workload
from shared.vocabulary import Vocabulary
from workloads import QUERY_COUNT, paper_workloads, random_workloads


@dataclass(frozen=True)
class Material:
    """Texts for speed, for calibration, and for accuracy."""

    workloads: list[Workload]
    calibration: Sequences
    accuracy_documents: list[Document]
    accuracy_ids: Sequences


def gather(options: Options) -> Material:
    """Returns texts and token ids of the given papers, or of random words."""
    vocabulary = Vocabulary.read(options.model)
    count = CALIBRATION_PAPERS + options.accuracy_texts
    if options.texts:
        papers = read_papers(options.texts, max(count, QUERY_COUNT))
    else:
        papers = random_papers(vocabulary, count)
    ids = token_ids(options.scimult, options.model, papers)
    if options.texts:
        workloads = paper_workloads(ids, token_ids(options.scimult, options.model, titles(papers)))
    else:
        workloads = random_workloads(vocabulary)
    # Calibration and measurement use different papers if there are enough.
    held_out = slice(CALIBRATION_PAPERS if len(papers) > CALIBRATION_PAPERS else 0, count)
    return Material(workloads, ids[:CALIBRATION_PAPERS], papers[held_out], ids[held_out])
