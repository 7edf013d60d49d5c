"""Make refused/: one small model folder for each reason to refuse a model at the start.

Each line of a folder's expected.txt must occur in the message of one line.

Usage: python Tests/Golden/make_refused.py
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from model_folder import (
    encoder_params,
    model_dict,
    save_checkpoint,
    write_config,
    write_json,
    write_modules,
    write_vocabulary,
)
from random_encoder import RandomEncoder
from reference_encoder import ExpertLayout, Shape
from reference_tokenizer import SPECIAL_TOKENS

FOLDER = Path(__file__).parent / "refused"
VOCABULARY = [*SPECIAL_TOKENS, *"abcde", "##a", "##b"]
SHAPE = Shape(4, 1, 2, 6, max_position_embeddings=16)
ATTENTION = "encoder.layer.0.attention"

LFS_POINTER = f"""version https://git-lfs.github.com/spec/v1
oid sha256:{"0123456789abcdef" * 4}
size 437951328
"""
HTML_PAGE = """<!DOCTYPE html>
<html><head><title>Sign in</title></head><body>Please sign in to download this file.</body></html>
"""


@dataclass
class Model:
    """A valid model, which a case damages before or after it is written."""

    folder: Path
    tensors: dict[str, Tensor]
    params: dict[str, Any]
    config: dict[str, Any]
    vocabulary: list[str]

    @staticmethod
    def plain(folder: Path) -> "Model":
        tensors = RandomEncoder(1).draw(SHAPE, len(VOCABULARY), ExpertLayout())
        return Model(folder, tensors, encoder_params(), {}, list(VOCABULARY))

    @staticmethod
    def expert(folder: Path) -> "Model":
        layout = ExpertLayout(frozenset({0}), attention=True)
        tensors = RandomEncoder(2).draw(SHAPE, len(VOCABULARY), layout)
        params = encoder_params(use_moe=True, num_expert=3, moe_type="le7mod3:attn")
        return Model(folder, tensors, params, {}, list(VOCABULARY))

    def write_around_weights(self) -> None:
        write_config(self.folder, SHAPE, len(VOCABULARY), **self.config)
        write_vocabulary(self.folder, self.vocabulary)

    def write(self, **extra: Tensor) -> Path:
        """Write the folder as a SciMult checkpoint; return the path of the weights."""
        self.write_around_weights()
        tensors = model_dict({"query": self.tensors, "candidate": self.tensors})
        tensors.update(extra)
        save_checkpoint(self.folder, tensors, self.params)
        return self.folder / "scimult.ckpt"

    def write_hugging_face(self) -> Path:
        """Write the folder as a Hugging Face BERT; return the path of the weights."""
        self.write_around_weights()
        save_file(self.tensors, self.folder / "model.safetensors")
        return self.folder / "model.safetensors"


Case = Callable[[Path], list[str]]


def with_params(expected: list[str], **params: Any) -> Case:
    """Change one setting of an Expert checkpoint."""

    def case(folder: Path) -> list[str]:
        model = Model.expert(folder)
        model.params |= params
        model.write()
        return ["scimult.ckpt", *expected]

    return case


def with_config(expected: list[str], **config: Any) -> Case:
    """Change one entry of config.json."""

    def case(folder: Path) -> list[str]:
        model = Model.plain(folder)
        model.config = config
        model.write()
        return expected

    return case


def with_tensor(name: str, spoil: Callable[[Tensor], Tensor | None], *expected: str) -> Case:
    """Change one tensor of a checkpoint, or remove it if spoil returns None."""

    def case(folder: Path) -> list[str]:
        model = Model.expert(folder) if ".moe_" in name else Model.plain(folder)
        spoiled = spoil(model.tensors.pop(name))
        if spoiled is not None:
            model.tensors[name] = spoiled
        model.write()
        return ["scimult.ckpt", name, *expected]

    return case


def with_weights(expected: list[str], spoil: Callable[[Path], object]) -> Case:
    """Change the bytes of a checkpoint."""

    def case(folder: Path) -> list[str]:
        spoil(Model.plain(folder).write())
        return ["scimult.ckpt", *expected]

    return case


def with_safetensors(expected: list[str], spoil: Callable[[Path], object]) -> Case:
    """Change the bytes of a model.safetensors."""

    def case(folder: Path) -> list[str]:
        spoil(Model.plain(folder).write_hugging_face())
        return ["model.safetensors", *expected]

    return case


def with_file(name: str, content: str | None, *expected: str) -> Case:
    """Replace a file next to the weights, or delete it if content is None."""

    def case(folder: Path) -> list[str]:
        Model.plain(folder).write()
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(content)
        return [name, *expected]

    return case


def with_modules(kinds: dict[str, dict[str, Any] | None], *expected: str) -> Case:
    """Write a sentence-transformers folder with these modules and settings, None for no folder."""

    def case(folder: Path) -> list[str]:
        Model.plain(folder).write_hugging_face()
        for index, (kind, settings) in enumerate(kinds.items(), start=1):
            if settings is None:
                continue
            write_json(folder / f"{index}_{kind}" / "config.json", settings)
        write_modules(folder, list(kinds))
        return list(expected)

    return case


MEAN = {"word_embedding_dimension": 4, "pooling_mode_mean_tokens": True}
DENSE = {"in_features": 4, "out_features": 2}


def with_files(files: dict[str, Any], *expected: str) -> Case:
    """Write a Hugging Face folder with these additional JSON files."""

    def case(folder: Path) -> list[str]:
        Model.plain(folder).write_hugging_face()
        for name, content in files.items():
            write_json(folder / name, content)
        return list(expected)

    return case


def with_more(name: str) -> Case:
    """Add a tensor that the encoder does not have, with a name of the usual form."""

    def case(folder: Path) -> list[str]:
        model = Model.plain(folder)
        if name.startswith("bert."):
            model.tensors = {f"bert.{key}": tensor for key, tensor in model.tensors.items()}
        model.tensors[name] = torch.zeros(2, 4)
        model.write_hugging_face()
        return ["model.safetensors", name, "has no such tensor"]

    return case


def filled(value: float) -> Callable[[Tensor], Tensor]:
    """Return a change that sets the last value of a tensor."""

    def spoil(tensor: Tensor) -> Tensor:
        tensor = tensor.clone()
        tensor.view(-1)[-1] = value
        return tensor

    return spoil


def infer_expert(folder: Path) -> list[str]:
    model = Model.expert(folder)
    model.params |= {"use_infer_expert": True}
    gate = torch.ones(3, SHAPE.hidden_size)
    model.write(**{"question_model.encoder.encoder.expert_gate.weight": gate})
    return ["scimult.ckpt", "use_infer_expert"]


def projection(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.params |= {"projection_dim": 3}
    weight = torch.ones(3, SHAPE.hidden_size)
    model.write(**{"question_model.encode_proj.weight": weight})
    return ["scimult.ckpt", "projection_dim", "3"]


def start_end_concat(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.params |= {"q_rep_method": "start_end_concat"}
    hidden = SHAPE.hidden_size
    model.write(**{"linear.weight": torch.ones(hidden, 2 * hidden)})
    return ["scimult.ckpt", "q_rep_method", "start_end_concat"]


def no_candidate_encoder(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.params |= {"shared_encoder": False}
    model.write_around_weights()
    save_checkpoint(folder, model_dict({"query": model.tensors}), model.params)
    return ["scimult.ckpt", "ctx_model"]


def vocabulary_beyond_embeddings(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.vocabulary += ["one", "too", "many"]
    model.write()
    return ["vocab.txt", str(len(model.vocabulary)), str(len(VOCABULARY))]


def legacy_truncated(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.write_around_weights()
    save_checkpoint(folder, model_dict({"query": model.tensors}), model.params, legacy=True)
    cut_short(folder / "scimult.ckpt")
    return ["scimult.ckpt", "storage", "truncated"]


def adapter_in_a_subfolder(folder: Path) -> list[str]:
    """transformers looks for an adapter in the encoder's folder."""
    Model.plain(folder / "0_Transformer").write_hugging_face()
    write_modules(folder, ["Pooling"])
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["path"] = "0_Transformer"
    write_json(folder / "modules.json", modules)
    write_json(folder / "1_Pooling/config.json", MEAN)
    write_json(folder / "0_Transformer/adapter_config.json", {"peft_type": "LORA"})
    return ["0_Transformer/adapter_config.json", "LORA", "merge_and_unload"]


