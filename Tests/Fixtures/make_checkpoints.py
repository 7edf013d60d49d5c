"""Makes the small weights files under checkpoints/, and a description of their contents.

Run once, by hand. The files are committed, so that the tests need no PyTorch:

    pip install torch==2.13.0+cpu omegaconf safetensors
    python Tests/Fixtures/make_checkpoints.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from old_torch_file import OldTensor, write_old_file
from omegaconf import OmegaConf
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "checkpoints"
Tensors = dict[str, torch.Tensor]
OLD_STORAGES = {"140": [0.5 * n for n in range(24)], "7": [-1.25, 3.5]}
OLD_TENSORS: dict[str, OldTensor] = {
    "embeddings.gamma": ("7", None, (2,), (1,)),
    "embeddings.weight": ("140", None, (4, 6), (6, 1)),
    "encoder.transposed": ("140", (3, 12), (3, 4), (1, 3)),
    "encoder.vector": ("140", (20, 4), (4,), (1,)),
}


def plain_tensors() -> Tensors:
    """Returns contiguous fp32 tensors of awkward shapes."""
    return {
        "matrix": torch.randn(5, 7),
        "vector": torch.randn(11),
        "scalar": torch.tensor(-1.5),
        "empty": torch.zeros(0, 3),
        "position_ids": torch.arange(12).expand((1, -1)),
    }


def strided_views() -> Tensors:
    """Returns views of one storage that all files of this kind share, and views of others."""
    base = torch.randn(6, 8)
    cube = torch.randn(3, 4, 5)
    return {
        "whole": base,
        "transposed": base.t(),
        "rows": base[2:5],
        "columns": base[:, 3:6],
        "every_second": base[::2, 1::3],
        "cube_permuted": cube.permute(2, 0, 1),
        "cube_slice": cube[1:, 2, ::2],
        "parameter": torch.nn.Parameter(torch.randn(4, 2).t(), requires_grad=True),
    }


def half_precision() -> Tensors:
    """Returns all other floating-point types, with the ends of their ranges, and integer types."""
    edges = [0.0, -0.0, 1.0, -2.5, 65504.0, 6.1e-5, 6e-8, -5.96e-8, 0.1, 3.1415926]
    return {
        "fp16": torch.tensor(edges, dtype=torch.float16),
        "fp16_transposed": torch.randn(3, 4).half().t(),
        "bf16": torch.tensor([*edges, 3.3e38, 1e-40], dtype=torch.bfloat16),
        "bf16_columns": torch.randn(4, 6).bfloat16()[:, 1:3],
        "fp64": torch.tensor([0.1, -1e-320, 3.4e38, 2.0**-149], dtype=torch.float64),
        "int64": torch.arange(3),
        "int32": torch.arange(3, dtype=torch.int32),
        "uint8": torch.arange(3, dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
    }


def encoder_params() -> dict[str, Any]:
    """Returns a SciMult encoder's parameters, and a few values of other types."""
    return {
        "use_moe": True,
        "num_expert": 3,
        "moe_type": "mod2:attn",
        "mean_pool": False,
        "shared_encoder": True,
        "projection_dim": 0,
        "dropout": 0.1,
        "pretrained_model_cfg": "bert-base-uncased",
        "pretrained_file": None,
        "heads": [1, "two", [3.5, None]],
    }


def scimult(params: Any) -> dict[str, Any]:
    """Returns a checkpoint as the trainer writes it, with the state of optimizer and scheduler."""
    torch.manual_seed(7)
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 / (step + 1))
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    scheduler.step()
    weights = model.state_dict()
    for name in list(weights):
        tensor = weights.pop(name)
        weights[f"question_model.encoder.{name}"] = tensor
        weights[f"ctx_model.encoder.{name}"] = tensor
    return {
        "model_dict": weights,
        "optimizer_dict": optimizer.state_dict(),
        "scheduler_dict": scheduler.state_dict(),
        "offset": 123_456,
        "epoch": 2,
        "encoder_params": params,
    }


def save(value: Any, path: Path, protocol: int, *, legacy: bool) -> None:
    """Save in the current format, or in the format before torch 1.6."""
    torch.save(value, path, pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy)


def described(tensors: Tensors) -> dict[str, Any]:
    """Returns the expected shape, element type and, for floating-point tensors, fp32 values."""
    return {
        name: {
            "shape": list(tensor.shape),
            "elementType": str(tensor.dtype).removeprefix("torch."),
            "values": tensor.detach().float().reshape(-1).tolist()
            if tensor.is_floating_point()
            else None,
        }
        for name, tensor in tensors.items()
    }


def main() -> None:
    """Writes all files and expected.json."""
    torch.manual_seed(20230524)
    FOLDER.mkdir(exist_ok=True)
    expected: dict[str, Any] = {}

    states = {
        "plain.bin": (plain_tensors(), 2),
        "protocol4.bin": (plain_tensors(), 4),
        "strided.bin": (strided_views(), 2),
        "half.bin": (half_precision(), 2),
    }
    for name, (tensors, protocol) in states.items():
        for legacy in (False, True):
            file = f"legacy_{name}" if legacy else name
            save(tensors, FOLDER / file, protocol, legacy=legacy)
            expected[file] = {"format": "torchStateDict", "tensors": described(tensors)}
    write_old_file(FOLDER / "old.bin", OLD_TENSORS, OLD_STORAGES)
    tensors = torch.load(FOLDER / "old.bin", weights_only=False)
    expected["old.bin"] = {"format": "torchStateDict", "tensors": described(tensors)}

    tensors = {name: tensor.contiguous() for name, tensor in half_precision().items()}
    save_file(tensors, FOLDER / "model.safetensors", metadata={"format": "pt", "näme": 'a "b"'})
    (FOLDER / "model.safetensors").chmod(0o644)
    expected["model.safetensors"] = {"format": "safetensors", "tensors": described(tensors)}

    params = encoder_params()
    config = OmegaConf.create({"do_lower_case": True, "encoder": params})
    OmegaConf.set_struct(config, True)
    variants = {
        "flat.ckpt": (params, 2),
        "nested.ckpt": ({"do_lower_case": True, "encoder": params}, 2),
        "omegaconf_flat.ckpt": (OmegaConf.create(params), 2),
        "omegaconf_nested.ckpt": ({"do_lower_case": True, "encoder": config.encoder}, 2),
        "omegaconf_protocol4.ckpt": (config, 4),
    }
    for name, (encoder, protocol) in variants.items():
        checkpoint = scimult(encoder)
        for legacy in (False, True):
            file = f"legacy_{name}" if legacy else name
            save(checkpoint, FOLDER / file, protocol, legacy=legacy)
            expected[file] = {
                "format": "scimult",
                "tensors": described(checkpoint["model_dict"]),
                "encoderParameters": params,
            }
    (FOLDER / "expected.json").write_text(json.dumps(expected, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
