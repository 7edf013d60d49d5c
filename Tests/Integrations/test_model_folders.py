"""Each option that sentence-transformers saves is served as the library reads it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from torch import nn

from harness.command import json_lines
from scimult import Client
from served_vectors import (
    ROLES,
    assert_near,
    assert_same,
    differ,
    of_sentence_transformers,
    served,
)
from small_models import HIDDEN, plain_folder, sentence_transformer, tokenizer

TEXTS = [
    "graph models for papers",
    "The wind carries spores of ferns, and the results of 3 experiments differ",
    "Retrieval: " + "a study of text without an end " * 12,
    "x",
]

PROMPTS = {"query": "find a text: ", "document": "the paper: "}

Make = Callable[[Path], SentenceTransformer]


def made(*after: Callable[[], nn.Module], **options) -> Make:
    """Returns a model of the plain encoder, with these modules after pooling."""
    return lambda plain: sentence_transformer(plain, *(module() for module in after), **options)


def dense(inputs: int, outputs: int, activation: nn.Module, **options) -> Callable[[], nn.Module]:
    return lambda: modules.Dense(inputs, outputs, activation_function=activation, **options)


def of_length(tokens: int) -> Make:
    def make(plain: Path) -> SentenceTransformer:
        model = sentence_transformer(plain)
        model.max_seq_length = tokens
        return model

    return make


def cut_on_the_left(plain: Path) -> SentenceTransformer:
    model = sentence_transformer(plain)
    model.tokenizer.truncation_side = "left"
    model.max_seq_length = 12
    return model


ALL_POOLINGS = modules.Pooling.POOLING_MODES

# Each changes the vectors of the plain model, which has only mean pooling.
OPTIONS: dict[str, Make] = {
    **{f"pooling-{mode}": made(pooling=mode) for mode in ALL_POOLINGS if mode != "mean"},
    "pooling-two": made(pooling=("max", "cls")),
    "pooling-three": made(pooling=("lasttoken", "mean", "weightedmean")),
    "pooling-all": made(pooling=ALL_POOLINGS),
    "prompts": made(prompts=PROMPTS),
    "dimensions": made(truncate_dim=12),
    "dimensions-of-normalised": made(modules.Normalize, truncate_dim=12),
    "dimensions-beyond": made(modules.Normalize, truncate_dim=HIDDEN * 2),
    "dense-by-default": made(lambda: modules.Dense(HIDDEN, 24)),
    "dense-tanh": made(dense(HIDDEN, 24, nn.Tanh())),
    "dense-identity": made(dense(HIDDEN, 24, nn.Identity())),
    "dense-identity-without-bias": made(dense(HIDDEN, 40, nn.Identity(), bias=False)),
    "dense-relu": made(dense(HIDDEN, 24, nn.ReLU())),
    "dense-relu-without-bias": made(dense(HIDDEN, 24, nn.ReLU(), bias=False)),
    "dense-gelu": made(dense(HIDDEN, HIDDEN, nn.GELU())),
    "dense-with-residual": made(dense(HIDDEN, HIDDEN, nn.Tanh(), use_residual=True)),
    "dense-with-other-residual": made(dense(HIDDEN, 24, nn.Tanh(), use_residual=True)),
    "dense-several": made(
        dense(HIDDEN, 48, nn.GELU()),
        dense(48, 24, nn.Tanh(), bias=False),
        dense(24, 20, nn.Identity()),
        modules.Normalize,
    ),
    "dense-of-several-poolings": made(
        dense(2 * HIDDEN, 24, nn.Tanh()), pooling=("mean", "max"), truncate_dim=16
    ),
    "normalize": made(modules.Normalize),
    "normalize-before-dense": made(modules.Normalize, dense(HIDDEN, 24, nn.Tanh())),
    "dropout": made(lambda: modules.Dropout(0.9), modules.Normalize),
    "everything": made(
        dense(2 * HIDDEN, 48, nn.GELU()),
        lambda: modules.Dropout(0.2),
        dense(48, 24, nn.Identity(), bias=False),
        modules.Normalize,
        pooling=("weightedmean", "lasttoken"),
        prompts=PROMPTS,
        truncate_dim=20,
        similarity_fn_name="dot",
    ),
}

# These change the vectors of longer texts.
LENGTHS: dict[str, Make] = {"length": of_length(10), "length-cut-on-the-left": cut_on_the_left}


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Path:
    """An encoder that transformers saved."""
    return plain_folder(tmp_path_factory.mktemp("plain"))


@pytest.fixture
def save(plain, tmp_path) -> Callable[[Make], Path]:
    """Saves a model into a new folder."""

    def save(make: Make, name: str = "model") -> Path:
        make(plain).save(str(tmp_path / name))
        return tmp_path / name

    return save


@pytest.mark.parametrize("name", OPTIONS)
def test_options(command, save, tmp_path, name):
    folder, without = save(OPTIONS[name]), save(made(), "without")
    converted = tmp_path / "converted"
    command("convert", folder, "-o", converted, "--precision", "fp32").succeed()
    for role in ROLES:
        expected = of_sentence_transformers(folder, TEXTS, role)
        assert differ(expected, of_sentence_transformers(without, TEXTS, role))
        assert_same(served(command, folder, TEXTS, role), expected)
        assert_same(served(command, converted, TEXTS, role), expected)
        assert_near(served(command, folder, TEXTS, role, "int8"), expected)


@pytest.mark.parametrize("name", LENGTHS)
def test_lengths(command, save, name):
    folder, without = save(LENGTHS[name]), save(made(), "without")
    expected = of_sentence_transformers(folder, TEXTS)
    assert differ(
        of_sentence_transformers(folder, TEXTS[1:3]), of_sentence_transformers(without, TEXTS[1:3])
    )
    assert_same(served(command, folder, TEXTS), expected)


def test_a_prompt_by_default_is_read_in_both_roles(command, save):
    folder = save(made(prompts={"x": "any text: "}, default_prompt_name="x"))
    expected = of_sentence_transformers(folder, TEXTS, None)
    assert differ(expected, of_sentence_transformers(save(made(), "without"), TEXTS))
    for role in ROLES:
        assert_same(served(command, folder, TEXTS, role), expected)


def test_a_query_s_prompt_by_default_is_the_query_s_alone(command, save):
    folder = save(made(prompts={"query": "find: "}, default_prompt_name="query"))
    by_role = [of_sentence_transformers(folder, TEXTS, role) for role in ROLES]
    assert differ(*by_role)
    for role, expected in zip(ROLES, by_role, strict=True):
        assert_same(served(command, folder, TEXTS, role), expected)


def prompt_left_out(pooling: str | tuple[str, ...], **options) -> Make:
    def make(plain: Path) -> SentenceTransformer:
        model = sentence_transformer(plain, pooling=pooling, **options)
        model.set_pooling_include_prompt(False)
        return model

    return make


@pytest.mark.parametrize("pooling", [*ALL_POOLINGS, ALL_POOLINGS], ids=str)
def test_a_prompt_is_left_out_of_pooling(command, save, pooling):
    folder = save(prompt_left_out(pooling, prompts=PROMPTS))
    included = save(made(pooling=pooling, prompts=PROMPTS), "included")
    for role in ROLES:
        expected = of_sentence_transformers(folder, TEXTS, role)
        # The last token never belongs to the prompt.
        is_same = pooling == "lasttoken"
        assert differ(expected, of_sentence_transformers(included, TEXTS, role)) != is_same
        assert_same(served(command, folder, TEXTS, role), expected)


def long_prompt(pooling: str, words: int) -> Make:
    """A prompt that is excluded from pooling, in a model that reads ten tokens."""

    def make(plain: Path) -> SentenceTransformer:
        model = prompt_left_out(pooling, prompts={"query": "graph " * words})(plain)
        model.max_seq_length = 10
        return model

    return make


@pytest.mark.parametrize("pooling", ALL_POOLINGS)
def test_a_prompt_that_leaves_room_for_one_token(command, save, pooling):
    folder = save(long_prompt(pooling, words=7))
    expected = of_sentence_transformers(folder, TEXTS)
    assert expected.tokens == [10, 10, 10, 10]
    assert_same(served(command, folder, TEXTS), expected)


def test_a_prompt_that_leaves_no_room_for_a_text_is_refused(command, save):
    folder = save(long_prompt("mean", words=9))
    options = ["--model", folder, "--task", "search"]
    assert "prompt of role query" in command("encode", *options).fail_in_one_line(1)


LOWERCASED = ["The Graph Models", "ÉCOLE Å Study"]


@pytest.fixture
def cased(tmp_path) -> Path:
    """An encoder with a cased vocabulary."""
    return plain_folder(tmp_path / "cased", reads=tokenizer(cased=True))


@pytest.mark.parametrize("lowercases", [True, False])
def test_text_is_lowercased_for_a_cased_vocabulary(command, cased, tmp_path, lowercases):
    first = modules.Transformer(str(cased), do_lower_case=lowercases)
    model = SentenceTransformer(modules=[first, modules.Pooling(HIDDEN)], device="cpu")
    model.save(str(tmp_path / "model"))
    # Not from the folder: with transformers 5 the library loses the option when it reads it back.
    expected = of_sentence_transformers(model, LOWERCASED)
    kept = of_sentence_transformers(sentence_transformer(cased), LOWERCASED)
    assert differ(expected, kept) == lowercases
    assert_same(served(command, tmp_path / "model", LOWERCASED), expected)


def test_text_is_lowercased_by_the_setting_of_before_version_6(command, cased, tmp_path):
    folder = tmp_path / "model"
    sentence_transformer(cased).save(str(folder))
    kept = of_sentence_transformers(folder, LOWERCASED)
    (folder / "sentence_bert_config.json").write_text('{"do_lower_case": true}')
    expected = of_sentence_transformers(folder, LOWERCASED)
    assert differ(expected, kept)
    assert_same(served(command, folder, LOWERCASED), expected)


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_rank_scores_as_the_library_does(command, save, similarity):
    folder = save(made(similarity_fn_name=similarity, prompts=PROMPTS))
    model = SentenceTransformer(str(folder), device="cpu")
    left, right = model.encode_query(TEXTS[:1]), model.encode_document(TEXTS)
    scores = model.similarity(left, right)[0].numpy()
    assert np.abs(scores).max() > 1 or similarity == "cosine"
    options = ["--model", folder, "--task", "search", "--precision", "fp32", "--query", TEXTS[0]]
    candidates = json_lines({"text": text} for text in TEXTS)
    ranked = command("rank", *options, "--candidates", "-", stdin=candidates).succeed().json_lines()
    assert [row["index"] for row in ranked] == np.argsort(-scores).tolist()
    np.testing.assert_allclose(
        [row["score"] for row in ranked], np.sort(scores)[::-1], rtol=1e-5, atol=5e-5
    )


@pytest.mark.parametrize("similarity", ["euclidean", "manhattan"])
def test_another_similarity_is_refused(command, save, similarity):
    folder = save(made(similarity_fn_name=similarity))
    line = command("inspect", folder).fail_in_one_line(1)
    assert "similarity_fn_name" in line
    assert similarity in line


@pytest.mark.parametrize(
    ("module", "named"),
    [
        (lambda: modules.LayerNorm(HIDDEN), "LayerNorm"),
        (lambda: modules.Dense(HIDDEN, 8, activation_function=nn.Sigmoid()), "Sigmoid"),
        (lambda: modules.Dense(HIDDEN, 8, module_output_name="other"), "module_output_name"),
    ],
)
def test_a_module_that_is_not_served_is_named(command, save, module, named):
    assert named in command("inspect", save(made(module))).fail_in_one_line(1)


@pytest.mark.parametrize(
    "module",
    [
        lambda: modules.CNN(HIDDEN, HIDDEN),
        lambda: modules.LSTM(HIDDEN, HIDDEN),
        lambda: modules.Dense(HIDDEN, HIDDEN, module_input_name="token_embeddings"),
    ],
)
def test_a_module_before_pooling_is_refused(command, plain, tmp_path, module):
    pooled = modules.Pooling(HIDDEN)
    model = SentenceTransformer(
        modules=[modules.Transformer(str(plain)), module(), pooled], device="cpu"
    )
    model.save(str(tmp_path / "model"))
    assert "modules.json" in command("inspect", tmp_path / "model").fail_in_one_line(1)


def test_it_is_served_as_it_is_encoded(start_server, save):
    folder = save(OPTIONS["everything"])
    server = start_server("--precision", "fp32", model=folder)
    with Client(server.grpc) as client:
        for role in ROLES:
            got = client.encode(TEXTS, task="search", role=role)
            expected = of_sentence_transformers(folder, TEXTS, role)
            np.testing.assert_allclose(np.asarray(got), expected.values, rtol=0, atol=5e-5)
