"""The same calls through both clients, so that tests check both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from fake_server import FakeServer

from scimult import AsyncClient, Client, Encoded


class ThreadsCalls:
    """Calls through :class:`scimult.Client`."""

    def __init__(self, server: FakeServer, **options: Any) -> None:
        self._server, self._options = server, options

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        with Client(self._server.address, **self._options) as client:
            return getattr(client, method)(*arguments, **options)

    def encode_iter(
        self,
        documents: Iterable[Any],
        *,
        on_row: Callable[[Encoded], bool] = lambda row: True,
        **options: Any,
    ) -> None:
        """Calls ``on_row`` with each row until it returns that it wants no more."""
        with Client(self._server.address, **self._options) as client:
            for row in client.encode_iter(documents, **options):
                if not on_row(row):
                    break


class AsyncioCalls:
    """Calls through :class:`scimult.AsyncClient`."""

    def __init__(self, server: FakeServer, **options: Any) -> None:
        self._server, self._options = server, options

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        async def main() -> Any:
            async with AsyncClient(self._server.address, **self._options) as client:
                return await getattr(client, method)(*arguments, **options)

        return asyncio.run(main())

    def encode_iter(
        self,
        documents: Iterable[Any],
        *,
        on_row: Callable[[Encoded], bool] = lambda row: True,
        **options: Any,
    ) -> None:
        async def main() -> None:
            async with AsyncClient(self._server.address, **self._options) as client:
                async for row in client.encode_iter(documents, **options):
                    if not on_row(row):
                        break

        asyncio.run(main())


KINDS = [ThreadsCalls, AsyncioCalls]
