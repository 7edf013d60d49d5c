"""What callers pass as a document, and what the server receives."""

from __future__ import annotations

import math
from collections import UserDict
from decimal import Decimal

import numpy as np
import pytest

from scimult import Paper, Text
from scimult._generated import scimult_pb2 as pb
from scimult.documents import to_message

NAN = float("nan")


class NAType:
    """Like pandas' NA: its comparison with itself is neither true nor false."""

    def __ne__(self, other):
        return self

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = object.__hash__


NA = NAType()


def paper(title="", abstract="", id=""):
    return pb.Document(id=id, paper=pb.Paper(title=title, abstract=abstract))


def text(text, id=""):
    return pb.Document(id=id, text=text)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("a", text("a")),
        (np.str_("a"), text("a")),
        (Text("a", "7"), text("a", "7")),
        (Paper("a", "b", "7"), paper("a", "b", "7")),
        (Paper("a", NAN, None), paper("a")),
        (("a", "b"), paper("a", "b")),
        (["a", "b"], paper("a", "b")),
        (("a", None), paper("a")),
        ([NAN, "b"], paper("", "b")),
        ({"text": "a"}, text("a")),
        (UserDict(text="a"), text("a")),
        ({"title": "a", "abstract": "b"}, paper("a", "b")),
        ({"title": "a", "text": "b", "metadata": {}}, paper("a", "b")),
        ({"title": "", "text": "b"}, text("b")),
        ({"title": None, "text": "b", "abstract": NAN}, text("b")),
        ({"title": NA, "abstract": "b"}, paper("", "b")),
        ({"title": "a", "abstract": NA, "text": NA}, paper("a")),
        ({"title": None}, paper()),
        ({"abstract": "b"}, paper("", "b")),
        ({"abstract": "b", "text": ""}, paper("", "b")),
    ],
)
def test_forms(document, message):
    assert to_message(document) == message


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("a\0b", "ab"),
        ("angle \ud835 of", "angle \ufffd of"),
        ("\udc00\ud835", "\ufffd\ufffd"),
        ("\ud835\udc00", "\U0001d400"),
        ("é\0\ud800", "é\ufffd"),
    ],
)
def test_what_the_wire_does_not_carry_is_mended(given, sent):
    assert to_message(given) == text(sent)
    assert to_message((given, given)) == paper(sent, sent)
    assert to_message({"text": "a", "id": given}) == text("a", sent)


@pytest.mark.parametrize(
    ("value", "id"),
    [
        *[("a", "a"), ("", ""), (7, "7"), (-7, "-7"), (10**40, "1" + "0" * 40), (7.0, "7")],
        *[(7.5, "7.5"), (-0.0, "0"), (NAN, ""), (None, ""), (NA, ""), (math.nan, "")],
        *[(np.int64(7), "7"), (np.uint8(7), "7"), (np.float32(7), "7"), (np.float64(7.5), "7.5")],
        *[(np.float32(NAN), ""), (np.str_("a"), "a"), (True, "true"), ([1, "a"], '[1, "a"]')],
    ],
)
def test_ids_are_texts(value, id):
    assert to_message({"id": value, "text": "a"}).id == id
    assert to_message(Text("a", value)).id == id


@pytest.mark.parametrize("value", [Decimal("7"), object(), b"7", {1}])
def test_ids_of_other_kinds_are_refused(value):
    with pytest.raises(TypeError, match='"id" must be a text or a number'):
        to_message({"id": value, "text": "a"})


def test_the_first_name_of_an_id_with_a_value_counts():
    names = "id _id paper_id paperId corpus_id corpusId corpusid doc_id docId docid".split()
    row = {name: str(place) for place, name in enumerate(names)}
    for place, name in enumerate(names):
        assert to_message({**row, "text": "a"}).id == str(place)
        row[name] = NAN
    assert to_message({**row, "text": "a"}).id == ""
