"""A real HTTP server on loopback that takes webhooks and answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Taken:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookServer:
    """Where the server is, what it took, and how it answers."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answer: Answer = lambda handler: status(handler, 204)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"

    @property
    def host(self) -> str:
        """As the server's own hosts are named in the settings."""
        return f"127.0.0.1:{self.port}"


def status(handler: BaseHTTPRequestHandler, code: int, **headers: str) -> None:
    """Answer with a status and nothing else."""
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte now and then: never late by itself, never done."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 500:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def flood(handler: BaseHTTPRequestHandler) -> None:
    """Answer 200 with a body that has no end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(5000):
            handler.wfile.write(b"x" * 65536)
    except OSError:
        return


@contextmanager
def hook_server(wrap: Callable[[Any], Any] | None = None) -> Iterator[HookServer]:
    """Run one; ``wrap`` may put TLS around its socket."""
    made = HookServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            made.taken.append(Taken(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            made.answer(self)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that cuts is what tests want
    if wrap is not None:
        server.socket = wrap(server.socket)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
