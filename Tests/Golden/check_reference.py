"""Compare the reference encoder and tokenizer with results of the original code.

Usage: python Tests/Golden/check_reference.py
"""

import json
import sys
from pathlib import Path

import torch

from reference_encoder import EXPERT_OF_TASK, ExpertLayout, ReferenceEncoder, Shape, pool
from reference_tokenizer import ReferenceTokenizer

FIXTURE = Path(__file__).parent.parent / "Fixtures" / "tiny-expert"
TOLERANCE = 1e-5


def main() -> int:
    config = json.loads((FIXTURE / "config.json").read_text())
    shape = Shape(**{name: config[name] for name in Shape.__dataclass_fields__})
    checkpoint = torch.load(FIXTURE / "scimult.ckpt", weights_only=True)
    prefix = "question_model.encoder."
    tensors = {
        name.removeprefix(prefix): tensor
        for name, tensor in checkpoint["model_dict"].items()
        if name.startswith(prefix)
    }
    moe_type = checkpoint["encoder_params"]["moe_type"]
    layout = ExpertLayout.parse(moe_type, shape.num_hidden_layers)
    encoder = ReferenceEncoder(tensors, shape, layout)
    tokenizer = ReferenceTokenizer((FIXTURE / "vocab.txt").read_text().split("\n")[:-1])

    worst = 0.0
    rows = [json.loads(line) for line in (FIXTURE / "expected.jsonl").read_text().splitlines()]
    for row in rows:
        text = row["text"] if "text" in row else f"{row['title']} [SEP] {row['abstract']}"
        ids = tokenizer.encode(text, 512).input_ids
        if ids != row["input_ids"]:
            print(f"other ids for {text[:60]!r}", file=sys.stderr)
            return 1
        vector = pool(encoder.hidden_states(ids, EXPERT_OF_TASK[row["task"]]), "cls")
        worst = max(worst, (vector - torch.tensor(row["embedding"])).abs().max().item())
    print(f"{len(rows)} rows, largest difference {worst:.1e}")
    return 0 if worst < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
