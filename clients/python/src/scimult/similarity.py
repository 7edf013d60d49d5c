"""Scores of embeddings, as numpy arrays or torch tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

#: A shorter vector counts as one of this length, as in PyTorch: its cosine is 0 rather than NaN.
_LENGTH_MIN = 1e-12


def scores(left: Any, right: Any, *, is_cosine: bool) -> Any:
    """Returns scores (n, m) of n embeddings with m others."""
    return _compared(left, right, is_cosine, lambda one, other: one @ other.T)


def scores_of_pairs(left: Any, right: Any, *, is_cosine: bool) -> Any:
    """Returns scores (n) of n pairs of embeddings."""
    return _compared(left, right, is_cosine, lambda one, other: (one * other).sum(-1))


def of_length_one(embeddings: Any) -> Any:
    """Returns the embeddings divided by their lengths."""
    lengths = np.linalg.norm(embeddings, axis=-1, keepdims=True)
    return embeddings / np.maximum(lengths, _LENGTH_MIN)


def _compared(left: Any, right: Any, is_cosine: bool, multiply: Any) -> Any:
    """Returns a tensor if one argument is a tensor, else an array. Clips cosines to -1 … 1."""
    tensor = next((one for one in (*_first(left), *_first(right)) if _is_tensor(one)), None)
    if tensor is not None:
        import torch

        one, other = (_tensor(each, tensor.device) for each in (left, right))
        if is_cosine:
            one, other = (
                torch.nn.functional.normalize(each, dim=-1, eps=_LENGTH_MIN)
                for each in (one, other)
            )
        found = multiply(one, other)
        return found.clamp(-1, 1) if is_cosine else found
    one, other = (np.atleast_2d(np.asarray(each, np.float32)) for each in (left, right))
    if is_cosine:
        one, other = of_length_one(one), of_length_one(other)
    found = multiply(one, other)
    return np.clip(found, -1, 1) if is_cosine else found


def _first(embeddings: Any) -> list[Any]:
    """Returns the embeddings, or the first embedding if it is a list of them."""
    return embeddings[:1] if isinstance(embeddings, list) else [embeddings]


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch"


def _tensor(embeddings: Any, device: Any) -> Any:
    import torch

    if isinstance(embeddings, list):
        embeddings = torch.stack([torch.as_tensor(one) for one in embeddings])
    return torch.atleast_2d(torch.as_tensor(embeddings).to(device, torch.float32))
