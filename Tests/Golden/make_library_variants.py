"""Add to variants/ a tiny random model for each setting that the libraries honour.

The vectors are the results of sentence-transformers and transformers for the folder.

Usage: python Tests/Golden/make_library_variants.py
"""

import inspect
import json
import shutil
import sys
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from documents import SMALL, Document, Paper, Text
from model_folder import write_config, write_json, write_vocabulary
from random_encoder import RandomEncoder
from reference_encoder import ExpertLayout, Shape, rounded
from small_vocabulary import small_vocabulary

FOLDER = Path(__file__).parent / "variants"
SHAPE = Shape(num_hidden_layers=1)
HIDDEN = SHAPE.hidden_size
VOCABULARY = small_vocabulary()

Extra = Callable[[Path, "LibraryVariant"], None]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class LibraryVariant:
    """A model folder, and the library whose vectors are expected."""

    name: str
    reference: Callable[[Path, str, Document], tuple[list[int], bool, Tensor]]
    config: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    vocabulary: list[str] = field(default_factory=lambda: VOCABULARY)
    documents: tuple[Document, ...] = SMALL
    save: Extra | None = None
    shape: Shape = SHAPE

    def tensors(self) -> dict[str, Tensor]:
        encoder = RandomEncoder(zlib.crc32(self.name.encode()))
        drawn = encoder.draw(self.shape, len(self.vocabulary), ExpertLayout())
        return {name: t for name, t in drawn.items() if t.is_floating_point()}

    def write(self) -> Path:
        folder = FOLDER / self.name
        shutil.rmtree(folder, ignore_errors=True)
        write_config(folder, self.shape, len(self.vocabulary), **self.config)
        write_vocabulary(folder, self.vocabulary)
        for name, content in self.files.items():
            write_json(folder / name, content)
        (self.save or save_whole)(folder, self)
        return folder


# ---- Expected results ----


def content(document: Document, separator: str = "[SEP]") -> str:
    if isinstance(document, Paper):
        return f"{document.title} {separator} {document.abstract}"
    return document.content()


def of_sentence_transformers(
    folder: Path, role: str, document: Document
) -> tuple[list[int], bool, Tensor]:
    """With encode_query and encode_document."""
    model = SentenceTransformer(str(folder), device="cpu")
    encode = model.encode_query if role == "query" else model.encode_document
    vector = encode([content(document)], convert_to_tensor=True)[0]
    text = prompt(model, role) + content(document)
    tokenizer = model.tokenizer
    limit = tokenizer.model_max_length
    ids = tokenizer(text, truncation=True, max_length=limit)["input_ids"]
    return ids, len(tokenizer(text)["input_ids"]) > limit, vector


def of_sentence_transformers_by_default(
    folder: Path, role: str, document: Document
) -> tuple[list[int], bool, Tensor]:
    """With encode, which applies the default prompt for both roles."""
    model = SentenceTransformer(str(folder), device="cpu")
    text = model.prompts[model.default_prompt_name] + content(document)
    read = model.tokenizer(text, truncation=True)["input_ids"]
    length = len(model.tokenizer(text)["input_ids"])
    return read, length > len(read), model.encode([content(document)], convert_to_tensor=True)[0]


def prompt(model: SentenceTransformer, role: str) -> str:
    names = ["query"] if role == "query" else ["document", "passage", "corpus"]
    return next((model.prompts[name] for name in names if name in model.prompts), "")


def of_transformers(folder: Path, role: str, document: Document) -> tuple[list[int], bool, Tensor]:
    """Returns the first token's state, for one sequence."""
    separator = AutoTokenizer.from_pretrained(folder).sep_token
    return states_of(folder, content(document, separator))


def of_a_pair(folder: Path, role: str, document: Document) -> tuple[list[int], bool, Tensor]:
    """Returns the first token's state; a paper is a pair with token types."""
    if isinstance(document, Paper):
        return states_of(folder, document.title, document.abstract)
    return states_of(folder, content(document))


