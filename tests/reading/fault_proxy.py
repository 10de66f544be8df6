"""A proxy before an S3 server that commits the faults a test asks for, and remembers every request.

It passes the Host header on, which SigV4 signs, so a client is simply given the proxy's address.
"""

import http.client
import os
import random
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote, urlsplit

PIECE = 1 << 14
STALL_S = 600.0  # longer than any client's patience here

Kind = Literal["status", "reset", "stall", "short", "cut"]


@dataclass(frozen=True)
class Fault:
    """What to do wrong: answer a status, or break a body after its first `after` bytes.

    reset: the connection is reset. stall: nothing more comes. short: the connection is closed in order, before the
    Content-Length is reached. cut: the same, with a Content-Length that agrees.
    """

    kind: Kind
    after: int = 0
    status: int = 503
    code: str = "SlowDown"


@dataclass(frozen=True)
class Asked:
    """One request: its path as bucket/key, the first byte asked for, and how many came for this path before it."""

    method: str
    path: str
    start: int
    whole: bool  # all bytes from `start` on
    etag: str | None
    agent: str
    nth: int
    fault: Fault | None = None


Policy = Callable[[Asked], Fault | None]


def no_fault(asked: Asked) -> Fault | None:
    """Let everything pass."""
    return None


def seeded_faults(seed: str, *, throttled: float, broken: float, after: int) -> Policy:
    """Throttle and break GETs with the given probabilities; what happens to a file's nth request rests on the seed alone."""

    def fault(asked: Asked) -> Fault | None:
        if asked.method != "GET":
            return None
        drawn = random.Random(f"{seed} {asked.path} {asked.nth}")
        chance = drawn.random()
        if chance < throttled:
            return Fault("status")
        if chance < throttled + broken:
            kinds: tuple[Kind, ...] = ("reset", "stall", "short", "cut")
            return Fault(drawn.choice(kinds), after=drawn.randrange(after))
        return None

    return fault


@dataclass
class FaultProxy:
    """A running proxy; `policy` may be exchanged at any time."""

    upstream: str
    policy: Policy = no_fault
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        """Return the address to give to clients."""
        return f"http://127.0.0.1:{self.port}"

    def gets(self, path: str) -> list[Asked]:
        """Return the GETs of one bucket/key, in order."""
        return [asked for asked in self.asked if (asked.method, asked.path) == ("GET", path)]

    def note(self, method: str, target: str, headers: Message) -> Asked:
        """Remember a request and choose its fault."""
        path = unquote(urlsplit(target).path).lstrip("/")
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("Range") or "bytes=0-")
        assert wanted is not None, headers.get("Range")
        with self.lock:
            nth = sum(asked.path == path for asked in self.asked)
            start, whole = int(wanted[1]), not wanted[2]
            request = Asked(method, path, start, whole, headers.get("If-Match"), headers.get("User-Agent") or "", nth)
            request = replace(request, fault=self.policy(request))
            self.asked.append(request)
        return request


@contextmanager
def fault_proxy(upstream: str, *, policy: Policy = no_fault) -> Iterator[FaultProxy]:
    """Start a proxy before the server at `upstream`, such as http://127.0.0.1:8333; stop it on leaving."""
    proxy = FaultProxy(upstream, policy)

    class Handler(_Handler):
        owner = proxy

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: FaultProxy

    def log_message(self, *args: object) -> None:
        pass

    def _relay(self) -> None:
        asked = self.owner.note(self.command, self.path, self.headers)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        if asked.fault is not None and asked.fault.kind == "status":
            self._refuse(asked.fault)
            return
        upstream = http.client.HTTPConnection(urlsplit(self.owner.upstream).netloc, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(body)
            self._answer(upstream.getresponse(), asked.fault)
        except (ConnectionError, TimeoutError):  # one of the two has gone
            self.close_connection = True
        finally:
            upstream.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _relay

    def _refuse(self, fault: Fault) -> None:
        body = f"<?xml version='1.0'?><Error><Code>{fault.code}</Code><Message>asked for by a test</Message></Error>".encode()
        self.send_response(fault.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _answer(self, response: http.client.HTTPResponse, fault: Fault | None) -> None:
        length = int(response.headers.get("Content-Length") or 0)
        sound = fault is None or response.status >= 300 or self.command == "HEAD"
        sent = length if sound or fault is None else min(fault.after, max(0, length - 1))
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(sent if fault is not None and fault.kind == "cut" and not sound else length))
        self.end_headers()
        if self.command == "HEAD":
            return
        for at in range(0, sent, PIECE):
            self.wfile.write(response.read(min(PIECE, sent - at)))
        if fault is not None and not sound:
            self.wfile.flush()
            self._break(fault)

    def _break(self, fault: Fault) -> None:
        if fault.kind == "cut":
            return
        self.close_connection = True
        if fault.kind == "stall":
            self.owner.closing.wait(STALL_S)
        if fault.kind == "reset":  # what closing with a linger of zero sends, if nothing was shut down in order before
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
