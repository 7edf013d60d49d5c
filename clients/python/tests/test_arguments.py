"""Invalid arguments are refused before anything is sent, and errors name their position."""

from __future__ import annotations

import grpc
import pytest

from scimult import TLS, Client, UnavailableError


def test_unknown_words_list_the_known_ones(client, server):
    with pytest.raises(ValueError, match=r"unknown task '': expected 'classification', 'link_"):
        client.encode("a", task="")
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
        (None, TypeError, "not NoneType"),
        (("a", "b", "c"), TypeError, "not a tuple of 3"),
        (["a"], TypeError, "not a list of 1"),
        ({"id": "a"}, ValueError, 'neither "title" nor "text" is given'),
        ({"text": None}, ValueError, 'neither "title" nor "text" is given'),
        ({"abstract": "a", "text": "b"}, ValueError, '"abstract" and "text" are both given'),
        ({"title": 3}, TypeError, '"title" must be a text, not int'),
        ({"text": ["a"]}, TypeError, '"text" must be a text, not list'),
        (("a", 3), TypeError, '"abstract" must be a text, not int'),
        ({"text": "a", "id": b"x"}, TypeError, '"id" must be a text or a number, not bytes'),
        ({"text": "a", "id": float("inf")}, ValueError, '"id" is inf'),
        (b"bytes", TypeError, "not bytes"),
    ],
)
def test_what_is_no_document_is_named_by_its_place(client, document, error, words):
    with pytest.raises(error, match=f"document 2: .*{words}"):
        client.encode(["fine", "fine too", document], task="search")


class Table:
    """Like a pandas table: iterating over it yields the names of its columns."""

    def __iter__(self):
        return iter(["title", "abstract"])

    def iterrows(self):
        return iter([(0, {"title": "a", "abstract": "b"})])


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        (None, "documents, not NoneType"),
        (7, "documents, not int"),
        (b"bytes", "documents, not bytes"),
        (Table(), "to_dict"),
    ],
)
def test_what_is_no_list_of_documents_is_refused(client, documents, words):
    with pytest.raises(TypeError, match=words):
        client.encode(documents, task="search")
    with pytest.raises(TypeError, match=words):
        client.rank("a", documents, task="search")
    with pytest.raises(TypeError, match=words):
        next(client.encode_iter(documents, task="search"))


def test_a_query_that_is_no_document_is_named(client):
    with pytest.raises(TypeError, match=r"query: .*not int"):
        client.rank(3, ["a"], task="search")


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


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"timeout": "5"}, TypeError, "timeout is '5': expected seconds as a number, or None"),
        ({"timeout": True}, TypeError, "timeout is True"),
        ({"timeout": 0}, ValueError, "timeout is 0"),
        ({"timeout": float("nan")}, ValueError, "timeout is nan"),
        ({"retries": "3"}, TypeError, "retries is '3': expected a whole number, 0 to 4"),
        ({"retries": 1.5}, TypeError, "retries is 1.5"),
        ({"priority": 3}, TypeError, "priority is 3: expected 'interactive', 'batch'"),
        ({"tls": "ca.pem"}, TypeError, r"tls is a str: expected True, False or TLS\("),
        ({"token": b"secret"}, TypeError, "the token is a bytes"),
        ({"credentials": "x"}, TypeError, "credentials is a str"),
        ({"channel_options": {"a": 1}}, TypeError, "expected pairs of a name and a value"),
    ],
)
def test_options_of_a_client_name_their_value(options, error, words):
    with pytest.raises(error, match=words):
        Client("localhost:1", **options)


