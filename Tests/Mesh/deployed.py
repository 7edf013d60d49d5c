"""The files of deploy/, in which only addresses and paths are replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from programs import REPOSITORY

#: Addresses with ports, and paths, in the format of each file.
PLACE = re.compile(r"address: [\w.-]+, port_value: \d+|[\w.-]+:\d+|/[\w./-]+")


def deploy(name: str, folder: Path, places: Mapping[str, str]) -> Path:
    """Writes a file of deploy/ into a folder, with other addresses and paths.

    Each place to replace must be in the file, and both old and new must be addresses or paths, so
    that no deployed setting is changed.
    """
    text = (REPOSITORY / "deploy" / name).read_text()
    for written, here in places.items():
        assert PLACE.fullmatch(written), f"no place: {written}"
        assert PLACE.fullmatch(here), f"no place: {here}"
        assert written in text, f"{name} does not name {written}"
        text = text.replace(written, here)
    path = folder / Path(name).name
    path.write_text(text)
    return path
