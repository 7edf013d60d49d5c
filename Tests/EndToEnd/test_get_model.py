"""GetModel returns what a client must know."""

from __future__ import annotations

from harness.calls import get_model
from scimult._generated import scimult_pb2 as pb

ALL_TASKS = {pb.TASK_CLASSIFICATION, pb.TASK_LINK_PREDICTION, pb.TASK_SEARCH}


def test_tiny_expert(channel):
    model = get_model(channel)
    assert model.name == "tiny-expert"
    assert model.architecture == "expert"
    assert (model.dimensions, model.max_tokens, model.layers) == (64, 512, 4)
    assert set(model.tasks) == ALL_TASKS
    assert len(model.tasks) == 3
    assert (model.precision, model.similarity) == ("fp32", "dot")
    assert (model.max_documents, model.max_message_bytes) == (1024, 4_194_304)


def test_vanilla(start_server, golden_variants):
    with start_server(model=golden_variants / "vanilla").channel() as channel:
        model = get_model(channel)
    assert (model.architecture, model.similarity) == ("vanilla", "dot")
    assert set(model.tasks) == ALL_TASKS


def test_mean_pooling_means_cosine(start_server, golden_variants):
    with start_server(model=golden_variants / "mean-pool").channel() as channel:
        assert get_model(channel).similarity == "cosine"


def test_instructions_make_the_architecture(start_server, golden_variants):
    with start_server(model=golden_variants / "instruction").channel() as channel:
        assert get_model(channel).architecture == "instruction"
