"""Arguments that cannot be sent are refused before anything travels, and say where they stand."""

from __future__ import annotations

import grpc
import pytest

from scimult import TLS, Client, UnavailableError


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


def test_words_and_numbers_of_a_client_are_checked():
    with pytest.raises(ValueError, match=r"'urgent': expected 'interactive', 'batch'"):
        Client("localhost:1", priority="urgent")
    with pytest.raises(ValueError, match="give one of them"):
        Client("localhost:1", tls=True, credentials=grpc.ssl_channel_credentials())
    for retries in (-1, 5):
        with pytest.raises(ValueError, match=f"retries is {retries}: expected 0 to 4"):
            Client("localhost:1", retries=retries)
    with pytest.raises(ValueError, match="give both"):
        TLS(certificate=b"PEM")


@pytest.mark.parametrize("token", ["", "two words", "line\n", "schlüssel"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token):
    with pytest.raises(ValueError, match="printable ASCII") as caught:
        Client("localhost:1", token=token)
    assert not token or token not in str(caught.value)


def test_a_file_of_tls_that_is_missing_is_named(tmp_path):
    with pytest.raises(OSError, match=r"none\.pem"):
        Client("localhost:1", tls=TLS(ca=tmp_path / "none.pem"))


def test_keys_are_not_shown():
    assert "secret" not in repr(TLS(certificate=b"c", key=b"secret"))


@pytest.mark.parametrize("name", ["unix:/run/scimult.sock", "dns:///scimult", "localhost", "a:0"])
def test_a_list_holds_only_hosts_with_ports(name):
    with pytest.raises(ValueError, match="cannot be one of several servers") as caught:
        Client(["localhost:1", name])
    assert repr(name) in str(caught.value)


def test_a_list_of_no_servers_is_refused():
    with pytest.raises(ValueError, match="no servers"):
        Client([])


def test_addresses_of_both_kinds_do_not_mix():
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:1 has IPv4, \[::1\]:2 has IPv6"):
        Client(["127.0.0.1:1", "[::1]:2"])


def test_a_name_of_a_list_without_an_address_is_named():
    with pytest.raises(UnavailableError, match=r"nowhere\.invalid has no address"):
        Client(["localhost:1", "nowhere.invalid:2"])


def test_certificates_of_a_list_are_of_one_name():
    with pytest.raises(ValueError, match="server_name"):
        Client(["127.0.0.1:1", "127.0.0.2:1"], tls=True)
