"""Equal values in other storages: views with strides and offsets, as torch.save stores them."""

import torch
from torch import Tensor


def as_views(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return equal tensors that share storages, start inside them, and have strides."""
    views: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name.endswith(".self.query.weight"):
            views |= _fused(tensors, name.removesuffix("query.weight"))
        elif name in views or not tensor.is_floating_point():
            views.setdefault(name, tensor)
        elif tensor.dim() == 2:
            views[name] = _transposed(tensor) if "dense" in name else _inner_rows(tensor)
        else:
            views[name] = _column(tensor)
    return {name: views[name] for name in tensors}


def _fused(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    names = [f"{prefix}{part}.weight" for part in ("query", "key", "value")]
    fused = torch.cat([tensors[name] for name in names])
    return dict(zip(names, fused.chunk(3), strict=True))


def _transposed(tensor: Tensor) -> Tensor:
    return tensor.t().contiguous().t()


def _inner_rows(tensor: Tensor) -> Tensor:
    padded = torch.full((tensor.shape[0] + 5, tensor.shape[1] + 3), 9e9)
    padded[2:-3, 1:-2] = tensor
    return padded[2:-3, 1:-2]


def _column(tensor: Tensor) -> Tensor:
    table = torch.full((tensor.shape[0], 3), -9e9)
    table[:, 1] = tensor
    return table[:, 1]
