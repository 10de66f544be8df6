"""Serve a folder over HTTP with byte ranges, and remember what was asked for and sent."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Served:
    """The server's address, and of each request the path, the first byte and the one after the last that was sent."""

    base: str
    requests: list[tuple[str, int, int]] = field(default_factory=list)

    def bytes(self) -> int:
        """Return how many bytes of bodies were asked for."""
        return sum(stop - start for _, start, stop in self.requests)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve `folder` on a free port of loopback while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (folder / self.path.lstrip("/")).read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"])
            assert asked is not None
            start = int(asked[1])
            stop = min(int(asked[2]) + 1 if asked[2] else len(body), len(body))
            told.requests.append((self.path.lstrip("/"), start, stop))
            self.send_response(206 if start < stop else 416)
            self.send_header(
                "Content-Range", f"bytes {start}-{stop - 1}/{len(body)}" if start < stop else f"bytes */{len(body)}"
            )
            self.send_header("Content-Length", str(max(0, stop - start)))
            self.end_headers()
            try:
                self.wfile.write(body[start:stop])
            except OSError:
                self.close_connection = True  # the reader had seen enough

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Served(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