@pytest.mark.parametrize(
    ("call", "options", "error", "words"),
    [
        ("encode", {"task": None}, TypeError, "task is None: expected 'classification'"),
        ("encode", {"task": 3}, TypeError, "task is 3: expected 'classification'"),
        ("encode", {"role": None}, TypeError, "role is None: expected 'query', 'candidate'"),
        ("encode", {"format": 4}, TypeError, "format is 4"),
        ("encode", {"normalize": "false"}, TypeError, "normalize is 'false': expected True or"),
        ("encode", {"reject_truncation": None}, TypeError, "reject_truncation is None"),
        ("encode_iter", {"concurrency": "8"}, TypeError, "concurrency is '8'"),
        ("encode_iter", {"concurrency": 0}, ValueError, "concurrency is 0: expected at least 1"),
        ("encode_iter", {"documents_per_request": 8.0}, TypeError, "documents_per_request is 8.0"),
        ("encode_iter", {"progress": "no"}, TypeError, "progress is 'no'"),
        ("encode_iter", {"on_error": None}, TypeError, "on_error is None: expected 'raise'"),
    ],
)
def test_options_of_a_call_name_their_value(client, server, call, options, error, words):
    with pytest.raises(error, match=words):
        getattr(client, call)(["a"], **{"task": "search", **options})
    assert server.requests == []


def test_options_of_rank_name_their_value(client, server):
    with pytest.raises(TypeError, match="top_k is '3': expected a whole number, at least 1"):
        client.rank("a", ["b"], task="search", top_k="3")
    with pytest.raises(ValueError, match="top_k is 0: expected at least 1"):
        client.rank("a", ["b"], task="search", top_k=0)
    with pytest.raises(TypeError, match="return_documents is 1: expected True or False"):
        client.rank("a", ["b"], task="search", return_documents=1)
    assert server.requests == []
    assert len(client.rank("a", ["b"], task="search", top_k=1 << 40)) == 1


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("", "the target is empty: expected 'host:port'"),
        ("127.0.0.1", "'127.0.0.1' names no port: write '127.0.0.1:50051'"),
        ("localhost", "names no port: write 'localhost:50051'"),
        ("[::1]", r"names no port: write '\[::1\]:50051'"),
        ("dns:///scimult", "names no port: write 'dns:///scimult:50051'"),
        ("::1", r"write an IPv6 address as '\[::1\]:50051'"),
        ("http://host:8080/path", "is a URL: write 'host:8080'$"),
        ("https://host", "is a URL: write 'host:443', with tls=True"),
        ("grpc://host", "is a URL: write 'host:50051'$"),
        ("/run/scimult.sock", "for a socket write 'unix:/run/scimult.sock'"),
        ("unix:", "names nothing"),
        ("a:1,b:1", "for several servers pass a list"),
        ("host:http", "is not 'host:port'"),
        (" host:1", "is not 'host:port'"),
        ("host:1/", "is not 'host:port'"),
        ("host:0", "port 0: expected 1 to 65535"),
        ("host:70000", "port 70000: expected 1 to 65535"),
        (["http://host"], "is a URL"),
    ],
)
def test_a_target_that_leads_nowhere_says_what_to_write(target, words):
    with pytest.raises(ValueError, match=words):
        Client(target)


@pytest.mark.parametrize("target", [None, 50051, b"localhost:1", ["localhost:1", None], {"a": 1}])
def test_a_target_of_another_type_is_refused(target):
    with pytest.raises(TypeError, match="expected 'host:port'"):
        Client(target)


@pytest.mark.parametrize(
    "target",
    ["h:1", "[::1]:1", "unix:/s", "dns:///h:1", "dns://127.0.0.1/h:1", "ipv4:127.0.0.1:1"],
)
def test_targets_of_grpc_are_taken(target):
    Client(target).close()


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"ca": ""}, ValueError, "ca is empty"),
        ({"ca": 3}, TypeError, "ca is a int"),
        ({"ca": "-----BEGIN CERTIFICATE-----"}, ValueError, "content of a PEM file"),
        ({"server_name": ""}, ValueError, "server_name is empty"),
    ],
)
def test_settings_of_tls_are_checked(settings, error, words):
    with pytest.raises(error, match=words):
        TLS(**settings)


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