def states_of(folder: Path, *texts: str) -> tuple[list[int], bool, Tensor]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    limit = min(tokenizer.model_max_length, SHAPE.max_position_embeddings)
    # As a batch of one, so that an empty second text still counts as a second text.
    batch = [tuple(texts)] if len(texts) > 1 else list(texts)
    read = tokenizer(batch, truncation=True, max_length=limit, return_tensors="pt")
    if "token_type_ids" not in inspect.signature(model.forward).parameters:
        read.pop("token_type_ids", None)
    with torch.no_grad():
        states = model(**read).last_hidden_state[0]
    return read["input_ids"][0].tolist(), len(tokenizer(batch)["input_ids"][0]) > limit, states[0]


# ---- Files ----


def pooling(mode: Any, **more: Any) -> dict[str, Any]:
    return {"1_Pooling/config.json": {"embedding_dimension": HIDDEN, "pooling_mode": mode} | more}


def flags(**modes: Any) -> dict[str, Any]:
    named = {f"pooling_mode_{name}": value for name, value in modes.items()}
    return {"1_Pooling/config.json": {"word_embedding_dimension": HIDDEN} | named}


def modules(*kinds: str, encoder: str = "") -> dict[str, Any]:
    """Returns modules.json with the names that sentence-transformers wrote before version 5.4."""
    paths = [(encoder, "Transformer"), ("1_Pooling", "Pooling")]
    paths += [(f"{i}_{kind}", kind) for i, kind in enumerate(kinds, 2)]
    return {
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(paths)
        ]
    }


def settings(**keys: Any) -> dict[str, Any]:
    return {"config_sentence_transformers.json": keys}


def sentence_bert(**keys: Any) -> dict[str, Any]:
    return {"sentence_bert_config.json": keys}


def tokenizer(**keys: Any) -> dict[str, Any]:
    return {
        "tokenizer_config.json": {"do_lower_case": True, "tokenizer_class": "BertTokenizer"} | keys
    }


PROMPTS = {"query": "find text: ", "document": "the paper, ", "passage": "unread "}


# ---- Weights ----


def save_whole(folder: Path, variant: LibraryVariant) -> None:
    save_file(variant.tensors(), folder / "model.safetensors")


def save_shards(folder: Path, variant: LibraryVariant) -> None:
    model = AutoModel.from_config(config_of(folder))
    model.load_state_dict(variant.tensors(), strict=False)
    model.save_pretrained(folder, max_shard_size="20KB")


def save_bin_shards(folder: Path, variant: LibraryVariant) -> None:
    tensors = variant.tensors()
    names = sorted(tensors)
    shards = {"a.bin": names[::2], "b.bin": names[1::2]}
    for file, held in shards.items():
        torch.save({name: tensors[name] for name in held}, folder / file)
    index = {name: file for file, held in shards.items() for name in held}
    write_json(folder / "pytorch_model.bin.index.json", {"metadata": {}, "weight_map": index})


def save_legacy(folder: Path, variant: LibraryVariant) -> None:
    path = folder / "pytorch_model.bin"
    torch.save(variant.tensors(), path, _use_new_zipfile_serialization=False)


def config_of(folder: Path) -> Any:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(folder)


def save_distilbert(prefix: str) -> Extra:
    def save(folder: Path, variant: LibraryVariant) -> None:
        names = {
            "attention.self.query": "attention.q_lin",
            "attention.self.key": "attention.k_lin",
            "attention.self.value": "attention.v_lin",
            "attention.output.dense": "attention.out_lin",
            "attention.output.LayerNorm": "sa_layer_norm",
            "intermediate.dense": "ffn.lin1",
            "output.LayerNorm": "output_layer_norm",
            "output.dense": "ffn.lin2",
            "encoder.layer": "transformer.layer",
        }
        tensors = {}
        for name, tensor in variant.tensors().items():
            if "token_type" in name or "pooler" in name:
                continue
            for old, new in names.items():
                name = name.replace(f".{old}.", f".{new}.") if old != "encoder.layer" else name
            tensors[prefix + name.replace("encoder.layer", "transformer.layer")] = tensor
        if prefix:
            tensors["vocab_projector.bias"] = torch.zeros(len(variant.vocabulary))
        save_file(tensors, folder / "model.safetensors")
        write_json(folder / "config.json", distilbert_config(variant))

    return save


