"""Valid messages whose unpacked form takes hundreds of megabytes cost the server almost nothing."""

from __future__ import annotations

import grpc
import pytest

from harness.bombs import BOMBS, allowed, outcomes
from harness.calls import call, get_model

AT_ONCE = 64
GROWTH_BYTES_MAX = 64 << 20


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("method", ["Encode", "Rank"])
def test_bomb_is_refused(server, channel, bomb, method):
    assert outcomes(server, method, BOMBS[bomb], AT_ONCE) <= allowed(bomb)
    assert get_model(channel).name == "tiny-expert"


@pytest.mark.measures_memory
@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("method", ["Encode", "Rank"])
def test_bomb_is_not_unpacked(server, channel, bomb, method):
    get_model(channel)
    server.reset_memory_peak()
    before = server.memory_bytes()
    outcomes(server, method, BOMBS[bomb], AT_ONCE)
    assert server.memory_peak_bytes() - before < GROWTH_BYTES_MAX


def test_too_many_documents_are_refused_naming_the_limit(channel):
    with pytest.raises(grpc.RpcError, match="1024") as caught:
        call(channel, "Encode", BOMBS["empty documents"])
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_too_many_unknown_fields_are_refused_naming_the_limit(channel):
    with pytest.raises(grpc.RpcError, match="64"):
        call(channel, "Encode", BOMBS["unknown varints"])
