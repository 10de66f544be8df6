"""A real browser for tests of pages: where it is, a port that notes who asks, and what a frame around a page measured."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_for

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1400,1000"
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
    """Serve on a local port, and note every request that comes: the path of a GET, and what a POST sends."""
    asked: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._note(self.path)

        def do_POST(self) -> None:
            self._note(self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8"))

        def _note(self, what: str) -> None:
            asked.append(what)
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
    """Open a frame, and return the JSON that it writes into its element `answer`, however long that takes."""
    with listening() as (address, told):
        tell = f"fetch('{address}', {{method: 'POST', mode: 'no-cors', body: answer.textContent}})"
        observe = f"<script>new MutationObserver(() => {tell}).observe(answer, {{childList: true}})</script>"
        assert frame.count('<pre id="answer"></pre>') == 1
        (folder / "frame.html").write_text(
            frame.replace('<pre id="answer"></pre>', f'<pre id="answer"></pre>{observe}'), "utf-8"
        )
        places = (f"--user-data-dir={folder / 'profile'}", f"file://{folder / 'frame.html'}")
        with (folder / "browser.log").open("wb") as log:
            browser = subprocess.Popen([chromium, *OPTIONS.split(), *places], stdout=log, stderr=log, start_new_session=True)
            try:
                wait_for(lambda: told or browser.poll() is not None)
            finally:
                os.killpg(browser.pid, signal.SIGKILL)
                browser.wait()
    assert told, f"the page told nothing. The browser said: {(folder / 'browser.log').read_text('utf-8')[-2000:]}"
    measured: dict[str, Any] = json.loads(told[0])
    return measured
