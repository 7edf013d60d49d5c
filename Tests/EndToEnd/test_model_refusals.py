"""Unsupported models are refused with one line, the same everywhere, before a port is opened."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

REFUSED = Path(__file__).resolve().parents[1] / "Golden/refused"


@pytest.fixture(scope="module")
def taken_address():
    """An address that is already in use."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield f"127.0.0.1:{holder.getsockname()[1]}"


@pytest.mark.parametrize("model", sorted(REFUSED.iterdir()), ids=lambda model: model.name)
def test_reason_in_one_line(command, taken_address, model):
    line = command("inspect", model).fail_in_one_line(1)
    for words in (model / "expected.txt").read_text().splitlines():
        assert words in line
    # If a port were opened first, the message would be about the address.
    addresses = ["--listen", taken_address, "--admin", taken_address]
    assert command("serve", "--model", model, *addresses).fail(1).splitlines()[-1] == line


@pytest.fixture
def copy(tiny_expert, tmp_path):
    """A copy of the tiny expert that tests can damage."""
    return shutil.copytree(tiny_expert, tmp_path / "model")


def refusal(command, model: Path) -> str:
    """Checks that all commands refuse the model, and returns the message."""
    line = command("inspect", model).fail_in_one_line(1)
    words = ["--model", model]
    assert command("encode", *words, "--task", "search").fail_in_one_line(1) == line
    assert command("tokenize", *words).code in (0, 1)
    return line


@pytest.mark.parametrize("kept", [0, 1, 1000, 4_000_000, 9_103_596])
def test_truncated_checkpoint(command, copy, kept):
    checkpoint = copy / "scimult.ckpt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:kept])
    assert "scimult.ckpt" in refusal(command, copy)


@pytest.mark.parametrize("place", [5_000, 1_000_000, 9_000_000])
def test_flipped_bit(command, copy, place):
    checkpoint = copy / "scimult.ckpt"
    content = bytearray(checkpoint.read_bytes())
    content[place] ^= 0x10
    checkpoint.write_bytes(content)
    assert "scimult.ckpt" in refusal(command, copy)


def test_weights_that_cannot_be_read(command, copy):
    (copy / "scimult.ckpt").unlink()
    (copy / "scimult.ckpt").mkdir()
    refusal(command, copy)


def test_checkpoint_beside_pooling(command, copy):
    """Both specify the model's pooling."""
    (copy / "1_Pooling").mkdir()
    (copy / "1_Pooling/config.json").write_text("{}")
    line = refusal(command, copy)
    assert "scimult.ckpt" in line
    assert "1_Pooling" in line


def test_tensors_with_a_prefix(command, golden_variants, tmp_path):
    folder = shutil.copytree(golden_variants / "bert-safetensors", tmp_path / "model")
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    tensors = json.loads(content[8:end])
    tensors.pop("__metadata__", None)
    header = json.dumps({f"module.{name}": value for name, value in tensors.items()}).encode()
    weights.write_bytes(len(header).to_bytes(8, "little") + header + content[end:])
    line = refusal(command, folder)
    assert "model.safetensors" in line
    assert '"module.' in line


def test_model_that_is_a_file(command, tiny_expert):
    line = command("inspect", tiny_expert / "config.json").fail_in_one_line(1)
    assert "config.json" in line


def test_empty_folder(command, tmp_path):
    assert str(tmp_path) in command("inspect", tmp_path).fail_in_one_line(1)