def distilbert_config(variant: LibraryVariant) -> dict[str, Any]:
    shape = variant.shape
    return {
        "model_type": "distilbert",
        "dim": shape.hidden_size,
        "n_layers": shape.num_hidden_layers,
        "n_heads": shape.num_attention_heads,
        "hidden_dim": shape.intermediate_size,
        "vocab_size": len(variant.vocabulary),
        "max_position_embeddings": shape.max_position_embeddings,
        "activation": "gelu",
        "sinusoidal_pos_embds": False,
    }


def save_in_subfolder(folder: Path, variant: LibraryVariant) -> None:
    inner = folder / "0_BERT"
    inner.mkdir()
    save_file(variant.tensors(), inner / "model.safetensors")
    for name in ("config.json", "vocab.txt", "tokenizer_config.json"):
        (folder / name).rename(inner / name)
    write_json(folder / "config.json", {"__version__": "0.2.5"})


def save_dense(*layers: dict[str, Any]) -> Extra:
    def save(folder: Path, variant: LibraryVariant) -> None:
        save_whole(folder, variant)
        generator = torch.Generator().manual_seed(zlib.crc32(variant.name.encode()))
        width = HIDDEN
        for index, layer in enumerate(layers, 2):
            outputs, adds = layer["outputs"], layer.get("adds", False)
            config = {
                "in_features": width,
                "out_features": outputs,
                "bias": layer.get("bias", True),
                "activation_function": layer["activation"],
            }
            write_json(
                folder / f"{index}_Dense/config.json",
                config | ({"use_residual": True} if adds else {}),
            )
            tensors = {"linear.weight": torch.randn(outputs, width, generator=generator) / 2}
            if config["bias"]:
                tensors["linear.bias"] = torch.randn(outputs, generator=generator)
            if adds and outputs != width:
                tensors["residual.weight"] = torch.randn(outputs, width, generator=generator) / 2
            if layer.get("pickled"):
                torch.save(tensors, folder / f"{index}_Dense/pytorch_model.bin")
            else:
                save_file(tensors, folder / f"{index}_Dense/model.safetensors")
            width = outputs

    return save


def saved_by_sentence_transformers(**changes: Any) -> Extra:
    """Returns the folder as version 6 writes it after reading the previous form."""

    def save(folder: Path, variant: LibraryVariant) -> None:
        save_whole(folder, variant)
        model = SentenceTransformer(str(folder), device="cpu", **changes)
        shutil.rmtree(folder)
        model.save(str(folder), create_model_card=False)

    return save


def save_prefixed(prefix: str) -> Extra:
    def save(folder: Path, variant: LibraryVariant) -> None:
        tensors = {f"{prefix}{name}": tensor for name, tensor in variant.tensors().items()}
        tensors["cls.predictions.bias"] = torch.zeros(len(variant.vocabulary))
        save_file(tensors, folder / "model.safetensors")

    return save


TANH, IDENTITY = "torch.nn.modules.activation.Tanh", "torch.nn.modules.linear.Identity"
RELU, GELU = "torch.nn.modules.activation.ReLU", "torch.nn.modules.activation.GELU"
ST, HF = of_sentence_transformers, of_transformers
TWO = modules()

OTHER_SPECIALS = [
    {"[CLS]": "<s>", "[SEP]": "</s>", "[UNK]": "<unk>", "[PAD]": "<pad>", "[MASK]": "<mask>"}.get(
        t, t
    )
    for t in VOCABULARY
]

