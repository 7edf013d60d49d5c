"""`scimult tokenize` returns the ids of Hugging Face's `tokenizers`, for any Unicode text."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tokenizers import AddedToken, BertWordPieceTokenizer, Tokenizer
from tokenizers.normalizers import BertNormalizer, Lowercase, Sequence

SEED = 20230514
MAX_TOKENS = 512
SCALARS_PER_STRETCH = 64
RANDOM_STRINGS = 2_000
SPELLING_SHARES = 4
EMBEDDING_ROWS = 30_522

GENERAL = json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"})

MakeFolder = Callable[..., Path]


def stretches() -> Iterator[range]:
    """Yields planes 0 to 3 and 14 in short ranges, so that no Unicode block is skipped."""
    for plane in (0, 1, 2, 3, 14):
        for start in range(plane << 16, plane + 1 << 16, SCALARS_PER_STRETCH):
            if not 0xD800 <= start < 0xE000:
                yield range(start, start + SCALARS_PER_STRETCH)


def one_string_for_each_stretch(rng: random.Random) -> Iterator[str]:
    """Yields four scalars of a range, one from each quarter, in and out of an ASCII word."""
    quarter = SCALARS_PER_STRETCH // 4
    for stretch in stretches():
        first, second, third, fourth = (
            chr(rng.choice(stretch[start : start + quarter]))
            for start in range(0, SCALARS_PER_STRETCH, quarter)
        )
        yield f"a{first}b {second}{third} {fourth}c"


def alphabets() -> list[list[str]]:
    """Returns characters of real texts, and characters that need special normalisation."""

    def scalars(*ranges: tuple[int, int]) -> list[str]:
        return [chr(scalar) for first, last in ranges for scalar in range(first, last + 1)]

    return [
        scalars((0x20, 0x7E)),
        scalars((0x00, 0x1F), (0x7F, 0x9F)),
        scalars((0xA0, 0x24F), (0x1E00, 0x1EFF)),
        scalars((0x300, 0x36F)),
        scalars((0x370, 0x52F), (0x1F00, 0x1FFF)),
        scalars((0x590, 0x77F), (0x8D0, 0xDFF)),
        scalars((0x1100, 0x11FF), (0xAC00, 0xD7A3)),
        scalars((0x3000, 0x30FF), (0x4E00, 0x4FFF), (0xF900, 0xFA6F), (0x2F800, 0x2F8FF)),
        scalars((0x2000, 0x206F), (0xFE00, 0xFEFF), (0xFFF0, 0xFFFD)),
        scalars((0x200D, 0x200D), (0xFE0F, 0xFE0F), (0x2190, 0x27BF), (0x1F300, 0x1FAFF)),
        scalars((0x302A, 0x302F), (0x1D15E, 0x1D172), (0x1E000, 0x1E02A), (0x1E944, 0x1E94A)),
        ["[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]", "[sep]", "[Mask]", "[ SEP]", "[", "]", "##"],
        ["the ", "ing", "Transformer", "x" * 30, "é" * 40, "e\u0301" * 30, "가" * 34],
    ]


def random_strings(rng: random.Random) -> Iterator[str]:
    """Yields mixtures of one to three alphabets, with spaces."""
    choices = alphabets()
    for _ in range(RANDOM_STRINGS):
        parts = rng.sample(choices, rng.randint(1, 3))
        length = rng.choice([1, 3, 8, 20, 60])
        text = "".join(rng.choice(rng.choice(parts)) for _ in range(length))
        yield rng.choice([text, f"{text} x", f"a {text}B"])


def edge_cases() -> Iterator[str]:
    """Yields strings that are unlikely among random ones."""
    yield from ("", " ", "\u3000\u00a0\n", "\u0301", "\u200b")
    yield from ("[SEP]", "[SEP", "[[SEP]]", "a[SEP]b", "[SEP][SEP]")
    for character in ("a", "é", "e\u0301", "가", "\U0001d538", "\u302e"):
        for length in (99, 100, 101, 5_000):
            yield character * length
    for word in ("word", "[SEP]", "électroencéphalographie", "漢", "!"):
        for count in (509, 510, 511, 2_000):
            yield f"{word} " * count


@pytest.fixture(scope="module")
def strings() -> list[str]:
    """Returns the strings of every comparison."""
    rng = random.Random(SEED)
    result = [*one_string_for_each_stretch(rng), *random_strings(rng), *edge_cases()]
    assert len(result) >= 5_000
    return result


@pytest.fixture
def make_folder(tiny_expert: Path, tmp_path: Path) -> MakeFolder:
    """Makes a model folder: the tiny expert's weights with the given tokenizer files."""

    def make(files: dict[str, str]) -> Path:
        for name in ("config.json", "scimult.ckpt"):
            (tmp_path / name).symlink_to(tiny_expert / name)
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path

    return make


