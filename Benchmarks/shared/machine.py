"""Describes the machine on which results were measured."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "openvino",
    "nncf",
    "ctranslate2",
    "onnxruntime",
    "onnx",
    "torch",
    "transformers",
    "numpy",
    "tokenizers",
    "grpcio",
    "infinity-emb",
    "nvidia-pytriton",
)


def cpu_info(key: str) -> str:
    """Returns a value from /proc/cpuinfo, or an empty string."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return ""


def cpu_features() -> set[str]:
    """Returns the names of instruction sets, as Linux spells them."""
    return set((cpu_info("flags") or cpu_info("Features")).split())


def has_bf16() -> bool:
    """Whether the CPU has instructions that multiply bf16."""
    return not cpu_features().isdisjoint({"avx512_bf16", "amx_bf16", "bf16"})


def cpu_name() -> str:
    """Returns the CPU's model name, with the numbers that identify its generation."""
    name = cpu_info("model name") or platform.machine()
    family, model = cpu_info("cpu family"), cpu_info("model")
    return f"{name} (family {family}, model {model})" if family else name


def describe() -> dict[str, object]:
    """Returns a description of the machine and of the packages."""
    shown = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    features = cpu_features()
    return {
        "cpu": cpu_name(),
        "instruction_sets": [name for name in shown if name in features],
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := package_version(name))},
    }


def package_version(name: str) -> str | None:
    """Returns the installed version."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