def lightning(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.write_around_weights()
    state = {f"model.{name}": tensor for name, tensor in model.tensors.items()}
    checkpoint = {"epoch": 3, "pytorch-lightning_version": "2.5.0", "state_dict": state}
    torch.save(checkpoint, folder / "last.ckpt")
    return ["last.ckpt", "PyTorch Lightning", "state_dict"]


def checkpoint_beside_weights(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.write_hugging_face()
    torch.save(model.tensors, folder / "last.ckpt")
    return ["last.ckpt", "model.safetensors", "keep one"]


class _Command:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("exit 3",)


def code_in_pickle(folder: Path) -> list[str]:
    model = Model.plain(folder)
    model.params["pretrained_model_cfg"] = _Command()
    model.write()
    return ["scimult.ckpt", "posix.system"]


def several_checkpoints(folder: Path) -> list[str]:
    path = Model.plain(folder).write()
    shutil.copy(path, folder / "other.ckpt")
    return ["scimult.ckpt", "other.ckpt"]


def with_shards(weight_map: dict[str, str], *expected: str) -> Case:
    """Write the weights as a shard, and an index with other contents."""

    def case(folder: Path) -> list[str]:
        path = Model.plain(folder).write_hugging_face()
        path.rename(folder / "model-00001-of-00002.safetensors")
        write_json(folder / "model.safetensors.index.json", {"weight_map": weight_map})
        return list(expected)

    return case


def link_to_nowhere(folder: Path) -> list[str]:
    path = Model.plain(folder).write_hugging_face()
    path.unlink()
    path.symlink_to("../../blobs/0123abc")
    return ["model.safetensors", "../../blobs/0123abc", "download"]


def of_another_framework(folder: Path) -> list[str]:
    Model.plain(folder).write_around_weights()
    (folder / "tf_model.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    return ["tf_model.h5", "save_pretrained"]


def no_weights(folder: Path) -> list[str]:
    Model.plain(folder).write_around_weights()
    return ["weights-missing", "model.safetensors", ".ckpt"]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def flip_weight(path: Path) -> None:
    """Flip a bit in the middle of the word embeddings, which only a checksum detects."""
    embeddings = Model.plain(path.parent).tensors["embeddings.word_embeddings.weight"]
    content = bytearray(path.read_bytes())
    content[content.index(embeddings.numpy().tobytes()) + embeddings.nbytes // 2] ^= 1
    path.write_bytes(content)


def stretch_offsets(path: Path) -> None:
    """Extend the last tensor in a safetensors header beyond the end of the file."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    last = max((name for name in header), key=lambda name: header[name]["data_offsets"][1])
    header[last]["shape"] = [1 << 20]
    header[last]["data_offsets"][1] = header[last]["data_offsets"][0] + (4 << 20)
    changed = json.dumps(header).encode()
    path.write_bytes(len(changed).to_bytes(8, "little") + changed + content[8 + length :])


CASES: dict[str, Case] = {
    # Unsupported models.
    "gate": infer_expert,
    "projection": projection,
    "start-end-concat": start_end_concat,
    "token-gating": with_params(["moe_type", "tok"], moe_type="le7mod3:tok"),
    "token-gating-beside-attention": with_params(["moe_type", "tok"], moe_type="le7mod3:attn+tok"),
    "rule-unknown": with_params(["moe_type", "mod5"], moe_type="mod5:attn"),
    "rule-without-colon": with_params(["moe_type", "le7mod3"], moe_type="le7mod3"),
    "rule-hits-no-layer": with_params(["moe_type", "mod12"], moe_type="mod12:attn"),
    "one-expert": with_params(["num_expert", "1"], num_expert=1),
    "four-experts": with_params(["num_expert", "4"], num_expert=4),
    "activation-unknown": with_config(
        ["config.json", "hidden_act", "swish_custom"], hidden_act="swish_custom"
    ),
    "relative-positions": with_config(
        ["config.json", "position_embedding_type", "relative_key"],
        position_embedding_type="relative_key",
    ),
    "model-type-other": with_config(["config.json", "model_type", "roberta"], model_type="roberta"),
    "quantised": with_config(
        ["config.json", "quantization_config"], quantization_config={"quant_method": "gptq"}
    ),
    "code-of-its-own": with_config(
        ["config.json", "auto_map", "never run"], auto_map={"AutoModel": "modeling.Model"}
    ),
    "decoder": with_config(["config.json", "is_decoder"], is_decoder=True),
    "hidden-size-huge": with_config(["config.json", "hidden_size", "1e+30"], hidden_size=1e30),
    "hidden-size-broken": with_config(["config.json", "hidden_size", "32.5"], hidden_size=32.5),
    "epsilon-not-a-number": with_config(
        ["config.json", "layer_norm_eps", "NaN"], layer_norm_eps=float("nan")
    ),
    # Files of sentence-transformers.
    "pooling-unknown": with_modules(
        {"Pooling": {"word_embedding_dimension": 4, "pooling_mode": "median"}},
        "1_Pooling/config.json",
        "pooling_mode",
        "median",
    ),
    "pooling-flag-unknown": with_modules(
        {"Pooling": {"word_embedding_dimension": 4, "pooling_mode_median_tokens": True}},
        "1_Pooling/config.json",
        "pooling_mode_median_tokens",
    ),
    "module-unknown": with_modules({"Pooling": MEAN, "LSTM": {}}, "modules.json", "LSTM"),
    "module-of-its-own": with_files(
        {"modules.json": [{"idx": 0, "name": "0", "path": "", "type": "my.lib.Transformer"}]},
        "modules.json",
        "my.lib.Transformer",
    ),
    "module-before-pooling": with_modules(
        {"Normalize": {}, "Pooling": MEAN}, "modules.json", "Normalize", "before Pooling"
    ),
    "module-folder-missing": with_modules(
        {"Pooling": MEAN, "Dense": None}, "2_Dense", "does not exist"
    ),
    "dense-weights-missing": with_modules({"Pooling": MEAN, "Dense": DENSE}, "2_Dense", "weights"),
    "dense-activation-unknown": with_modules(
        {"Pooling": MEAN, "Dense": DENSE | {"activation_function": "my.Swish"}},
        "2_Dense/config.json",
        "activation_function",
        "my.Swish",
    ),
    "dense-of-tokens": with_modules(
        {"Pooling": MEAN, "Dense": DENSE | {"module_input_name": "token_embeddings"}},
        "2_Dense/config.json",
        "module_input_name",
    ),
    "similarity-unknown": with_files(
        {"config_sentence_transformers.json": {"similarity_fn_name": "euclidean"}},
        "config_sentence_transformers.json",
        "similarity_fn_name",
        "euclidean",
    ),
    "prompt-by-default-missing": with_files(
        {"config_sentence_transformers.json": {"prompts": {}, "default_prompt_name": "q"}},
        "config_sentence_transformers.json",
        "default_prompt_name",
    ),
    "many-vectors": with_files(
        {"config_sentence_transformers.json": {"model_type": "MultiVectorEncoder"}},
        "config_sentence_transformers.json",
        "model_type",
    ),
    "tokenizer-arguments": with_files(
        {"sentence_bert_config.json": {"tokenizer_args": {"use_fast": False}}},
        "sentence_bert_config.json",
        "tokenizer_args",
    ),
    "length-one": with_files(
        {"sentence_bert_config.json": {"max_seq_length": 1}},
        "sentence_bert_config.json",
        "max_seq_length",
    ),
    "dimensions-none": with_files(
        {"config_sentence_transformers.json": {"truncate_dim": 0}},
        "config_sentence_transformers.json",
        "truncate_dim",
    ),
    # scimult.json.
    "own-key-unknown": with_files(
        {"scimult.json": {"instruction": {"search": {"query": "q"}}}},
        "scimult.json",
        "instruction",
        "unknown key",
    ),
    "own-papers-unknown": with_files(
        {"scimult.json": {"papers": "triple"}}, "scimult.json", "papers", "pair"
    ),
    # Files of adapters.
    "adapter-beside-weights": with_files(
        {"adapter_config.json": {"peft_type": "LORA", "r": 8}},
        "adapter_config.json",
        "LORA",
        "merge_and_unload",
    ),
    "adapter-in-a-subfolder": adapter_in_a_subfolder,
    "adapter-in-weights": with_more(
        "bert.encoder.layer.0.output.adapters.proximity.adapter_down.0.weight"
    ),
    "low-rank-in-weights": with_more("encoder.layer.0.attention.self.query.lora_A.weight"),
    "scale-in-weights": with_more("encoder.layer.0.attention.self.query.weight_scale"),
    "layer-too-many": with_more("encoder.layer.1.output.dense.weight"),
    "embedding-too-many": with_more("embeddings.tables.weight"),
    # Tensors.
    "tensor-missing": with_tensor("encoder.layer.0.output.dense.weight", lambda _: None),
    "expert-tensor-missing": with_tensor(f"{ATTENTION}.self.moe_query.2.weight", lambda _: None),
    "tensor-misshapen": with_tensor("encoder.layer.0.intermediate.dense.weight", Tensor.t),
    "tensor-of-integers": with_tensor(f"{ATTENTION}.self.key.weight", Tensor.int),
    "weight-nan": with_tensor(f"{ATTENTION}.self.key.bias", filled(float("nan"))),
    "weight-infinite": with_tensor("embeddings.LayerNorm.weight", filled(float("-inf"))),
    "candidate-encoder-missing": no_candidate_encoder,
    # A configuration that contradicts the tensors or itself.
    "hidden-size-disagrees": with_config(["embeddings", "4", "8"], hidden_size=8),
    "layers-disagree": with_config(["encoder.layer.1."], num_hidden_layers=2),
    "positions-disagree": with_config(
        ["embeddings.position_embeddings.weight", "16", "32"], max_position_embeddings=32
    ),
    "heads-do-not-divide": with_config(
        ["config.json", "num_attention_heads", "3"], num_attention_heads=3
    ),
    "config-missing": with_file("config.json", None),
    "config-not-json": with_file("config.json", "{'hidden_size': 4}"),
    # The vocabulary.
    "vocabulary-beyond-embeddings": vocabulary_beyond_embeddings,
    "vocabulary-missing": with_file("vocab.txt", None, "tokenizer.json"),
    "vocabulary-empty": with_file("vocab.txt", ""),
    "vocabulary-without-cls": with_file("vocab.txt", "[PAD]\n[UNK]\n[SEP]\na\n", "[CLS]"),
    "vocabulary-lfs-pointer": with_file("vocab.txt", LFS_POINTER, "LFS"),
    # The weights file.
    "weights-missing": no_weights,
    "weights-several": several_checkpoints,
    "weights-link-to-nowhere": link_to_nowhere,
    "weights-of-another-framework": of_another_framework,
    "shard-missing": with_shards(
        {"a": "model-00002-of-00002.safetensors"}, "model-00002-of-00002.safetensors", "missing"
    ),
    "shard-outside": with_shards({"a": "../model.safetensors"}, "weight_map.a", "../model"),
    "shard-without-its-tensor": with_shards(
        {"a": "model-00001-of-00002.safetensors"}, "model-00001-of-00002.safetensors", ": a:"
    ),
    "checkpoint-beside-weights": checkpoint_beside_weights,
    "checkpoint-lightning": lightning,
    "checkpoint-legacy-truncated": legacy_truncated,
    "checkpoint-truncated": with_weights([], cut_short),
    "checkpoint-corrupt": with_weights([], flip_weight),
    "checkpoint-empty": with_weights([], lambda path: path.write_bytes(b"")),
    "checkpoint-lfs-pointer": with_weights(["LFS"], lambda p: p.write_text(LFS_POINTER)),
    "checkpoint-html": with_weights(["HTML"], lambda p: p.write_text(HTML_PAGE)),
    "checkpoint-runs-code": code_in_pickle,
    "safetensors-truncated": with_safetensors([], cut_short),
    "safetensors-beyond-end": with_safetensors([], stretch_offsets),
    "safetensors-html": with_safetensors(["HTML"], lambda p: p.write_text(HTML_PAGE)),
}


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, case in CASES.items():
        expected = case(FOLDER / name)
        (FOLDER / name / "expected.txt").write_text("".join(f"{line}\n" for line in expected))
    print(f"{len(CASES)} refusals")
    return 0


if __name__ == "__main__":
    sys.exit(main())
