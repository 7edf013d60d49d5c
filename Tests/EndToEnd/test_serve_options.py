"""The options of `serve`, and their environment variables."""

from __future__ import annotations

import json

import h2.settings
import pytest

from harness.calls import get_model
from harness.http2 import Http2Connection

#: Each option of the first release, with an invalid value.
WRONG_VALUES = {
    "--listen": "nowhere",
    "--admin": "nowhere",
    "--precision": "int7",
    "--threads": "many",
    "--max-batch-tokens": "-1",
    "--max-queue-tokens": "lots",
    "--cache-bytes": "-1",
    "--max-documents": "0",
    "--max-message-bytes": "4MB",
    "--max-receive-bytes": "x",
    "--max-send-bytes": "1k",
    "--max-concurrent-streams": "0",
    "--max-connections": "0",
    "--keepalive-seconds": "-1",
    "--idle-seconds": "soon",
    "--max-connection-age-seconds": "-5",
    "--drain-seconds": "-1",
    "--log-level": "loud",
    "--log-format": "xml",
}

LATER_OPTIONS = [
    "--data=D",
]


def variable(option: str) -> str:
    return "SCIMULT_" + option.removeprefix("--").replace("-", "_").upper()


@pytest.mark.parametrize("option", WRONG_VALUES)
def test_wrong_value(command, tiny_expert, option):
    error = command("serve", "--model", tiny_expert, f"{option}={WRONG_VALUES[option]}").fail(2)
    assert option.removeprefix("--") in error
    assert WRONG_VALUES[option] in error


@pytest.mark.parametrize("option", WRONG_VALUES)
def test_wrong_value_from_the_environment(command, tiny_expert, option):
    environment = {variable(option): WRONG_VALUES[option]}
    error = command("serve", "--model", tiny_expert, environment=environment).fail(2)
    assert variable(option) in error or option in error
    assert WRONG_VALUES[option] in error


@pytest.mark.parametrize("option", WRONG_VALUES)
def test_option_wins_over_the_environment(command, tiny_expert, option):
    # The missing model is detected after all options were read.
    good = {"--listen": "127.0.0.1:0", "--admin": "off", "--precision": "fp32"}
    good |= {"--log-level": "info", "--log-format": "text", "--max-receive-bytes": "8388608"}
    good |= {"--max-send-bytes": "8388608"}
    value = good.get(option, "7")
    outcome = command(
        *("serve", "--model", tiny_expert / "absent", f"{option}={value}"),
        environment={variable(option): WRONG_VALUES[option]},
    )
    assert "absent" in outcome.fail_in_one_line(1)


@pytest.mark.parametrize("option", LATER_OPTIONS)
def test_option_of_a_later_release_does_not_exist(command, tiny_expert, option):
    error = command("serve", "--model", tiny_expert, option).fail(2)
    assert option.partition("=")[0] in error


def test_model_from_the_environment(scimult, start_server, tiny_expert, command):
    outcome = command("serve", environment={"SCIMULT_MODEL": str(tiny_expert / "absent")})
    assert "absent" in outcome.fail_in_one_line(1)


def test_name_of_the_model(start_server):
    with start_server("--model-name", "my model").channel() as channel:
        assert get_model(channel).name == "my model"
    environment = {"SCIMULT_MODEL_NAME": "named outside", "SCIMULT_MAX_DOCUMENTS": "7"}
    with start_server(environment=environment).channel() as channel:
        model = get_model(channel)
        assert (model.name, model.max_documents) == ("named outside", 7)
    with start_server("--model-name", "mine", environment=environment).channel() as channel:
        model = get_model(channel)
        assert (model.name, model.max_documents) == ("mine", 7)


def test_name_of_a_folder_with_a_slash_at_its_end(start_server, tiny_expert):
    with start_server("--model", f"{tiny_expert}/", model=tiny_expert).channel() as channel:
        assert get_model(channel).name == "tiny-expert"


@pytest.mark.parametrize(
    ("precision", "used"), [("auto", "int8"), ("int8", "int8"), ("fp32", "fp32")]
)
def test_precision(start_server, precision, used):
    with start_server("--precision", precision).channel() as channel:
        assert get_model(channel).precision == used


@pytest.mark.parametrize("command_name", ["serve", "encode", "rank", "bench"])
def test_precision_that_the_cpu_lacks(command, tiny_expert, command_name):
    further = {
        "serve": [],
        "encode": ["--task", "search"],
        "rank": ["--task", "search", "--query", "q", "--candidates", "-"],
        "bench": [],
    }[command_name]
    outcome = command(
        *(command_name, "--model", tiny_expert, *further, "--precision", "bf16"),
        environment={"SCIMULT_ISA": "avx2"},
    )
    assert "bf16" in outcome.fail(2)


def test_concurrent_streams(start_server):
    server = start_server("--max-concurrent-streams", "5")
    with Http2Connection(server) as connection:
        connection.ping()
        settings = connection.h2.remote_settings
        assert settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] == 5


def test_concurrent_streams_by_default(server):
    with Http2Connection(server) as connection:
        connection.ping()
        settings = connection.h2.remote_settings
        assert settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] == 256


def test_connections(start_server):
    server = start_server("--max-connections", "2")
    with Http2Connection(server) as first, Http2Connection(server) as second:
        first.ping()
        second.ping()
        assert not first.closed
        assert not second.closed
        with Http2Connection(server) as third:
            third.read_until_closed()
        assert first.response(first.call("GetModel", b"")).status()[0] == 0
    with server.channel() as later:
        # The server may take time to notice that the first two connections are closed.
        assert get_model(later, wait_for_ready=True).name == "tiny-expert"


def test_log_of_json_lines(start_server):
    server = start_server("--log-format", "json", "--log-level", "debug")
    with server.channel() as channel:
        get_model(channel)
    server.stop()
    lines = server.stderr.splitlines()
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
