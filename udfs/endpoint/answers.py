"""The answers that were paid for: each is a line, written the moment it comes, and found by its key in any later run.

Answers of one range of input lie in a folder of their own, in files that one attempt each writes. On disk a line is appended and so
outlives the process. On S3 lines go up in small objects. A line that a kill cut short is none.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from udfs.endpoint.question import Answer
from udfs.reading.http_s3 import S3, list_s3, s3_client
from udfs.reading.location import open_location

FLUSH_ANSWERS = 32  # of an object on S3, and
FLUSH_S = 5.0  # how old its first line grows
NAME = "jsonl"

Fields = dict[str, Any]


class Answers:
    """Answers by key, in one folder on disk or S3: those of earlier runs, and those that are added."""

    def __init__(self, folder: str) -> None:
        self._folder = folder.rstrip("/")
        self._found: dict[str, Answer] = {key: answer for key, answer, _ in stored(self._folder)}
        self.there = len(self._found)
        self._write, self._close = (_on_s3 if folder.startswith(S3) else _on_disk)(self._folder)

    def find(self, key: str) -> Answer | None:
        """Return the answer to a key, if it was paid for."""
        return self._found.get(key)

    def add(self, key: str, answer: Answer, *, about: Fields) -> None:
        """Keep an answer. If its key has one already, the first stays. Raises what the disk or S3 says if it cannot be written."""
        if key not in self._found:
            self._write(line_of(key, answer, about=about))
            self._found[key] = answer

    def close(self) -> None:
        """Write what is not written yet."""
        self._close()


def line_of(key: str, answer: Answer, *, about: Fields) -> bytes:
    """Write an answer as a line of JSON; `about` says of which style and prompt it is, for people who read the file."""
    row = {"key": key, **asdict(answer), "about": about}
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def stored(folder: str) -> Iterator[tuple[str, Answer, Fields]]:
    """Yield the answers of a folder, files by name; of a key that has several, readers take the last, which is always the same."""
    for file in _files(folder):
        for line in open_location(file).read().split(b"\n"):
            try:
                row = json.loads(line)
                answer = Answer(**{name: row[name] for name in ("text", "finish", "model", "tokens_in", "tokens_out")})
                yield str(row["key"]), answer, dict(row.get("about") or {})
            except (ValueError, KeyError, TypeError):
                continue  # the end of a file whose writer was killed


def _files(folder: str) -> list[str]:
    if folder.startswith(S3):
        return sorted(name for name in list_s3(f"{folder}/") if name.endswith(f".{NAME}"))
    return sorted(str(path) for path in Path(folder).glob(f"*.{NAME}"))


Writer = tuple[Callable[[bytes], None], Callable[[], None]]


def _on_disk(folder: str) -> Writer:
    """Append line by line; the file is made with its first line."""
    path, file = Path(folder) / f"{uuid4().hex}.{NAME}", -1

    def write(line: bytes) -> None:
        nonlocal file
        if file < 0:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        while line:
            line = line[os.write(file, line) :]  # a disk that fills up takes a part, and refuses the next

    def close() -> None:
        nonlocal file
        if file >= 0:
            os.close(file)
            file = -1

    return write, close


def _on_s3(folder: str) -> Writer:
    """Put objects of at most FLUSH_ANSWERS lines; a kill costs the lines of the last seconds."""
    parts, began = urlsplit(folder, allow_fragments=False), 0.0
    held: list[bytes] = []
    name, count = uuid4().hex, 0

    def put() -> None:
        nonlocal count
        if held:
            key = f"{parts.path.lstrip('/')}/{name}-{count:06d}.{NAME}"
            s3_client().put_object(Bucket=parts.netloc, Key=key, Body=b"".join(held))
            count += 1
            held.clear()

    def write(line: bytes) -> None:
        nonlocal began
        began = began if held else time.monotonic()
        held.append(line)
        if len(held) >= FLUSH_ANSWERS or time.monotonic() - began >= FLUSH_S:
            put()

    return write, put
