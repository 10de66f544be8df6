"""A stand-in for AWS, Google Cloud and Common Crawl on loopback: answers as far as a submission goes, and keeps what it was asked."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CRAWLS = [
    {"id": name} for name in ("CC-MAIN-2026-43", "CC-MAIN-2026-47", "CC-MAIN-2026-08", "CC-MAIN-2012", "CC-MAIN-2009-2010")
]


@dataclass
class Cloud:
    """What the stand-in holds: objects by path, the state that a job ends in, and what such a job would have written."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    job_state: str = "SUCCESS"
    job_writes: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    def bodies(self, method: str, path: str) -> list[Any]:
        """Return the JSON of the requests to a path."""
        return [json.loads(body) for m, p, body in self.asked if (m, p) == (method, path)]

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body."""
        self.asked.append((method, path, body))
        if path == "/collinfo.json":
            return 200, json.dumps(CRAWLS).encode()
        if path in self.objects:
            return 200, self.objects[path]
        if re.fullmatch(r"/applications/\w+", path):
            return 200, b'{"application": {"state": "STARTED"}}'
        if method == "POST" and path.endswith("/jobruns"):
            self.objects |= self.job_writes
            return 200, b'{"applicationId": "00abc", "jobRunId": "r1", "arn": "arn:aws:emr-serverless:::r1"}'
        if path.endswith("/jobruns/r1"):
            return 200, json.dumps({"jobRun": {"state": self.job_state, "stateDetails": "its driver ended"}}).encode()
        if method == "POST" and b"Action=Publish" in body:
            return 200, b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"
        if path.startswith("/v1/projects/"):  # Dataproc: a cluster is looked up, and a submission is not followed further
            return (
                (200, b'{"clusterName": "c", "clusterUuid": "u", "config": {}}') if path.endswith("/clusters/c") else (404, b"")
            )
        if method == "POST":
            return 200, b'{"StepIds": ["s-1"]}'
        return 404, b""


@contextmanager
def loopback_aws() -> Iterator[Cloud]:
    """Serve a Cloud on a free port."""
    cloud = Cloud()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = cloud.answer(self.command, self.path.partition("?")[0], body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

        do_HEAD = do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    cloud.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