Reference = BertWordPieceTokenizer | Tokenizer


def cut(ids: list[int], side: str) -> list[int]:
    """Truncates a sequence on one side, between [CLS] and [SEP]."""
    if len(ids) <= MAX_TOKENS:
        return ids
    if side == "left":
        return [ids[0], *ids[len(ids) - MAX_TOKENS + 1 :]]
    return [*ids[: MAX_TOKENS - 1], ids[-1]]


def expected_lines(reference: Reference, texts: list[str], side: str) -> list[dict[str, object]]:
    """Returns the expected output of `tokenize`, from `tokenizers`."""
    whole = [encoding.ids for encoding in reference.encode_batch(texts)]
    return [
        {"id": index, "ids": cut(ids, side), "truncated": len(ids) > MAX_TOKENS}
        for index, ids in enumerate(whole)
    ]


def check(
    scimult: Path,
    model: Path,
    reference: Reference,
    texts: list[str],
    tmp_path: Path,
    side: str = "right",
) -> None:
    """Compares line by line, and shows the first text that differs."""
    documents = tmp_path / "texts.jsonl"
    with documents.open("w", encoding="utf-8", newline="\n") as file:
        for index, text in enumerate(texts):
            file.write(json.dumps({"id": index, "text": text}, ensure_ascii=False) + "\n")
    result = subprocess.run(
        [scimult, "tokenize", "--model", model, "--input", documents],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    got = [json.loads(line) for line in result.stdout.splitlines()]
    # Readers of documents remove NUL before a tokenizer reads the text.
    wanted = expected_lines(reference, [text.replace("\0", "") for text in texts], side)
    assert len(got) == len(wanted)
    for text, ours, theirs in zip(texts, got, wanted, strict=True):
        assert ours == theirs, ascii(text)


@pytest.mark.parametrize("lowercase", [True, False], ids=["uncased", "cased"])
@pytest.mark.parametrize("strip_accents", [None, True, False])
def test_vocab_file(
    scimult: Path,
    tiny_expert: Path,
    make_folder: MakeFolder,
    strings: list[str],
    tmp_path: Path,
    lowercase: bool,
    strip_accents: bool | None,
) -> None:
    """A vocab.txt, with the casing of tokenizer_config.json."""
    vocabulary = tiny_expert / "vocab.txt"
    model = make_folder(
        {
            "vocab.txt": vocabulary.read_text(encoding="utf-8"),
            "tokenizer_config.json": json.dumps(
                {"do_lower_case": lowercase, "strip_accents": strip_accents}
            ),
        }
    )
    reference = BertWordPieceTokenizer(
        str(vocabulary), lowercase=lowercase, strip_accents=strip_accents
    )
    check(scimult, model, reference, strings, tmp_path)


@pytest.mark.parametrize("lowercase", [True, False], ids=["uncased", "cased"])
@pytest.mark.parametrize("clean_text", [True, False])
def test_tokenizer_file(
    scimult: Path,
    tiny_expert: Path,
    make_folder: MakeFolder,
    strings: list[str],
    tmp_path: Path,
    lowercase: bool,
    clean_text: bool,
) -> None:
    """Only a tokenizer.json; its truncation and padding are ignored."""
    reference = BertWordPieceTokenizer(
        str(tiny_expert / "vocab.txt"), lowercase=lowercase, clean_text=clean_text
    )
    reference.enable_truncation(128)
    reference.enable_padding(length=128)
    model = make_folder({"tokenizer.json": reference.to_str(), "tokenizer_config.json": GENERAL})
    reference.no_truncation()
    reference.no_padding()
    check(scimult, model, reference, strings, tmp_path)


def test_truncation_on_the_left(
    scimult: Path,
    tiny_expert: Path,
    make_folder: MakeFolder,
    strings: list[str],
    tmp_path: Path,
) -> None:
    """The end of a text is kept."""
    vocabulary = tiny_expert / "vocab.txt"
    model = make_folder(
        {
            "vocab.txt": vocabulary.read_text(encoding="utf-8"),
            "tokenizer_config.json": json.dumps({"truncation_side": "left"}),
        }
    )
    reference = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
    check(scimult, model, reference, strings, tmp_path, side="left")


def test_lowercase_before_the_normalizer(
    scimult: Path,
    tiny_expert: Path,
    make_folder: MakeFolder,
    strings: list[str],
    tmp_path: Path,
) -> None:
    """A Sequence of Lowercase and a BertNormalizer that strips accents."""
    reference = BertWordPieceTokenizer(str(tiny_expert / "vocab.txt"))
    reference.normalizer = Sequence(
        [Lowercase(), BertNormalizer(lowercase=False, strip_accents=True)]
    )
    model = make_folder({"tokenizer.json": reference.to_str(), "tokenizer_config.json": GENERAL})
    check(scimult, model, reference, strings, tmp_path)


def texts_with(tokens: list[str], strings: list[str]) -> Iterator[str]:
    """Yields texts with tokens inserted, in upper and lower case, and sometimes inside a word."""
    rng = random.Random(SEED)
    for text in strings:
        parts = [text]
        for _ in range(rng.randint(1, 4)):
            place = rng.randint(0, len(parts))
            token = rng.choice(tokens)
            parts.insert(place, rng.choice([token, token.lower(), token.title(), f" {token} "]))
            if rng.random() < 0.3:
                parts.insert(place, rng.choice(["a", "é", " ", "_", "\u0301", "中", "!", "["]))
        yield "".join(parts)


@pytest.mark.parametrize("lowercase", [True, False], ids=["uncased", "cased"])
def test_added_tokens(
    scimult: Path,
    tiny_expert: Path,
    make_folder: MakeFolder,
    strings: list[str],
    tmp_path: Path,
    lowercase: bool,
) -> None:
    """Tokens matched as written and normalised, inside words or not, and prefixes of others."""
    reference = BertWordPieceTokenizer(str(tiny_expert / "vocab.txt"), lowercase=lowercase)
    tokens = ["[unused1]", "the", "no", "中", "ing", "not", "[", "of"]
    reference.add_tokens(
        [
            AddedToken(
                token,
                normalized=index % 2 == 1,
                single_word=index % 3 == 1,
                lstrip=index % 4 == 2,
                rstrip=index % 5 == 3,
            )
            for index, token in enumerate(tokens)
        ]
    )
    assert reference.get_vocab_size() == EMBEDDING_ROWS
    model = make_folder({"tokenizer.json": reference.to_str(), "tokenizer_config.json": GENERAL})
    check(scimult, model, reference, list(texts_with(tokens, strings)), tmp_path)


@pytest.mark.parametrize("share", range(SPELLING_SHARES))
def test_normalised_scalars(
    scimult: Path, make_folder: MakeFolder, strings: list[str], tmp_path: Path, share: int
) -> None:
    """With a vocabulary that spells any word of the texts, an [UNK] hides no difference."""
    texts = strings[share::SPELLING_SHARES]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    normalize = BertWordPieceTokenizer({token: i for i, token in enumerate(special)}).normalize
    scalars = sorted({char for text in texts for char in normalize(text) if not char.isspace()})
    tokens = [*special, *scalars, *(f"##{char}" for char in scalars)]
    assert len(tokens) <= EMBEDDING_ROWS
    model = make_folder({"vocab.txt": "\n".join(tokens)})
    reference = BertWordPieceTokenizer({token: i for i, token in enumerate(tokens)})
    check(scimult, model, reference, texts, tmp_path)
