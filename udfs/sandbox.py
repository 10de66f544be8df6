"""Run page extraction in one killable child per Python worker, so that one bad page costs one page and not its task."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from udfs.page_child import LENGTHS
from udfs.page import ExtractSettings, PageRequest, PageResult, decode_result

START_S = 60.0  # importing the extractors takes under a second on an idle machine
MAX_PAGES = 5000  # then a fresh child, whatever it leaked
RECYCLE_SHARE = 0.5  # of the memory limit; above it the child is replaced between two pages


class Sandbox:
    """Extract pages in a child process; use as a context manager. Counts `restarts` after failures and the child's `peak_mb`."""

    def __init__(self, settings: ExtractSettings) -> None:
        self.restarts = 0
        self.peak_mb = 0
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._pages = 0

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def extract(self, page: PageRequest) -> PageResult:
        """Extract one page; a child that hangs, dies or runs out of memory gives a failed result, never an exception."""
        if self._child is not None and self._worn():
            self._stop()
        if self._child is None:
            self._start()
        header = json.dumps({"mime": page.mime, "charset": page.charset}).encode("ascii")
        deadline = time.monotonic() + self._settings.timeout_s
        try:
            self._send(LENGTHS.pack(len(header), len(page.body)) + header, page.body, deadline=deadline)
            fields, text = self._receive(deadline=deadline)
        except TimeoutError:
            self._replace()
            return PageResult("failed", "timeout", f"not done after {self._settings.timeout_s:g} s")
        except EOFError:
            return self._died()
        self._pages += 1
        if fields.get("reason") == "out_of_memory":
            self._replace()  # its heap is full of what did not fit
        return decode_result(fields, text)

    def _start(self) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed in _stop)
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "udfs.page_child", json.dumps(asdict(self._settings)), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"},
        )
        self._pages = 0
        for pipe in (self._child.stdin, self._child.stdout):
            os.set_blocking(pipe.fileno(), False)
        try:
            self._receive(deadline=time.monotonic() + START_S)
        except (TimeoutError, EOFError) as error:
            words = self._last_words()
            self._stop()
            raise RuntimeError(f"the extraction process does not start ({type(error).__name__}): {words}") from error

    def _send(self, *parts: bytes, deadline: float) -> None:
        descriptor = self._child.stdin.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        for part in parts:
            view = memoryview(part)
            while view:
                if not poll.poll(_milliseconds(deadline)):
                    raise TimeoutError
                try:
                    view = view[os.write(descriptor, view) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError as error:
                    raise EOFError from error

    def _receive(self, *, deadline: float) -> tuple[dict[str, Any], bytes]:
        header_bytes, text_bytes = LENGTHS.unpack(self._read(LENGTHS.size, deadline=deadline))
        header = self._read(header_bytes, deadline=deadline)
        text = self._read(text_bytes, deadline=deadline)
        return json.loads(header), text

    def _read(self, count: int, *, deadline: float) -> bytes:
        descriptor = self._child.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        data = bytearray()
        while len(data) < count:
            if not poll.poll(_milliseconds(deadline)):
                raise TimeoutError
            try:
                part = os.read(descriptor, min(count - len(data), 1 << 20))
            except BlockingIOError:
                continue
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _worn(self) -> bool:
        memory_mb = _status_mb(self._child.pid, "VmRSS")
        self.peak_mb = max(self.peak_mb, memory_mb)
        return self._pages >= MAX_PAGES or memory_mb > RECYCLE_SHARE * self._settings.memory_mb

    def _died(self) -> PageResult:
        """Say why the child is gone: the kernel killed it for memory, its allocator gave up, or it crashed."""
        words = self._last_words()
        code = self._stop(grace_s=1.0)
        self.restarts += 1
        starved = code == -signal.SIGKILL or "memory allocation" in words or "MemoryError" in words
        return PageResult("failed", "out_of_memory" if starved else "crashed", f"exit {code} {words}".strip())

    def _replace(self) -> None:
        self._stop()
        self.restarts += 1

    def _last_words(self) -> str:
        assert self._stderr is not None
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 500))
        return self._stderr.read().decode("utf-8", "replace").strip()

    def _stop(self, *, grace_s: float = 0.0) -> int | None:
        """End the child if it still lives, reap it, and return its exit code (negative: the signal)."""
        child, self._child = self._child, None
        if child is None or child.stdin is None or child.stdout is None or self._stderr is None:
            return None
        self.peak_mb = max(self.peak_mb, _status_mb(child.pid, "VmHWM"))
        try:
            child.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            child.kill()
        code = child.wait()
        child.stdout.close()
        self._stderr.close()
        with contextlib.suppress(OSError):  # nobody reads what may still be buffered
            child.stdin.close()
        return code


def _milliseconds(deadline: float) -> float:
    return max(0.0, (deadline - time.monotonic()) * 1000)


def _status_mb(pid: int, field: str) -> int:
    """Read a size from /proc/<pid>/status in MB; 0 once the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith(field + ":")), 0)
