"""Limits on the instructions that the engines may use, below what the CPU supports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.machine import cpu_features
from shared.peers.registry import Peer


@dataclass(frozen=True)
class InstructionSet:
    """A limit for every engine; the comparison leaves out engines that cannot keep it."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """The variables that make engines keep the limit."""

    beyond: frozenset[str] = frozenset()
    """CPU features beyond the limit; it matters only on CPUs that have at least one of them."""

    free: Mapping[str, str] = field(default_factory=dict)
    """Peers that cannot be made to keep the limit, with the reason."""

    def reason_to_leave_out(self, peer: Peer) -> str | None:
        """Returns why a peer would exceed the limit on this CPU, or None if it does not."""
        return self.free.get(peer.name) if self.beyond & cpu_features() else None


BEST = InstructionSet("best")

AVX2 = InstructionSet(
    "avx2",
    environment={
        "SCIMULT_ISA": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "DNNL_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "CT2_FORCE_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
    },
    beyond=frozenset({"avx512f", "avx_vnni"}),
    free={
        **dict.fromkeys(
            ("onnxruntime-int8", "onnxruntime-fp32"),
            "ONNX Runtime has no option that holds it to AVX2",
        ),
        "pytorch-int8": "PyTorch's int8 products (FBGEMM) have no option that holds them to AVX2",
    },
)

INSTRUCTION_SETS = {each.name: each for each in (BEST, AVX2)}
