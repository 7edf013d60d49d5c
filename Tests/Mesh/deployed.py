"""The files of deploy/, with nothing changed in them but where things are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from programs import REPOSITORY

#: Addresses with ports, and paths, in the spelling of each file.
PLACE = re.compile(r"address: [\w.-]+, port_value: \d+|[\w.-]+:\d+|/[\w./-]+")


def deploy(name: str, folder: Path, places: Mapping[str, str]) -> Path:
    """Writes a file of deploy/ into a folder, with other places for those that it names.

    Each place must be in the file, and both must be places: no setting is another than the one that
    is deployed.
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
