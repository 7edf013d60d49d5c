"""Writes the full licences of all software in a statically linked server.

The packages are those that SwiftPM resolved; the server may contain only some of them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from licenses import owners, swift_checkouts

#: Names of the files in a package that must be distributed with its code.
NAMES = ("LICENSE*", "NOTICE*", "Sources/*/LICENSE*")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help="the server, not stripped")
    parser.add_argument("--scratch", type=Path, required=True, help="the folder of its build")
    parser.add_argument("libraries", type=Path, nargs="*", help="static libraries of the system")
    options = parser.parse_args()
    parts = [
        ("The Swift standard library, Dispatch and Foundation", [swift_licence()]),
        *international_components(options.binary),
        *swift_packages(options.scratch),
        *system_libraries(options.libraries),
    ]
    print(f"What is inside scimult, with the licence of each: {len(parts)} parts.")
    for name, files in parts:
        if not files:
            sys.exit(f"license_texts: {name} has no licence here: install Debian's package")
        print(f"\n{'=' * 80}\n{name}\n{'=' * 80}")
        for file in files:
            print(f"\n{file.read_text().strip()}")
    return 0


def swift_licence() -> Path:
    """The licence of the Swift toolchain in PATH."""
    swift = shutil.which("swift")
    if swift is None:
        sys.exit("license_texts: swift is needed in PATH")
    return Path(swift).resolve().parents[1] / "share/swift/LICENSE.txt"


def international_components(binary: Path) -> Iterator[tuple[str, list[Path]]]:
    """ICU, which Foundation contains, if the server links that part of Foundation."""
    symbols = subprocess.run(["nm", binary], capture_output=True, text=True, check=True).stdout
    if "icudt" in symbols:
        files = sorted(Path("/usr/share/doc").glob("libicu[0-9]*/copyright"))
        yield "ICU, in Foundation", files[-1:]


def swift_packages(scratch: Path) -> Iterator[tuple[str, list[Path]]]:
    """The packages' licences, with their notices of third-party code."""
    for name, version, folder in swift_checkouts(scratch):
        files = sorted(file for pattern in NAMES for file in folder.glob(pattern))
        yield f"{name} {version}", files


def system_libraries(libraries: Iterable[Path]) -> Iterator[tuple[str, list[Path]]]:
    """The licences of system libraries, from their Debian packages."""
    for library in libraries:
        file = library.resolve()
        copyrights = [Path("/usr/share/doc", name, "copyright") for name in owners(file)]
        yield file.name, copyrights


if __name__ == "__main__":
    sys.exit(main())
