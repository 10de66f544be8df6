"""Measure the explorer's page over made-up documents: CPU seconds to make it, its bytes, and how soon Chromium has drawn it.

    python -m bench.explorer.page FOLDER [DOCUMENTS]

The page is served on a local port, inside a frame that reads its clock. Nothing is cached. Times are by the clock, from the start of
the navigation, so give the load of the machine with them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bench.explorer.synthetic import made_up
from jobs.explorer.map import made
from jobs.explorer.page import render

FRAME = """<body style="margin:0"><iframe id="page" width="1280" height="900" style="border:0" src="explorer.html"></iframe><script>
const look = setInterval(() => {
  const inside = page.contentDocument, clock = page.contentWindow.performance
  if (!inside || !inside.body || !inside.body.dataset.ready) return
  clearInterval(look)
  const paint = clock.getEntriesByType("paint").map(e => [e.name, Math.round(e.startTime)])
  fetch("/told?" + encodeURIComponent(JSON.stringify({paint: Object.fromEntries(paint), map_drawn: +inside.getElementById("map").dataset.drawn,
    texts_ready: +inside.body.dataset.ready, requests: clock.getEntriesByType("resource").length})))
}, 50)</script>
"""


def opened(folder: Path) -> dict[str, Any]:
    """Open explorer.html of a folder in Chromium, and return what its clock says, in milliseconds."""
    (folder / "frame.html").write_text(FRAME, "utf-8")
    told: dict[str, Any] = {}
    heard = threading.Event()

    class Serve(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/told?"):
                told.update(json.loads(unquote(self.path.partition("?")[2])))
                heard.set()
            super().do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Serve, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = shutil.which("chromium") or "google-chrome"
    options = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --remote-debugging-port=0"
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            *options.split(),
            f"--user-data-dir={profile}",
            f"http://127.0.0.1:{server.server_address[1]}/frame.html",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        heard.wait(120)
        process.terminate()
        process.wait()
    server.shutdown()
    return told


def main(folder: Path, documents: int) -> None:
    """Print the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus = made_up(documents, whole=30)
    began = time.process_time()
    map = made(corpus.points, seed=1)
    laid_out = time.process_time()
    page = render(corpus, map)
    written = time.process_time()
    (folder / "explorer.html").write_text(page, "utf-8")
    print(f"{documents:,} documents: {len(page.encode('utf-8')):,} bytes")
    print(f"map {laid_out - began:.1f} CPU s, page {written - laid_out:.1f} CPU s; load {os.getloadavg()[0]:.1f}")
    for _ in range(3):
        print(opened(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
