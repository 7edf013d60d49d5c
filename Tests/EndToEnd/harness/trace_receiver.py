"""A receiver of spans: OTLP over HTTP, decoded with OpenTelemetry's own messages."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from .certificates import Identity

WAIT_SECONDS_MAX = 30

#: Makes a server's exporter fast enough for tests.
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


@dataclass(frozen=True)
class Post:
    """The content of one HTTP request."""

    path: str
    #: The status of the response.
    status: int
    headers: dict[str, str]
    body: bytes
    request: ExportTraceServiceRequest


@dataclass(frozen=True)
class Tree:
    """The span of a request, with its child spans by name."""

    root: Span
    parts: dict[str, Span]

    @property
    def attributes(self) -> dict[str, Any]:
        return attributes(self.root.attributes)


@dataclass
class TraceReceiver:
    """Listens on a free port; to be used in a with statement."""

    #: The status of responses.
    status: int = 200
    #: The receiver does not respond while this is cleared.
    answer: Event = field(default_factory=Event)
    #: The number of spans of each post that the response rejects.
    rejected_spans: int = 0
    #: The certificate, if it uses TLS.
    identity: Identity | None = None
    posts: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answer.set()
        self._lock = Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.identity:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.identity.certificate, self.identity.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> TraceReceiver:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.answer.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        scheme = "https" if self.identity else "http"
        return f"{scheme}://127.0.0.1:{self._server.server_port}"

    def environment(self, **further: str) -> dict[str, str]:
        """Returns the environment of a server that exports to it soon."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint, **QUICK, **further}

    @property
    def spans(self) -> list[Span]:
        """Returns all accepted spans."""
        with self._lock:
            posts = [post for post in self.posts if post.status == 200]
        return [
            span
            for post in posts
            for resource in post.request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def trees(self) -> list[Tree]:
        """Returns the traced requests in the order of their ends."""
        spans = self.spans
        return [
            Tree(root, {span.name: span for span in spans if span.parent_span_id == root.span_id})
            for root in spans
            if root.kind == Span.SPAN_KIND_SERVER
        ]

    def wait_for_trees(self, count: int) -> list[Tree]:
        """Waits for the spans of at least this many requests."""
        self.wait_until(lambda: len(self.trees) >= count, f"{count} trees")
        return self.trees

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_SECONDS_MAX
        while not holds():
            assert time.monotonic() < end, f"no {what}; there are {len(self.spans)} spans"
            time.sleep(0.01)

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        request = ExportTraceServiceRequest.FromString(body)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            post = Post(handler.path, self.status, headers, body, request)
            self.posts.append(post)
        self.answer.wait()
        response = ExportTraceServiceResponse()
        if self.rejected_spans:
            response.partial_success.rejected_spans = self.rejected_spans
        content = response.SerializeToString()
        try:
            handler.send_response(post.status)
            handler.send_header("content-type", "application/x-protobuf")
            handler.send_header("content-length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
        except OSError:
            pass


def attributes(pairs: Any) -> dict[str, Any]:
    """Returns attributes as a dictionary."""
    return {pair.key: _value(pair) for pair in pairs}


def _value(pair: KeyValue) -> Any:
    value: AnyValue = pair.value
    return getattr(value, str(value.WhichOneof("value")))
