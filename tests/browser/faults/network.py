"""A network between browsers and the server, with the faults of real ones."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

ANSWER = "/candidat/test/reponse"
DRAFT = "/candidat/test/brouillon"
PORTAL = b"<!doctype html><title>Bienvenue</title><h1>Acceptez les conditions du r\xc3\xa9seau</h1>"

Fault: TypeAlias = Callable[["Handler"], bool]
"""Told a request; whether it has dealt with it. A fault is tried on every request until the test takes it away."""


class Handler(BaseHTTPRequestHandler):
    """Hands a request on to the server and its reply back, unless a fault comes between."""

    protocol_version = "HTTP/1.1"
    network: "Network"

    def do_GET(self) -> None:
        """A page, a style, a script."""
        self._go()

    def do_POST(self) -> None:
        """A form or a script's message."""
        self._go()

    def body(self) -> bytes:
        """What the browser sent; read once."""
        if not hasattr(self, "_body") or self._body_of is not self.raw_requestline:
            self._body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._body_of = self.raw_requestline
        return self._body

    def forward(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """The server's reply."""
        upstream = http.client.HTTPConnection("127.0.0.1", self.network.server_port, timeout=30)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "accept-encoding")}
            upstream.request(self.command, self.path, self.body() or None, headers)
            reply = upstream.getresponse()
            hop = ("connection", "transfer-encoding", "content-length", "keep-alive", "date", "server")
            return reply.status, [(k, v) for k, v in reply.getheaders() if k.lower() not in hop], reply.read()
        finally:
            upstream.close()

    def give(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer the browser."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Nothing is written to the terminal."""

    def _go(self) -> None:
        body = self.body()
        self.network.seen.append((self.command, self.path, body.decode("latin-1")))
        try:
            for fault in list(self.network.faults):
                if fault(self):
                    return
            self.give(*self.forward())
        except OSError:
            self.hang_up()  # one of the two is gone


class Network:
    """Where browsers reach the server; `faults` lie between them."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, str]] = []
        handler: Any = type("BoundHandler", (Handler,), {"network": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def posts(self, path: str) -> int:
        """How often something was posted to an address."""
        return sum(seen[:2] == ("POST", path) for seen in self.seen)

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        """A fault, for a while."""
        self.faults.append(fault)
        try:
            yield
        finally:
            self.faults.remove(fault)

    def close(self) -> None:
        """Take the network down."""
        self._http.shutdown()
        self._http.server_close()


def reply_is_lost(path: str) -> Fault:
    """The server does what it is asked, and the browser never hears of it."""

    def fault(request: Handler) -> bool:
        if request.path != path:
            return False
        request.forward()
        request.hang_up()
        return True

    return fault


def portal(request: Handler) -> bool:
    """Something in between answers 200 with a page of its own to whatever is posted."""
    if request.command != "POST":
        return False
    request.give(200, [("Content-Type", "text/html; charset=utf-8")], PORTAL)
    return True


def foreign_json(request: Handler) -> bool:
    """The same, in JSON."""
    if request.command != "POST":
        return False
    request.give(200, [("Content-Type", "application/json")], b'{"status": "ok", "recorded": true}')
    return True


def breaks_down(request: Handler) -> bool:
    """The server answers 500, or a balancer 502, to whatever is posted."""
    if request.command != "POST":
        return False
    request.give(502, [("Content-Type", "application/json")], b'{"error": "bad gateway"}')
    return True
