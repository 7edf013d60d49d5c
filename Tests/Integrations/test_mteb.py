"""MTEB runs its tasks with a server."""

from __future__ import annotations

from types import SimpleNamespace

import mteb
import pytest
from datasets import Dataset
from mteb.abstasks.retrieval import AbsTaskRetrieval
from mteb.abstasks.retrieval_dataset_loaders import RetrievalSplitData
from mteb.models.models_protocols import EncoderProtocol
from mteb.types import PromptType

from closeness import assert_close
from scimult.mteb import ScimultEncoder


def metadata(kind: str) -> SimpleNamespace:
    return SimpleNamespace(type=kind, name="made up")


@pytest.fixture
def encoder(client):
    return ScimultEncoder(client)


def encode(encoder, batches, kind, prompt_type=None):
    return encoder.encode(
        batches,
        task_metadata=metadata(kind),
        hf_split="test",
        hf_subset="default",
        prompt_type=prompt_type,
        batch_size=8,
    )


def test_it_is_an_encoder_of_mteb(encoder):
    assert isinstance(encoder, EncoderProtocol)
    described = encoder.mteb_model_meta
    assert (described.name, described.embed_dim, described.max_tokens) == (
        "scimult/tiny-expert",
        64,
        512,
    )


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        ("Retrieval", "search"),
        ("Reranking", "search"),
        ("Classification", "classification"),
        ("Clustering", "classification"),
        ("STS", "link_prediction"),
    ],
)
def test_benchmarks_have_their_expert(encoder, client, kind, task):
    batches = [{"text": ["cells", "genes"]}, {"text": ["stars"]}]
    expected = client.encode(["cells", "genes", "stars"], task=task)
    assert_close(encode(encoder, batches, kind), expected)


def test_the_expert_may_be_chosen(client):
    rows = encode(ScimultEncoder(client, task="classification"), [{"text": ["a"]}], "Retrieval")
    assert_close(rows, client.encode("a", task="classification"))


def test_documents_with_titles_are_papers(encoder, client, papers):
    batch = {
        "text": [f"{paper['title']} {paper['abstract']}" for paper in papers],
        "title": [paper["title"] for paper in papers],
        "body": [paper["abstract"] for paper in papers],
    }
    rows = encode(encoder, [batch], "Retrieval", PromptType.document)
    assert_close(rows, client.encode(papers, task="search", role="candidate"))
    rows = encode(encoder, [{"text": ["a"]}], "Retrieval", PromptType.query)
    assert_close(rows, client.encode("a", task="search", role="query"))


class PapersByTitle(AbsTaskRetrieval):
    """Finds a paper by its own title and abstract, which any encoder must."""

    metadata = mteb.TaskMetadata(
        name="PapersByTitle",
        description="Papers are found by themselves.",
        type="Retrieval",
        dataset={"path": "made/up", "revision": "1"},
        eval_splits=["test"],
        eval_langs=["eng-Latn"],
        main_score="recall_at_1",
        category="t2t",
        modalities=["text"],
    )

    papers: list

    def load_data(self, *args, **kwargs):
        rows = [
            {"id": paper["id"], "title": paper["title"], "text": paper["abstract"]}
            for paper in self.papers
        ]
        queries = [
            {"id": f"q{row['id']}", "text": f"{row['title']} [SEP] {row['text']}"} for row in rows
        ]
        split = RetrievalSplitData(
            corpus=Dataset.from_list(rows),
            queries=Dataset.from_list(queries),
            relevant_docs={f"q{row['id']}": {row["id"]: 1} for row in rows},
            top_ranked=None,
        )
        self.dataset = {"default": {"test": split}}
        self.data_loaded = True


def test_a_task_of_mteb_runs(encoder, papers):
    task = PapersByTitle()
    task.papers = papers
    result = mteb.evaluate(encoder, task, cache=None)
    assert result.task_results[0].scores["test"][0]["recall_at_1"] > 0.9
