"""Random weights with the tensor names of a BERT encoder with task-specific sub-layers.

The weights are larger than a trained model's and every bias matters. Attention is then sharp, GELU
nonlinear, and an error in any one tensor changes the output.
"""

import torch
from torch import Tensor

from reference_encoder import ExpertLayout, Shape

EXPERTS = 3


class RandomEncoder:
    """Draws tensors from one generator in a fixed order: the same seed gives the same encoder."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors: dict[str, Tensor] = {}

    def draw(self, shape: Shape, vocabulary_size: int, layout: ExpertLayout) -> dict[str, Tensor]:
        hidden = shape.hidden_size
        self._normal("embeddings.word_embeddings.weight", (vocabulary_size, hidden), 0.6)
        positions = (shape.max_position_embeddings, hidden)
        self._normal("embeddings.position_embeddings.weight", positions, 0.4)
        self._normal("embeddings.token_type_embeddings.weight", (2, hidden), 0.3)
        self._norm("embeddings.LayerNorm", hidden)
        for layer in range(shape.num_hidden_layers):
            hit = layer in layout.layers
            self._attention(f"encoder.layer.{layer}.attention", hidden, hit and layout.attention)
            self._feed_forward(f"encoder.layer.{layer}", shape, hit and layout.feed_forward)
        self._linear("pooler.dense", hidden, hidden)
        positions_buffer = torch.arange(shape.max_position_embeddings).unsqueeze(0)
        self.tensors["embeddings.position_ids"] = positions_buffer
        return self.tensors

    def _attention(self, prefix: str, hidden: int, per_expert: bool) -> None:
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            if per_expert:
                for expert in range(EXPERTS):
                    parallel = ".moe_".join(name.rsplit(".", 1))
                    self._linear(f"{prefix}.{parallel}.{expert}", hidden, hidden)
            else:
                self._linear(f"{prefix}.{name}", hidden, hidden)
        self._norm(f"{prefix}.output.LayerNorm", hidden)

    def _feed_forward(self, prefix: str, shape: Shape, per_expert: bool) -> None:
        hidden, inner = shape.hidden_size, shape.intermediate_size
        pairs = [(f"{prefix}.intermediate", f"{prefix}.output")]
        if per_expert:
            moe = f"{prefix}.moe_layer"
            pairs = [
                (f"{moe}.interm_layers.{expert}", f"{moe}.output_layers.{expert}")
                for expert in range(EXPERTS)
            ]
        for wide, narrow in pairs:
            self._linear(f"{wide}.dense", hidden, inner)
            self._linear(f"{narrow}.dense", inner, hidden)
            self._norm(f"{narrow}.LayerNorm", hidden)

    def _linear(self, name: str, inputs: int, outputs: int) -> None:
        self._normal(f"{name}.weight", (outputs, inputs), 1.2 / inputs**0.5)
        self._normal(f"{name}.bias", (outputs,), 0.2)

    def _norm(self, name: str, size: int) -> None:
        self._normal(f"{name}.weight", (size,), 0.2, mean=1.0)
        self._normal(f"{name}.bias", (size,), 0.2)

    def _normal(self, name: str, size: tuple[int, ...], std: float, mean: float = 0.0) -> None:
        self.tensors[name] = mean + std * torch.randn(size, generator=self.generator)
