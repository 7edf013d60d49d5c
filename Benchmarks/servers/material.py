"""The texts of requests: titles of real papers as queries, and their abstracts; or random words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

from options import Options
from shared.papers import (
    CALIBRATION_PAPERS,
    random_papers,
    random_texts,
    read_papers,
    titles,
    token_ids,
    tokenized,
)
from shared.sequences import Sequences
from shared.vocabulary import Vocabulary
from traffic import Text, Traffic

DOCUMENTS_PER_REQUEST = 32
REQUESTS = 8
"""The number of requests; each client process sends a different one."""
REQUESTS_QUICK = 2

QUERY_TOKENS_MIN = 6
QUERY_TOKENS_MAX = 20


@dataclass(frozen=True)
class Material:
    """The texts of requests, and those for calibration."""

    mixed: Traffic
    papers: Traffic
    query: Traffic
    calibration: Sequences

    @property
    def traffics(self) -> list[Traffic]:
        """All kinds of traffic."""
        return [self.mixed, self.papers, self.query]

    @property
    def texts(self) -> dict[str, list[int]]:
        """The token ids of each text."""
        requests = [request for traffic in self.traffics for request in traffic.requests]
        return {text.text: text.ids for request in requests for text in request}


def gather(options: Options) -> Material:
    """Reads or makes the texts."""
    requests = REQUESTS_QUICK if options.quick else REQUESTS
    count = requests * DOCUMENTS_PER_REQUEST
    vocabulary = Vocabulary.read(options.model)
    if options.texts:
        papers = read_papers(options.texts, CALIBRATION_PAPERS + 2 * count)
        measured = papers[CALIBRATION_PAPERS:] or papers
        queries = titles(measured)
        documents = [{"text": paper["abstract"]} for paper in measured if paper["abstract"]]
    else:
        papers = random_papers(vocabulary, CALIBRATION_PAPERS + count)
        documents = papers[CALIBRATION_PAPERS:]
        queries = random_texts(vocabulary, count, QUERY_TOKENS_MIN, QUERY_TOKENS_MAX)
    short = read_texts(options, queries, count)
    long = read_texts(options, documents, count)

    half = DOCUMENTS_PER_REQUEST // 2
    return Material(
        mixed=Traffic(
            "mixed",
            [a + b for a, b in zip(parts(short, half), parts(long, half), strict=True)][:requests],
            (8,),
        ),
        papers=Traffic("papers", parts(long, DOCUMENTS_PER_REQUEST), (8,)),
        query=Traffic("query", parts(short[:requests], 1), (1, 8, 64)),
        calibration=token_ids(options.scimult, options.model, papers[:CALIBRATION_PAPERS]),
    )


def read_texts(options: Options, documents: list[dict[str, str]], count: int) -> list[Text]:
    """Returns texts that no server truncates, because servers truncate at different positions."""
    lines = tokenized(options.scimult, options.model, documents)
    whole = [
        Text(document["text"], line["ids"])
        for document, line in zip(documents, lines, strict=True)
        if not line["truncated"]
    ]
    if not whole:
        raise SystemExit("no texts: all are longer than the model reads, or there are none")
    return list(islice(cycle(whole), count))


def parts(texts: list[Text], size: int) -> list[list[Text]]:
    """Splits the texts into requests of one size."""
    return [texts[start : start + size] for start in range(0, len(texts), size)]
