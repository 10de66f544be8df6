"""A real browser for tests of pages: where it is, a port that notes who asks, and what a frame around a page measured."""

import html
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import PATIENCE_S

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=300000 --window-size=1400,1000"
)


def found_chromium() -> str:
    """Return the browser; skip plainly where there is none, fail where one is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        message = "no chromium on the PATH: the page was not looked at in a browser"
        if os.environ.get("GRISTMILL_REQUIRE_CHROMIUM"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Serve on a local port, and note every request that comes."""
    asked: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Note)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def opened(chromium: str, frame: str, folder: Path) -> dict[str, Any]:
    """Open a frame, and return the JSON that it writes into its element `answer`. A picture of it is frame.png in the folder."""
    (folder / "frame.html").write_text(frame, "utf-8")
    places = (
        f"--user-data-dir={folder / 'profile'}",
        f"--screenshot={folder / 'frame.png'}",
        f"file://{folder / 'frame.html'}",
    )
    command = [chromium, *OPTIONS.split(), "--dump-dom", *places]
    shown = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=True).stdout.decode("utf-8")
    answer = shown.partition('<pre id="answer">')[2].partition("</pre>")[0]
    assert answer, "the page did not finish loading"
    measured: dict[str, Any] = json.loads(html.unescape(answer))
    return measured
