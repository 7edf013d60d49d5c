"""Lists what the server and the Python client are built on, with versions and licences.

Exits with 1 where a licence is not known, or is not one that the project may be shipped with.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

#: Licences of software that may be linked and shipped with software under Apache-2.0.
PERMITTED = {
    "Apache-2.0",
    "Apache-2.0 with runtime exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MIT",
    "PSF-2.0",
    "Zlib",
    "LGPL-2.1+",
    "GPL-3+ with runtime exception",
}

#: How a licence's text, or another name of it, is recognised.
SIGNS = [
    ("Apache-2.0 with runtime exception", r"Runtime Library Exception"),
    ("Apache-2.0", r"Apache License,?\s+Version 2\.0|^Apache(-2\.0| 2\.0| Software License)?$"),
    ("GPL-3+ with runtime exception", r"GCC Runtime Library Exception|^GPL-3\+? with"),
    ("LGPL-2.1+", r"^LGPL-2\.1"),
    ("BSD-3-Clause", r"^(3-Clause BSD|BSD[- ]3)|Neither the name"),
    ("BSD-2-Clause", r"^BSD[- ]2"),
    ("PSF-2.0", r"^(PSF|Python Software Foundation)"),
    ("MIT", r"^(MIT|Expat)|Permission is hereby granted, free of charge"),
    ("Zlib", r"^[Zz]lib"),
]

#: Packages whose Debian copyright files are not machine-readable.
BY_HAND = {"libc6": "LGPL-2.1+", "libgcc-s1": "GPL-3+ with runtime exception"}
BY_HAND["libstdc++6"] = BY_HAND["libgcc-s1"]


@dataclass(frozen=True, order=True)
class Part:
    """A third-party component."""

    kind: str
    name: str
    version: str
    licence: str


def licence_of(text: str) -> str:
    """Returns the licence for a text, or for a name of it."""
    for licence, sign in SIGNS:
        if re.search(sign, text, re.MULTILINE):
            return licence
    return "unknown"


def swift_checkouts(scratch: Path) -> Iterator[tuple[str, str, Path]]:
    """Yields the name, version and folder of each package that SwiftPM resolved for a build."""
    state = scratch / "workspace-state.json"
    if not state.is_file():
        sys.exit("licenses: nothing is built: run `make build`")
    for dependency in json.loads(state.read_text())["object"]["dependencies"]:
        version = dependency["state"]["checkoutState"].get("version", "?")
        folder = scratch / "checkouts" / dependency["subpath"]
        yield dependency["packageRef"]["identity"], version, folder


def swift_packages() -> Iterator[Part]:
    """Yields the packages that SwiftPM resolved and checked out."""
    for name, version, folder in swift_checkouts(REPOSITORY / ".build"):
        files = sorted(folder.glob("LICENSE*"))
        text = files[0].read_text() if files else ""
        yield Part("Swift package", name, version, licence_of(text))


def system_libraries() -> Iterator[Part]:
    """Yields the Debian packages of the libraries that the executable links, except Swift's."""
    linked = run("ldd", str(REPOSITORY / ".build/release/scimult"))
    paths = {Path(path).resolve() for path in re.findall(r"=> (/\S+)", linked)}
    names = {name for path in paths for name in owners(path)}
    for name in names:
        version = run("dpkg-query", "--show", "--showformat=${Version}", name)
        yield Part("system library", name, version, debian_licence(name))


def owners(path: Path) -> list[str]:
    """Returns the Debian packages that contain a file; none if dpkg did not install it."""
    for spelling in (path, Path("/", *path.parts[2:]) if path.parts[1] == "usr" else path):
        found = subprocess.run(["dpkg", "-S", str(spelling)], capture_output=True, text=True)
        if found.returncode == 0:
            return [found.stdout.split(":")[0]]
    return []


def debian_licence(package: str) -> str:
    """Returns the licence of all files that the copyright file does not list separately."""
    if package in BY_HAND:
        return BY_HAND[package]
    text = Path("/usr/share/doc", package, "copyright").read_text()
    named = re.search(r"^Files: \*\n(?:.*\n)*?License: (.*)$", text, re.MULTILINE)
    return licence_of(named[1] if named else text)


def python_packages() -> Iterator[Part]:
    """Yields the packages that the Python client needs at run time."""
    waiting, seen = ["scimult"], set()
    while waiting:
        distribution = metadata.distribution(waiting.pop())
        for requirement in distribution.requires or []:
            name = re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()
            if "extra ==" not in requirement and name not in seen:
                seen.add(name)
                waiting.append(name)
    for name in seen:
        fields = metadata.distribution(name).metadata
        classifier = [text for text in fields.get_all("Classifier", []) if text.startswith("Lic")]
        text = fields["License-Expression"] or fields["License"] or " ".join(classifier)
        licence = licence_of(text.split(" :: ")[-1].split(" AND ")[0])
        yield Part("Python package", name, fields["Version"], licence)


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args()
    parts = sorted([*swift_packages(), *system_libraries(), *python_packages()])
    if options.json:
        print(json.dumps([vars(part) for part in parts], indent=2))
    else:
        print("| what | name | version | licence |\n|---|---|---|---|")
        for part in parts:
            print(f"| {part.kind} | {part.name} | {part.version} | {part.licence} |")
    refused = [part for part in parts if part.licence not in PERMITTED]
    for part in refused:
        print(f"licenses: {part.name}: {part.licence} is not permitted", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
