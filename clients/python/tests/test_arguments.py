"""Arguments that cannot be sent are refused before anything travels, and say where they stand."""

from __future__ import annotations

import pytest

from scimult import Client


def test_unknown_words_list_the_known_ones(client, server):
    with pytest.raises(ValueError, match=r"'serach': expected 'classification', 'link_"):
        client.encode("a", task="serach")
    with pytest.raises(ValueError, match=r"'reader'.*'query', 'candidate'"):
        client.encode("a", task="search", role="reader")
    with pytest.raises(ValueError, match=r"'float64'.*'float32'"):
        client.encode("a", task="search", format="float64")
    with pytest.raises(ValueError, match="unknown task"):
        client.rank("a", ["b"], task="")
    assert server.requests == []


@pytest.mark.parametrize(
    ("document", "error", "words"),
    [
        (3, TypeError, "not int"),
        (("a", "b", "c"), TypeError, "not tuple"),
        ({"abstract": "a"}, ValueError, "neither 'title' nor 'text'"),
        ({"title": "a", "text": "b"}, ValueError, "both 'title' and 'text'"),
        ({"title": 3}, TypeError, "'title' is a str, not int"),
        ({"text": "a", "id": 1.5}, TypeError, "'id' is a str or an int, not float"),
        (b"bytes", TypeError, "not bytes"),
        ("lone \ud800 surrogate", ValueError, "surrogates not allowed"),
    ],
)
def test_what_is_no_document_is_named_by_its_place(client, document, error, words):
    with pytest.raises(error, match=f"document 2: .*{words}"):
        client.encode(["fine", "fine too", document], task="search")


def test_document_larger_than_a_message_names_size_and_limit(client):
    with pytest.raises(ValueError, match=r"document 1: takes 50\d\d bytes .* room for 40\d\d"):
        client.encode(["a", "b" * 5000], task="search")
    with pytest.raises(ValueError, match=r"query takes 50\d\d bytes.* 4096"):
        client.rank("q" * 5000, ["a"], task="search")


def test_closed_client_refuses_calls(server):
    client = Client(server.address)
    client.close()
    with pytest.raises(ValueError, match="closed"):
        client.model()
