"""The admin port: HTTP for operators."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass

from .server import ServerProcess

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class AdminResponse:
    """What the admin port answered."""

    status: int
    content_type: str | None
    text: str
    #: The methods that there are, where another was asked for.
    allow: str | None = None


def get(server: ServerProcess, path: str, method: str = "GET") -> AdminResponse:
    request = urllib.request.Request(f"http://{server.admin}{path}", method=method)
    try:
        response = _OPENER.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        text = response.read().decode()
        headers = response.headers
        return AdminResponse(response.status, headers["content-type"], text, headers["allow"])