VARIANTS = [
    LibraryVariant(
        "length-by-model-max-length",
        ST,
        files=TWO | pooling("mean") | tokenizer(model_max_length=24),
    ),
    LibraryVariant("length-without-limit", HF, files=tokenizer(model_max_length=1e30)),
    LibraryVariant("length-of-a-plain-folder", HF, files=tokenizer(model_max_length=20)),
    LibraryVariant(
        "truncation-left", HF, files=tokenizer(model_max_length=20, truncation_side="left")
    ),
    LibraryVariant("prompts", ST, files=TWO | pooling("mean") | settings(prompts=PROMPTS)),
    LibraryVariant(
        "prompt-by-default",
        of_sentence_transformers_by_default,
        files=TWO
        | pooling("mean")
        | settings(prompts={"x": "any text: "}, default_prompt_name="x"),
    ),
    LibraryVariant(
        "prompt-left-out-of-the-mean",
        ST,
        files=TWO
        | pooling(["mean", "weightedmean", "mean_sqrt_len_tokens"], include_prompt=False)
        | settings(prompts=PROMPTS),
    ),
    LibraryVariant(
        "prompt-left-out-of-the-first",
        ST,
        files=TWO
        | pooling(["cls", "max", "lasttoken"], include_prompt=False)
        | settings(prompts=PROMPTS),
    ),
    LibraryVariant("pooling-max", ST, files=TWO | flags(max_tokens=True, mean_tokens=False)),
    LibraryVariant("pooling-weightedmean", ST, files=TWO | flags(weightedmean_tokens=True)),
    LibraryVariant("pooling-sqrt", ST, files=TWO | flags(mean_sqrt_len_tokens=True)),
    LibraryVariant("pooling-last", ST, files=TWO | pooling("lasttoken")),
    LibraryVariant("pooling-by-default", ST, files=TWO | flags(cls_token=False, mean_tokens=False)),
    LibraryVariant(
        "pooling-by-numbers", ST, files=TWO | flags(cls_token=0, mean_tokens=1, max_tokens=None)
    ),
    LibraryVariant(
        "pooling-name-over-flags",
        ST,
        files=TWO
        | flags(cls_token=True)
        | {
            "1_Pooling/config.json": {
                "word_embedding_dimension": HIDDEN,
                "pooling_mode": "mean",
                "pooling_mode_cls_token": True,
            }
        },
    ),
    LibraryVariant(
        "pooling-all-flags",
        ST,
        files=TWO
        | flags(
            lasttoken=True,
            weightedmean_tokens=True,
            mean_sqrt_len_tokens=True,
            mean_tokens=True,
            max_tokens=True,
            cls_token=True,
        ),
    ),
    LibraryVariant(
        "pooling-all-names",
        ST,
        files=TWO
        | pooling(["lasttoken", "mean", "cls", "weightedmean", "max", "mean_sqrt_len_tokens"]),
    ),
    LibraryVariant(
        "dense-tanh-normalized",
        ST,
        files=modules("Dense", "Normalize") | pooling("mean"),
        save=save_dense({"outputs": 6, "activation": TANH}),
    ),
    LibraryVariant(
        "dense-wider-without-bias",
        ST,
        files=modules("Dense") | pooling("cls"),
        save=save_dense({"outputs": 40, "activation": IDENTITY, "bias": False, "pickled": True}),
    ),
    LibraryVariant(
        "dense-three",
        ST,
        files=modules("Dense", "Dense", "Dense") | pooling("mean"),
        save=save_dense(
            {"outputs": 12, "activation": RELU},
            {"outputs": 12, "activation": GELU, "adds": True},
            {"outputs": 5, "activation": IDENTITY, "adds": True},
        ),
    ),
    LibraryVariant(
        "dropout-and-slashes",
        ST,
        files=pooling("mean")
        | {
            "modules.json": [
                {
                    "idx": 0,
                    "name": "0",
                    "path": "",
                    "type": "sentence_transformers.models.Transformer",
                },
                {
                    "idx": 1,
                    "name": "1",
                    "path": "./1_Pooling/",
                    "type": "sentence_transformers.models.Pooling",
                },
                {
                    "idx": 2,
                    "name": "2",
                    "path": "2_Dropout/",
                    "type": "sentence_transformers.models.Dropout",
                },
            ],
            "2_Dropout/config.json": {"dropout": 0.3},
        },
    ),
    LibraryVariant(
        "truncated-dimensions",
        ST,
        files=modules("Normalize") | pooling("mean") | settings(truncate_dim=5),
    ),
    LibraryVariant(
        "lowercased-text",
        ST,
        vocabulary=small_vocabulary(cased=True),
        files=TWO
        | pooling("mean")
        | tokenizer(do_lower_case=False)
        | sentence_bert(do_lower_case=True),
    ),
    LibraryVariant(
        "encoder-in-a-subfolder",
        ST,
        files=modules(encoder="0_BERT") | pooling("mean"),
        save=save_in_subfolder,
    ),
    LibraryVariant(
        "saved-by-sentence-transformers",
        ST,
        files=modules("Normalize") | pooling("mean") | settings(prompts=PROMPTS),
        save=saved_by_sentence_transformers(),
    ),
    LibraryVariant(
        "saved-with-truncated-dimensions",
        ST,
        files=TWO | pooling("mean"),
        save=saved_by_sentence_transformers(truncate_dim=3),
    ),
    LibraryVariant("gelu-new", HF, config={"hidden_act": "gelu_new"}),
    LibraryVariant("gelu-python", HF, config={"hidden_act": "gelu_python"}),
    LibraryVariant("relu", HF, config={"hidden_act": "relu"}),
    LibraryVariant("distilbert", HF, save=save_distilbert("")),
    LibraryVariant("distilbert-with-head", HF, save=save_distilbert("distilbert.")),
    LibraryVariant("bert-with-head", HF, save=save_prefixed("bert.")),
    LibraryVariant("shards", HF, save=save_shards),
    LibraryVariant("shards-of-pickles", HF, save=save_bin_shards),
    LibraryVariant("legacy-torch", HF, save=save_legacy),
    LibraryVariant("papers-as-pairs", of_a_pair, files={"scimult.json": {"papers": "pair"}}),
    LibraryVariant(
        "other-special-tokens",
        HF,
        vocabulary=OTHER_SPECIALS,
        files=tokenizer(
            cls_token="<s>",
            sep_token="</s>",
            unk_token="<unk>",
            pad_token="<pad>",
            mask_token="<mask>",
        ),
    ),
    LibraryVariant(
        "added-tokens",
        HF,
        vocabulary=[*VOCABULARY, "[CITE]", "[QRY]"],
        documents=(*SMALL, Text("[QRY] graph[CITE] models, [cite] [QRY][SEP]")),
        files={
            "special_tokens_map.json": {"additional_special_tokens": ["[QRY]"]},
            "added_tokens.json": {"[CITE]": len(VOCABULARY)},
        },
    ),
]


def expected_rows(variant: LibraryVariant, folder: Path) -> Rows:
    rows = []
    for document in variant.documents:
        for role in ("query", "candidate"):
            ids, truncated, vector = variant.reference(folder, role, document)
            rows.append(
                document.fields()
                | {
                    "task": "search",
                    "role": role,
                    "input_ids": ids,
                    "truncated": truncated,
                    "embedding": rounded(vector),
                }
            )
    return rows


def main() -> None:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    chosen = sys.argv[1:]
    for variant in VARIANTS:
        if chosen and variant.name not in chosen:
            continue
        folder = variant.write()
        with (folder / "expected.jsonl").open("w") as file:
            for row in expected_rows(variant, folder):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(variant.name)


if __name__ == "__main__":
    main()
