"""The model in transformers, and in ONNX."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any


def load_bert(model: Path, attention: str = "sdpa") -> Any:
    """Returns a `BertModel` in fp32, in evaluation mode."""
    torch, transformers = import_module("torch"), import_module("transformers")
    bert = transformers.BertModel.from_pretrained(
        model, add_pooling_layer=False, attn_implementation=attention, dtype=torch.float32
    )
    return bert.eval()


def exported_onnx(model: Path, cache: Path) -> Path:
    """Exports the model in fp32 with both axes dynamic, only once."""
    path = cache / "fp32.onnx"
    if path.exists():
        return path
    torch = import_module("torch")
    bert = load_bert(model, attention="eager")

    class LastHiddenState(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            output = self.bert(input_ids=input_ids, attention_mask=attention_mask)
            return output.last_hidden_state

    example = torch.ones(2, 16, dtype=torch.long)
    axes = {0: "rows", 1: "columns"}
    partial = path.with_suffix(".partial")
    torch.onnx.export(
        LastHiddenState(),
        (example, example),
        str(partial),
        input_names=["input_ids", "attention_mask"],
        output_names=["hidden"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "hidden": axes},
        opset_version=17,
        dynamo=False,
    )
    partial.rename(path)
    return path
