"""A BERT encoder with task-specific sub-layers in plain PyTorch: the reference for golden values.

It encodes one sequence at a time in fp32, without padding, masks or batches, and shares no code
with the server. If the results are equal, both interpret the model in the same way.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

EXPERT_OF_TASK = {"search": 0, "link_prediction": 1, "classification": 2}


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT encoder, with the names of config.json."""

    hidden_size: int = 16
    num_hidden_layers: int = 2
    num_attention_heads: int = 2
    intermediate_size: int = 32
    max_position_embeddings: int = 64
    layer_norm_eps: float = 1e-12


@dataclass(frozen=True)
class ExpertLayout:
    """Which layers are task-specific, and which of their sub-layers."""

    layers: frozenset[int] = frozenset()
    attention: bool = False
    feed_forward: bool = False

    @staticmethod
    def parse(moe_type: str, layer_count: int) -> "ExpertLayout":
        """Parse `<rule>:<parts>`; layers count from 0."""
        rule, parts = moe_type.split(":")[:2]
        hit = {
            "mod2": lambda i: (i + 1) % 2 == 0,
            "mod3": lambda i: (i + 1) % 3 == 0,
            "mod4": lambda i: (i + 1) % 4 == 0,
            "mod6": lambda i: (i + 1) % 6 == 0,
            "mod12": lambda i: (i + 1) % 12 == 0,
            "ge6mod3": lambda i: i + 1 >= 6 and (i + 1) % 3 == 0,
            "le7mod3": lambda i: i <= 6 and i % 3 == 0,
        }[rule]
        layers = frozenset(i for i in range(layer_count) if hit(i))
        return ExpertLayout(layers, "attn" in parts, "fwd" in parts)


class ReferenceEncoder:
    """One encoder: its tensors by BERT name (`embeddings.…`, `encoder.layer.N.…`)."""

    def __init__(
        self, tensors: Mapping[str, Tensor], shape: Shape, layout: ExpertLayout | None = None
    ) -> None:
        self.tensors = {n: t.float() for n, t in tensors.items() if t.is_floating_point()}
        self.shape = shape
        self.layout = layout or ExpertLayout()

    def hidden_states(self, input_ids: list[int], expert: int) -> Tensor:
        """Return the last layer's hidden states, (tokens, hidden)."""
        words = self.tensors["embeddings.word_embeddings.weight"]
        positions = self.tensors["embeddings.position_embeddings.weight"]
        types = self.tensors["embeddings.token_type_embeddings.weight"]
        x = words[torch.tensor(input_ids)] + positions[: len(input_ids)] + types[0]
        x = self._norm(x, "embeddings.LayerNorm")
        for layer in range(self.shape.num_hidden_layers):
            x = self._attention(x, layer, expert)
            x = self._feed_forward(x, layer, expert)
        return x

    def _attention(self, x: Tensor, layer: int, expert: int) -> Tensor:
        prefix = f"encoder.layer.{layer}.attention"
        names = ["self.query", "self.key", "self.value", "output.dense"]
        if layer in self.layout.layers and self.layout.attention:
            names = ["self.moe_query", "self.moe_key", "self.moe_value", "output.moe_dense"]
            names = [f"{name}.{expert}" for name in names]
        query, key, value = (self._linear(x, f"{prefix}.{name}") for name in names[:3])

        size = self.shape.hidden_size // self.shape.num_attention_heads
        heads = []
        by_head = zip(query.split(size, 1), key.split(size, 1), value.split(size, 1), strict=True)
        for q, k, v in by_head:
            weights = torch.softmax(q @ k.T / math.sqrt(size), dim=1)
            heads.append(weights @ v)
        attended = self._linear(torch.cat(heads, 1), f"{prefix}.{names[3]}")
        return self._norm(attended + x, f"{prefix}.output.LayerNorm")

    def _feed_forward(self, x: Tensor, layer: int, expert: int) -> Tensor:
        prefix = f"encoder.layer.{layer}"
        wide, narrow = f"{prefix}.intermediate", f"{prefix}.output"
        if layer in self.layout.layers and self.layout.feed_forward:
            wide = f"{prefix}.moe_layer.interm_layers.{expert}"
            narrow = f"{prefix}.moe_layer.output_layers.{expert}"
        inner = functional.gelu(self._linear(x, f"{wide}.dense"))
        return self._norm(self._linear(inner, f"{narrow}.dense") + x, f"{narrow}.LayerNorm")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def _norm(self, x: Tensor, name: str) -> Tensor:
        gamma, beta = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return functional.layer_norm(
            x, (self.shape.hidden_size,), gamma, beta, self.shape.layer_norm_eps
        )


def pool(hidden_states: Tensor, pooling: str) -> Tensor:
    """Return the text's vector, (hidden,): "cls", "mean", or "mean+normalize"."""
    if pooling == "cls":
        return hidden_states[0]
    mean = hidden_states.mean(0)
    return mean / mean.norm() if pooling == "mean+normalize" else mean


def rounded(vector: Tensor) -> list[float]:
    """Round to seven significant digits, the precision of fp32."""
    return [float(f"{value:.7g}") for value in vector.tolist()]
