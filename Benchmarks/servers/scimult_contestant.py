"""scimult serve."""

from __future__ import annotations

from pathlib import Path

from contestant import Contestant
from encode_protocol import EncodeProtocol
from setting import ENGINE_THREADS, Setting

CACHE_BYTES = 64 << 20
"""The default size."""


class ScimultContestant(Contestant):
    """In int8. Without a cache, each text is encoded each time."""

    name = "scimult"
    title = "scimult serve"
    protocol = EncodeProtocol()

    def __init__(
        self, setting: Setting, model: Path | None = None, *, has_cache: bool = False
    ) -> None:
        super().__init__(setting)
        self.model = model or setting.model
        self.cache_bytes = CACHE_BYTES if has_cache else 0

    def command(self) -> list[str]:
        return [
            *(str(self.setting.scimult), "serve", "--model", str(self.model)),
            *("--precision", "int8", "--threads", str(ENGINE_THREADS)),
            *("--cache-bytes", str(self.cache_bytes)),
            *("--listen", self.address, "--admin", "off", "--log-level", "warning"),
        ]
