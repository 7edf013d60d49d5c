"""A release build of the server compiles only the targets that it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MANIFEST = REPOSITORY / ".build/release.yaml"

#: Targets of other packages, by package. BoringSSL, NIO and ArgumentParser take most of the time.
OTHERS = {
    "swift-argument-parser": {"ArgumentParser", "ArgumentParserToolInfo"},
    "swift-atomics": {"Atomics", "_AtomicsShims"},
    "swift-collections": {
        "ContainersPreview",
        "DequeModule",
        "HeapModule",
        "InternalCollectionsUtilities",
    },
    "swift-distributed-tracing": {"Instrumentation", "ServiceContextModule", "Tracing"},
    "swift-log": {"Logging"},
    "swift-metrics": {"CoreMetrics", "Metrics"},
    "swift-nio": {
        "CNIOAtomics",
        "CNIODarwin",
        "CNIOFreeBSD",
        "CNIOLLHTTP",
        "CNIOLinux",
        "CNIOOpenBSD",
        "CNIOPosix",
        "CNIOWASI",
        "CNIOWindows",
        "NIO",
        "NIOConcurrencyHelpers",
        "NIOCore",
        "NIOEmbedded",
        "NIOHTTP1",
        "NIOPosix",
        "NIOTLS",
        "_NIOBase64",
        "_NIODataStructures",
    },
    # One BoringSSL of 400 files is enough: SHA-256 uses it too.
    "swift-nio-ssl": {"CNIOBoringSSL", "CNIOBoringSSLShims", "NIOSSL"},
    "swift-system": {"CSystem", "SystemPackage"},
}

if not MANIFEST.is_file():
    pytest.skip("nothing is built here to be listed", allow_module_level=True)


def linked_targets(manifest: str) -> set[str]:
    """Returns the targets that the executable links, from SwiftPM's build plan."""
    link = re.search(
        r'^  "C\.scimult-[^"]*\.exe":\n(?: {4}.*\n)*? {4}inputs: (.*)$', manifest, re.M
    )
    assert link, "the plan has no executable"
    return set(re.findall(r'/([^/"]+)\.build/[^"]*\.o"', link[1]))


def test_a_release_build_compiles_no_more_than_it_needs():
    targets = linked_targets(MANIFEST.read_text())
    own = {folder.name for folder in (REPOSITORY / "Sources").iterdir()}
    assert own & targets == own - {"CNGHTTP2", "CProtobufC", "CZlib"}, "all but the system's"
    known = set().union(*OTHERS.values())
    added, gone = sorted(targets - own - known), sorted(known - targets)
    assert not added, f"compiled, and not listed here: {added}; are they worth their time?"
    assert not gone, f"listed here, and no more compiled: {gone}"
