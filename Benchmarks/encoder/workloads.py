"""The named workloads: lists of token sequences that every engine encodes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np
from shared.sequences import Sequences, Workload
from shared.vocabulary import Vocabulary

SEED = 0
DOC_COUNT = 64
QUERY_COUNT = 256
ONE_QUERY_TOKENS = 12
ONE_DOC_TOKENS = 220


def query_lengths(random: np.random.Generator) -> list[int]:
    """Returns the lengths of short queries, 12 tokens on average."""
    lengths = np.clip(np.round(random.normal(12, 5, QUERY_COUNT)), 4, 32)
    return [int(length) for length in lengths]


def random_workloads(vocabulary: Vocabulary) -> list[Workload]:
    """Random whole words, the same in each run, with typical lengths of papers and queries."""
    random = np.random.default_rng(SEED)
    docs = np.clip(np.round(random.lognormal(np.log(205), 0.4, DOC_COUNT)), 20, 512)
    queries = query_lengths(random)
    return [
        Workload("docs", [vocabulary.random_sequence(random, int(length)) for length in docs]),
        Workload("queries", [vocabulary.random_sequence(random, length) for length in queries]),
        Workload("one_query", [vocabulary.random_sequence(random, ONE_QUERY_TOKENS)]),
        Workload("one_doc", [vocabulary.random_sequence(random, ONE_DOC_TOKENS)]),
    ]


def paper_workloads(papers: Sequences, titles: Sequences) -> list[Workload]:
    """Real papers, and as queries their titles, which are truncated."""
    lengths = query_lengths(np.random.default_rng(SEED))
    queries = [cut(title, length) for title, length in zip(cycle(titles), lengths, strict=False)]
    return [
        Workload("docs", list(islice(cycle(papers), DOC_COUNT))),
        Workload("queries", queries),
        Workload("one_query", [cut(at_least(titles, ONE_QUERY_TOKENS), ONE_QUERY_TOKENS)]),
        Workload("one_doc", [cut(at_least(papers, ONE_DOC_TOKENS), ONE_DOC_TOKENS)]),
    ]


def cut(sequence: Sequence[int], length: int) -> list[int]:
    """Truncates to `length` tokens, and keeps the final [SEP]."""
    if len(sequence) <= length:
        return list(sequence)
    return [*sequence[: length - 1], sequence[-1]]


def at_least(sequences: Sequences, length: int) -> list[int]:
    """Returns the first sequence of at least that length, or the longest."""
    return next((s for s in sequences if len(s) >= length), max(sequences, key=len))


def every_nth(workload: Workload, step: int) -> Workload:
    """Returns a part with the same distribution of lengths, for slow models."""
    by_length = sorted(workload.sequences, key=len)
    return Workload(workload.name, by_length[step // 2 :: step])
