"""scimult serve."""

from __future__ import annotations

from pathlib import Path

from contestant import Contestant
from encode_protocol import EncodeProtocol
from setting import ENGINE_THREADS, Setting


class ScimultContestant(Contestant):
    """In int8, without the cache: each text is encoded each time."""

    name = "scimult"
    title = "scimult serve"
    protocol = EncodeProtocol()

    def __init__(self, setting: Setting, model: Path | None = None) -> None:
        super().__init__(setting)
        self.model = model or setting.model

    def command(self) -> list[str]:
        return [
            *(str(self.setting.scimult), "serve", "--model", str(self.model)),
            *("--precision", "int8", "--threads", str(ENGINE_THREADS), "--cache-bytes", "0"),
            *("--listen", self.address, "--admin", "off", "--log-level", "warning"),
        ]
