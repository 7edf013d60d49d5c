#!/usr/bin/env python3
"""Write Sources/Tokenizer/UnicodeTables.swift by asking `tokenizers` about every scalar.

The package mixes Unicode versions: its categories, its decompositions and its lowercase mapping
each come from another table. So nothing here trusts a published Unicode file; every property is
what BertNormalizer, NFD and BertPreTokenizer do to that scalar.

    pip install tokenizers==0.23.3
    python3 scripts/make_unicode_tables.py            # rewrites the Swift file
    python3 scripts/make_unicode_tables.py --check    # exits 1 where the file is out of date
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

OUTPUT = Path(__file__).resolve().parent.parent / "Sources/Tokenizer/UnicodeTables.swift"

CONTROL, WHITESPACE, PUNCTUATION, IDEOGRAPH, NONSPACING = 1, 2, 4, 8, 16

SCALARS = [*range(0xD800), *range(0xE000, 0x110000)]
HANGUL_SYLLABLES = range(0xAC00, 0xAC00 + 11172)


def normalizer(
    *,
    clean_text: bool = False,
    handle_chinese_chars: bool = False,
    strip_accents: bool = False,
    lowercase: bool = False,
) -> Callable[[str], str]:
    """Returns a function that applies one step of BertNormalizer."""
    return BertNormalizer(
        clean_text=clean_text,
        handle_chinese_chars=handle_chinese_chars,
        strip_accents=strip_accents,
        lowercase=lowercase,
    ).normalize_str


clean = normalizer(clean_text=True)
isolate_ideographs = normalizer(handle_chinese_chars=True)
strip_accents = normalizer(strip_accents=True)
lowercase = normalizer(lowercase=True)
decompose = NFD().normalize_str


def flags(scalar: int) -> int:
    """Returns the property bits of a scalar."""
    char = chr(scalar)
    context = f"a{char}b"
    result = 0
    if clean(context) == "ab":
        result |= CONTROL
    words = [word for word, _ in BertPreTokenizer().pre_tokenize_str(context)]
    if words == ["a", "b"]:
        result |= WHITESPACE
    elif words == ["a", char, "b"]:
        result |= PUNCTUATION
    elif words != [context]:
        sys.exit(f"U+{scalar:04X}: pre-tokenised to {words}")
    if isolate_ideographs(char) != char:
        result |= IDEOGRAPH
    if decompose(char) == char and strip_accents(char) == "":
        result |= NONSPACING
    return result


def combining_classes() -> dict[int, int]:
    """Returns canonical combining classes other than 0, derived from the order of pairs in NFD."""
    lowest, highest = "\u0334", "\u0345"  # classes 1 and 240

    def swaps(first: str, second: str) -> bool:
        return first != second and decompose(first + second) == second + first

    def combines(char: str) -> bool:
        return decompose(char) == char and (swaps(char, lowest) or swaps(highest, char))

    references: dict[int, str] = {}
    for scalar in SCALARS:
        if combines(chr(scalar)):
            references.setdefault(unicodedata.combining(chr(scalar)), chr(scalar))
    references.pop(0, None)
    classes: dict[int, int] = {}
    for scalar in SCALARS:
        char = chr(scalar)
        if not combines(char):
            continue
        equal = [
            value
            for value, reference in references.items()
            if not swaps(char, reference) and not swaps(reference, char)
        ]
        if len(equal) != 1:
            sys.exit(f"U+{scalar:04X}: its combining class is equal to {equal}")
        classes[scalar] = equal[0]
    return classes


def check_assumptions(properties: dict[int, int], classes: dict[int, int]) -> None:
    """Exits if the Swift code's simplifications do not hold."""
    base, vowel, tail = 0x1100, 0x1161, 0x11A7
    for scalar in HANGUL_SYLLABLES:
        index = scalar - HANGUL_SYLLABLES.start
        expected = [base + index // 588, vowel + index % 588 // 28]
        if index % 28:
            expected.append(tail + index % 28)
        if decompose(chr(scalar)) != "".join(map(chr, expected)):
            sys.exit(f"U+{scalar:04X}: not decomposed by the Hangul rule")
    for scalar in classes:
        if properties[scalar] & (WHITESPACE | PUNCTUATION | IDEOGRAPH):
            sys.exit(f"U+{scalar:04X}: a combining character that ends words")
        if not properties[scalar] & NONSPACING and lowercase(chr(scalar)) != chr(scalar):
            sys.exit(f"U+{scalar:04X}: a combining character with case")
    for scalar, value in properties.items():
        if value & IDEOGRAPH and len(decompose(chr(scalar))) != 1:
            sys.exit(f"U+{scalar:04X}: an ideograph of several scalars")


def runs(values: Iterable[tuple[int, int]]) -> list[int]:
    """(scalar, value below 256) in ascending order → `first scalar << 8 | value` for each run."""
    result: list[int] = []
    last = 0
    for scalar, value in values:
        if value != last:
            result.append(scalar << 8 | value)
            last = value
    return result


def mappings(pairs: Iterable[tuple[int, str]]) -> list[int]:
    """(scalar, text) → `scalar << 8 | number of scalars`, then the text's scalars."""
    result: list[int] = []
    for scalar, text in pairs:
        result += [scalar << 8 | len(text), *map(ord, text)]
    return result


def swift_array(name: str, comment: str, values: Sequence[int]) -> str:
    """Returns a documented `static let` of type [UInt32], in lines of at most 120 columns."""
    lines = [f"  /// {line}" for line in comment.splitlines()]
    lines.append(f"  static let {name}: [UInt32] = [")
    row = "   "
    for value in values:
        item = f" {value:#x},"
        if len(row) + len(item) > 120:
            lines.append(row)
            row = "   "
        row += item
    return "\n".join([*lines, row, "  ]"])


def render() -> str:
    """Returns the content of the Swift file."""
    properties = {scalar: flags(scalar) for scalar in SCALARS}
    classes = combining_classes()
    check_assumptions(properties, classes)
    decomposed = (
        (scalar, decompose(chr(scalar)))
        for scalar in SCALARS
        if scalar not in HANGUL_SYLLABLES and decompose(chr(scalar)) != chr(scalar)
    )
    lowered = (
        (scalar, lowercase(chr(scalar)))
        for scalar in SCALARS
        if lowercase(chr(scalar)) != chr(scalar)
    )
    tables = [
        swift_array(
            "propertyRuns",
            "`first scalar << 8 | properties` of each run of scalars alike, ascending;\n"
            "the bits are those of ``ScalarProperties``. Before the first run: none.",
            runs(properties.items()),
        ),
        swift_array(
            "combiningClassRuns",
            "`first scalar << 8 | canonical combining class` of each run, ascending.",
            runs((scalar, classes.get(scalar, 0)) for scalar in SCALARS),
        ),
        swift_array(
            "decompositions",
            "Full canonical decompositions but for Hangul syllables: `scalar << 8 | count`,\n"
            "then `count` scalars.",
            mappings(decomposed),
        ),
        swift_array(
            "lowercaseMappings",
            "Lowercase mappings of single scalars: `scalar << 8 | count`, then `count` scalars.",
            mappings(lowered),
        ),
    ]
    header = (
        "// Generated by scripts/make_unicode_tables.py "
        f"from tokenizers {tokenizers.__version__}; do not edit.\n"
        "// swift-format-ignore-file\n\n"
        "/// What Hugging Face's `tokenizers` knows about each Unicode scalar.\n"
        "enum UnicodeTables {\n"
    )
    return header + "\n\n".join(tables) + "\n}\n"


def main() -> None:
    """Writes the file, or compares it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    source = render()
    if not check:
        OUTPUT.write_text(source, encoding="utf-8")
    elif OUTPUT.read_text(encoding="utf-8") != source:
        sys.exit(f"{OUTPUT.name} is out of date: run scripts/{Path(__file__).name}")


if __name__ == "__main__":
    main()
