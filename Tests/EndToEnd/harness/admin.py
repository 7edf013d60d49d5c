"""The admin port: HTTP for operators."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass

from .server import ServerProcess

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class AdminResponse:
    """A response of the admin port."""

    status: int
    content_type: str | None
    text: str
    #: The allowed methods, if the request used another one.
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
