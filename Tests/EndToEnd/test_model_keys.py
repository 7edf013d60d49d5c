"""docs/models.md lists every key of a model as honoured, refused or without effect.

For each key there is a folder with a significant value of it. A key that is honoured changes the
result or causes a refusal. A key that is refused is named in the message, with its file. A key
without effect changes no bit.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.command import json_lines

REPOSITORY = Path(__file__).resolve().parents[2]
VARIANTS = REPOSITORY / "Tests/Golden/variants"
DOCUMENT = REPOSITORY / "docs/models.md"
ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (honoured|refused|without effect) \| .+ \|$")

#: A key that Swift reads from a JSON file.
READ_KEY = re.compile(
    r"\.(?:bool|choice|contains|double|int|object|string|strings|value|required|width)"
    r'\(\s*"([a-z_]+)"'
)
#: Keys inside keys of the table.
PARTS_OF_KEYS = {"config_map", "fusions", "method", "method_output_name", "text"}
#: A part of folder names.
OF_FOLDERS = {"medcpt"}
#: Parts of the tensor names and options of a SciMult checkpoint, which are not keys of a JSON file.
OF_CHECKPOINTS = {
    "attn",
    "fwd",
    "mean_pool",
    "moe_type",
    "num_expert",
    "shared_encoder",
    "tok",
    "use_moe",
}

TEXTS = [
    {"text": "Graph models of PAPERS"},
    {"text": "Naïve é 中文x ж [CLS] [NEW] [PAD] [MASK] graph"},
    {"title": "A graph", "abstract": "of papers " * 40},
]


def documented() -> list[tuple[str, str, str]]:
    """Returns file, key and verdict of every row."""
    rows = []
    for line in DOCUMENT.read_text().splitlines():
        if found := ROW.match(line):
            file, keys, verdict = found.groups()
            rows += [(file, key.strip("`"), verdict) for key in keys.split(", ")]
    return rows


@dataclass(frozen=True)
class Example:
    """The value of a key, and the folder for it."""

    value: Any
    #: A golden variant.
    base: str = "prompts"
    #: Other content of the same file, in the folder with the key and in the one without.
    beside: dict[str, Any] | None = None
    #: Removes the key.
    absent: bool = False
    #: The folder of the adapter that contains the file.
    adapter: str = "study"


def dense(value: Any) -> Example:
    return Example(value, "dense-tanh-normalized")


def distilbert(value: Any) -> Example:
    return Example(value, "distilbert")


def token(value: Any) -> Example:
    return Example(value, "bert-safetensors")


def lora(value: Any) -> Example:
    return Example(value, "lora-query-value")


#: An adapter in a separate folder.
BOTTLENECK = "adapters/NAME/adapter_config.json"


def bottleneck(value: Any) -> Example:
    return Example(value, "bottleneck-norm-after")


TOKEN_MAP = {"content": "[NEW]", "special": True}

EXAMPLES: dict[str, dict[str, Example]] = {
    "config.json": {
        "model_type": Example("roberta"),
        "hidden_size": Example(8),
        "num_hidden_layers": Example(2),
        "num_attention_heads": Example(4),
        "intermediate_size": Example(16),
        "vocab_size": Example(50),
        "max_position_embeddings": Example(32),
        "type_vocab_size": Example(1, "papers-as-pairs"),
        "layer_norm_eps": Example(0.1),
        "hidden_act": Example("relu"),
        "dim": distilbert(8),
        "n_layers": distilbert(2),
        "n_heads": distilbert(4),
        "hidden_dim": distilbert(16),
        "activation": distilbert("relu"),
        "tokenizer_class": Example("RobertaTokenizer", "tokenizer-json"),
        "quantization_config": Example({"quant_method": "gptq"}),
        "auto_map": Example({"AutoModel": "modeling.Model"}),
        "position_embedding_type": Example("relative_key"),
        "is_decoder": Example(True),
        "add_cross_attention": Example(True),
        "is_encoder_decoder": Example(True),
        "pruned_heads": Example({"0": [1]}),
        "adapters": Example(None, "specter2-saved-whole", absent=True),
        "architectures": Example(["BertForMaskedLM"]),
        "hidden_dropout_prob": Example(0.5),
        "attention_probs_dropout_prob": Example(0.5),
        "torch_dtype": Example("float16"),
        "dtype": Example("float16"),
        "use_cache": Example(False),
        "pad_token_id": Example(3),
        "chunk_size_feed_forward": Example(2),
    },
    "modules.json": {
        "type": Example("sentence_transformers.models.LSTM"),
        "path": Example("elsewhere"),
        "idx": Example(7),
        "name": Example("0"),
    },
    "1_Pooling/config.json": {
        "pooling_mode": Example("max"),
        "pooling_mode_cls_token": Example(True, "pooling-by-default"),
        "include_prompt": Example(False),
        "word_embedding_dimension": Example(999),
        "embedding_dimension": Example(999),
    },
    "2_Dense/config.json": {
        "in_features": dense(8),
        "out_features": dense(3),
        "bias": dense(False),
        "use_residual": dense(True),
        "activation_function": dense("torch.nn.modules.activation.ReLU"),
        "module_input_name": dense("token_embeddings"),
        "module_output_name": dense("other"),
    },
    "sentence_bert_config.json": {
        "max_seq_length": Example(10),
        "do_lower_case": Example(True, "sentence-transformers-mean"),
        "transformer_task": Example("fill-mask"),
        "module_output_name": Example("sentence_embedding"),
        "modality_config": Example(
            {"text": {"method": "forward", "method_output_name": "pooler_output"}}
        ),
        **{
            key: Example({"a": 1})
            for key in (
                "model_args model_kwargs tokenizer_args processor_kwargs config_args config_kwargs"
                " processing_kwargs query_expansion"
            ).split()
        },
        "query_length": Example(32),
        "document_length": Example(32),
        "tokenizer_name_or_path": Example("other/model"),
        "unpad_inputs": Example(True),
    },
    "config_sentence_transformers.json": {
        "prompts": Example({"query": "another: "}),
        "default_prompt_name": Example("x", "prompt-by-default", absent=True),
        "similarity_fn_name": Example("manhattan"),
        "truncate_dim": Example(4),
        "model_type": Example("SparseEncoder"),
        "__version__": Example({"sentence_transformers": "99.0"}),
    },
    "tokenizer_config.json": {
        "tokenizer_class": token("RobertaTokenizer"),
        "do_lower_case": token(False),
        "strip_accents": token(False),
        "tokenize_chinese_chars": token(False),
        "model_max_length": token(8),
        "max_len": token(8),
        "truncation_side": Example(
            "left", beside={"model_max_length": 20}, base="bert-safetensors"
        ),
        "model_input_names": Example(["input_ids", "attention_mask"], "papers-as-pairs"),
        "added_tokens_decoder": token({"7": TOKEN_MAP | {"content": "graph"}}),
        "additional_special_tokens": token(["aper"]),
        "extra_special_tokens": token({"g": "aper"}),
        "bos_token": token("aper"),
        "eos_token": token("aper"),
        "unk_token": token("graph"),
        "sep_token": token("graph"),
        "pad_token": token("graph"),
        "cls_token": token("graph"),
        "mask_token": token("graph"),
        "auto_map": token({"AutoTokenizer": ["a.B", None]}),
        "init_inputs": token(["vocab.txt"]),
        "do_basic_tokenize": token(False),
        "never_split": token(["graph"]),
        "split_special_tokens": token(True),
        "add_bos_token": token(True),
        "add_eos_token": token(True),
        "fast_tokenizer_files": token(["tokenizer.9.json"]),
        "from_slow": token(True),
        "vocab_file": token("/elsewhere/vocab.txt"),
        "tokenizer_file": token("/elsewhere/tokenizer.json"),
        "clean_text": token(False),
        "wordpieces_prefix": token("@@"),
        "clean_up_tokenization_spaces": token(False),
        "max_length": token(8),
        "stride": token(2),
        "truncation_strategy": token("only_second"),
        "padding_side": token("left"),
        "pad_to_multiple_of": token(8),
        "pad_token_type_id": token(1),
        "add_prefix_space": token(True),
        "chat_template": token("{{ messages }}"),
        "processor_class": token("CLIPProcessor"),
        "name_or_path": token("a/b"),
        "special_tokens_map_file": token("/elsewhere/map.json"),
        "backend": token("tokenizers"),
        "is_local": token(True),
        "local_files_only": token(True),
    },
    "special_tokens_map.json": {
        key: token("aper")
        for key in "bos_token eos_token unk_token sep_token pad_token cls_token mask_token".split()
    }
    | {
        "additional_special_tokens": token(["aper"]),
        "extra_special_tokens": token({"g": "aper"}),
    },
    "added_tokens.json": {"(every key)": token({"graph": None})},
    "tokenizer.json": {
        "model": Example({"type": "BPE"}, "tokenizer-json"),
        "added_tokens": Example([TOKEN_MAP | {"id": 0, "normalized": True}], "tokenizer-json"),
        "normalizer": Example({"type": "Replace"}, "tokenizer-json"),
        "pre_tokenizer": Example({"type": "Whitespace"}, "tokenizer-json"),
        "post_processor": Example({"type": "RobertaProcessing"}, "tokenizer-json"),
        "truncation": Example(
            {"direction": "Left", "max_length": 9, "strategy": "LongestFirst", "stride": 0},
            "tokenizer-json",
        ),
        "padding": Example({"strategy": {"Fixed": 64}, "pad_id": 1}, "tokenizer-json"),
        "decoder": Example({"type": "WordPiece", "prefix": "@@"}, "tokenizer-json"),
        "version": Example("1.0", "tokenizer-json"),
    },
    "scimult.json": {
        "instructions": Example({"search": {"query": "Find:"}}),
        "papers": Example("pair"),
        "similarity": Example("cosine"),
        "experts": Example({"search": "[CLF]"}, "specter2"),
        "encoders": Example(
            {"query": "article-encoder", "candidate": "query-encoder"}, "encoders-medcpt"
        ),
        "max_tokens": Example(12),
        "control_codes": Example(True, "control-codes", absent=True),
    },
    "adapter_config.json": {
        "peft_type": lora("IA3"),
        "lora_alpha": lora(99),
        "alpha_pattern": lora({"query": 99}),
        "use_rslora": lora(True),
        "init_lora_weights": lora("pissa"),
        "lora_bias": Example(True, "lora-decomposed"),
        "layer_replication": lora([[0, 1]]),
        "target_parameters": lora(["query.weight"]),
        "trainable_token_indices": lora([1]),
        "use_qalora": lora(True),
        "r": lora(99),
        "rank_pattern": lora({"query": 99}),
        "target_modules": lora(["dense"]),
        "exclude_modules": lora(["query"]),
        "layers_to_transform": lora([7]),
        "layers_pattern": lora("other"),
        "use_dora": lora(True),
        "bias": lora("all"),
        "modules_to_save": lora(["classifier"]),
        "lora_dropout": lora(0.5),
        "task_type": lora("SEQ_CLS"),
        "inference_mode": lora(False),
        "base_model_name_or_path": lora("elsewhere"),
        "revision": lora("old"),
        "fan_in_fan_out": lora(True),
        "peft_version": lora("99"),
    },
    BOTTLENECK: {
        "config": bottleneck("mam"),
        "name": Example("[QRY]", "specter2", adapter="proximity"),
        "version": Example(None, "bottleneck-activation-gelu", absent=True),
        "model_type": bottleneck("distilbert"),
        "hidden_size": bottleneck(7),
        "model_class": bottleneck("AnotherModel"),
        "model_name": bottleneck("a/b"),
        "config.mh_adapter": bottleneck(True),
        "config.output_adapter": bottleneck(False),
        "config.leave_out": bottleneck([0]),
        "config.non_linearity": bottleneck("tanh"),
        "config.scaling": bottleneck(3.0),
        "config.original_ln_before": bottleneck(False),
        "config.original_ln_after": bottleneck(False),
        "config.residual_before_ln": bottleneck(False),
        "config.adapter_residual_before_ln": Example(None, "bottleneck-norm-after"),
        "config.ln_before": bottleneck(True),
        "config.ln_after": bottleneck(False),
        "config.architecture": bottleneck("reft"),
        "config.is_parallel": bottleneck(True),
        "config.use_gating": bottleneck(True),
        "config.phm_layer": bottleneck(True),
        "config.inv_adapter": bottleneck("nice"),
        "config.cross_adapter": bottleneck(True),
        "config.reduction_factor": bottleneck(99),
        "config.dropout": bottleneck(0.5),
        "config.init_weights": bottleneck("houlsby"),
        "config.init_weights_seed": bottleneck(7),
        "config.stochastic_depth": bottleneck(0.5),
        "config.phm_dim": bottleneck(9),
        "config.phm_bias": bottleneck(True),
    },
}


def write(folder: Path, file: str, change: Callable[[Any], Any]) -> None:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(change(content)))


@pytest.fixture
def folders(tmp_path):
    """Returns the folders without and with the key, by file, key and example."""

    def make(file: str, key: str, example: Example) -> tuple[Path, Path]:
        made = []
        path = file.replace("NAME", example.adapter)
        for name in ("without", "with"):
            folder = shutil.copytree(VARIANTS / example.base, tmp_path / name)
            if example.beside:
                write(folder, path, lambda content: content | (example.beside or {}))
            made.append(folder)
        write(made[1], path, lambda content: changed(content, file, key, example))
        return made[0], made[1]

    return make


def changed(content: Any, file: str, key: str, example: Example) -> Any:
    if file == "modules.json":
        return [*content[:1], content[1] | {key: example.value}, *content[2:]]
    if key == "(every key)":
        return {"[NEW]": 0} | {"graph": 7}
    if "." in key:
        outer, inner = key.split(".")
        return content | {outer: changed(content[outer], file, inner, example)}
    if example.absent:
        return {name: value for name, value in content.items() if name != key}
    return content | {key: example.value}


@pytest.fixture
def made_of(command):
    """Returns a folder's result: both roles' vectors and scores, or the refusal."""

    def make(folder: Path) -> str:
        outputs = []
        for role in ("query", "candidate"):
            words = ["encode", "--model", folder, "--task", "search", "--precision", "fp32"]
            outcome = command(*words, "--role", role, stdin=json_lines(TEXTS))
            if outcome.code != 0:
                return outcome.fail_in_one_line()
            outputs.append(outcome.stdout)
        words = ["rank", "--model", folder, "--task", "search", "--precision", "fp32"]
        ranked = command(*words, "--query", "paper", "--candidates", "-", stdin=json_lines(TEXTS))
        return "".join([*outputs, ranked.stdout])

    return make


def test_every_key_has_an_example():
    rows = documented()
    assert len(rows) > 100
    assert len(set(rows)) == len(rows)
    named = {(file, key) for file, key, _ in rows if key != "…"}
    assert named == {(file, key) for file, keys in EXAMPLES.items() for key in keys}


def test_every_key_that_is_read_is_in_the_table():
    """A test of the tokenizer module checks the keys of its files."""
    named = {key.split(".")[-1] for _, key, _ in documented()}
    read = set()
    for source in (REPOSITORY / "Sources/Transformer").rglob("*.swift"):
        read |= set(READ_KEY.findall(source.read_text()))
    assert len(read) > 30
    assert read - named - PARTS_OF_KEYS - OF_CHECKPOINTS - OF_FOLDERS == set()


@pytest.mark.parametrize(("file", "key", "verdict"), [row for row in documented() if row[1] != "…"])
def test_the_verdict_holds(folders, made_of, file, key, verdict):
    example = EXAMPLES[file][key]
    without, with_key = folders(file, key, example)
    before, after = made_of(without), made_of(with_key)
    assert '"embedding"' in before
    if verdict == "without effect":
        assert after == before
    elif verdict == "honoured":
        assert after != before
    else:
        assert f"{with_key}/{file.replace('NAME', example.adapter)}: " in after
        assert key in after
