"""Objects of JSON lines: strict JSON, and Python's NaN, Infinity and -Infinity."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..fields import with_whole_characters

#: Values deeper inside of one another are refused.
NESTING_MAX = 512

_BLANKS = re.compile(r"[ \t\n\r]*")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)

# Numbers are not read: none is used, and they may have any number of digits.
_decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


@dataclass(frozen=True)
class RawJSON:
    """A value that is neither a text nor missing, as it stands in a file."""

    text: str

    @property
    def is_json(self) -> bool:
        """Whether none of the numbers in it are Python's alone."""
        # Outside of strings JSON has neither letter.
        return not re.search("[NI]", _STRINGS.sub("", self.text))


def object_of(line: bytes, *, is_first: bool) -> dict[str, Any]:
    """An object's values: texts, None for null and NaN, and all others as :class:`RawJSON`.

    Raises ``ValueError`` with the reason, where the line is none.
    """
    is_array = line.lstrip(b" \t\r").startswith(b"[")
    if is_array and is_first:
        # One over several lines is an array, too.
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
    """An id of a file as JSON."""
    if isinstance(identifier, RawJSON):
        return identifier.text
    return json.dumps(identifier, ensure_ascii=False)


def _members(text: str, begin: int) -> dict[str, Any]:
    """The members of an object one by one, so that values keep the form that they have."""
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
    """Where the first bracket is that opens a level too many."""
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
