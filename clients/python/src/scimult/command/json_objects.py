"""Reads objects of JSON Lines: strict JSON, and Python's NaN, Infinity and -Infinity."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..fields import with_whole_characters

#: Deeper nesting is refused.
NESTING_MAX = 512

_BLANKS = re.compile(r"[ \t\n\r]*")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)

# Numbers stay strings: none is used, and they may have any number of digits.
_decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


@dataclass(frozen=True)
class RawJSON:
    """The JSON text of a value that is neither a string nor missing."""

    text: str

    @property
    def is_json(self) -> bool:
        """Whether the value is standard JSON, without Python's NaN and Infinity."""
        # Outside strings, JSON contains neither of these letters.
        return not re.search("[NI]", _STRINGS.sub("", self.text))


def object_of(line: bytes, *, is_first: bool) -> dict[str, Any]:
    """Returns an object's values: str, None for null and NaN, :class:`RawJSON` for all others.

    Raises ``ValueError`` with the reason if the line is not an object.
    """
    is_array = line.lstrip(b" \t\r").startswith(b"[")
    if is_array and is_first:
        # The first line of an array that spans several lines also ends up here.
        raise ValueError("a JSON array; write one object a line")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    too_deep = _place_too_deep(text)
    if too_deep is not None:
        text = text[:too_deep]
    begin = _after_blanks(text, 0)
    try:
        if text.startswith("{", begin):
            return _members(text, begin)
        _, end = _decoder.raw_decode(text, begin)
        _check_end(text, end)
    except json.JSONDecodeError as error:
        if error.pos == too_deep:
            place = len(text.encode())
            reason = f"nested more than {NESTING_MAX} levels deep at byte {place}"
            raise ValueError(reason) from None
        place = len(text[: error.pos].encode())
        raise ValueError(f"not valid JSON at byte {place}: {error.msg}") from None
    raise ValueError("a JSON array; write one object a line" if is_array else "not a JSON object")


def json_of(identifier: Any) -> str:
    """Returns the id of a document in a file as JSON."""
    if isinstance(identifier, RawJSON):
        return identifier.text
    return json.dumps(identifier, ensure_ascii=False)


def _members(text: str, begin: int) -> dict[str, Any]:
    """Reads the members of an object one by one, so that each value keeps its JSON text."""
    members: dict[str, Any] = {}
    place = _after_blanks(text, begin + 1)
    if text.startswith("}", place):
        _check_end(text, place + 1)
        return members
    while True:
        if not text.startswith('"', place):
            raise json.JSONDecodeError("Expecting a name in double quotes", text, place)
        name, place = _decoder.raw_decode(text, place)
        place = _after(":", text, _after_blanks(text, place))
        value, end = _decoder.raw_decode(text, place)
        members[name] = _kept(value, text[place:end])
        place = _after_blanks(text, end)
        if text.startswith("}", place):
            _check_end(text, place + 1)
            return members
        place = _after(",", text, place)


def _kept(value: Any, raw: str) -> Any:
    if raw.startswith('"'):
        return with_whole_characters(value)
    return None if raw in ("null", "NaN") else RawJSON(raw)


def _after(mark: str, text: str, place: int) -> int:
    if not text.startswith(mark, place):
        raise json.JSONDecodeError(f"Expecting {mark!r}", text, place)
    return _after_blanks(text, place + 1)


def _after_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place


def _check_end(text: str, place: int) -> None:
    place = _after_blanks(text, place)
    if place != len(text):
        raise json.JSONDecodeError("Extra data", text, place)


def _place_too_deep(text: str) -> int | None:
    """Returns the position of the first bracket that exceeds the nesting limit."""
    if text.count("[") + text.count("{") <= NESTING_MAX:
        return None
    depth = 0
    for found in _STRINGS_AND_BRACKETS.finditer(text):
        if found[0] in ("[", "{"):
            depth += 1
            if depth > NESTING_MAX:
                return found.start()
        elif found[0] in ("]", "}"):
            depth -= 1
    return None
