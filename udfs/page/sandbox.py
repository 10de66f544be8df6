"""Run page extraction in one killable child per Python worker, so that one bad page costs one page and not its task."""

import contextlib
import fcntl
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

from udfs.isolation.confine import environment
from udfs.page.child import LENGTHS
from udfs.page.extractor import ExtractSettings, PageRequest, PageResult, decode_result
from udfs.page.memory import memory_of

START_S = 120.0  # importing the extractors takes half a second on an idle machine
MAX_PAGES = 5000  # then a fresh child, whatever the old one leaked
RECYCLE_SHARE = 0.5  # of the memory limit; above it the child is replaced between two pages
WEAR_EVERY_PAGES = 16  # reading /proc for every page would cost more than it tells
PIPE_BYTES = 1 << 20  # most pages pass in one write


class SandboxError(RuntimeError):
    """The child cannot be started at all: the machine or its Python is at fault, not a page."""


class Sandbox:
    """Extract pages in a child process; a context manager.

    Counts `restarts` after failures, pages `reused` because their bytes had come before, and the top `peak_mb`.
    """

    def __init__(self, settings: ExtractSettings) -> None:
        self.restarts = 0
        self.reused = 0
        self._memory = memory_of(settings)
        self._peak_mb = 0
        self._settings = settings
        self._child: _Child | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._drop()

    def extract(self, page: PageRequest) -> PageResult:
        """Extract one page; a child that hangs, dies or runs out of memory gives a failed result.

        Raises SandboxError if no child can be started.
        """
        key = self._memory.key(page)
        known = self._memory.get(key)
        if known is not None:
            self.reused += 1
            return known
        result = self._extract(page)
        self._memory.put(key, result)
        return result

    def _extract(self, page: PageRequest) -> PageResult:
        if self._child is not None and self._child.worn(self._settings):
            self._drop()
        if self._child is None:
            self._child = _Child(self._settings)
        try:
            fields, text = self._child.ask(page, deadline=time.monotonic() + self._settings.max_wall_s)
        except TimeoutError:
            self.restarts += 1
            self._drop()
            return PageResult("failed", "timeout", f"not done after {self._settings.max_wall_s:g} s on the clock")
        except EOFError:
            self.restarts += 1
            reason, words = self._child.epitaph()
            self._drop()
            if reason == "timeout":
                words = f"not done after {self._settings.max_cpu_s:g} s of CPU time"
            return PageResult("failed", reason, words)
        except BaseException:
            self._drop()  # half of its answer may be in the pipe
            raise
        if fields.get("reason") == "out_of_memory":
            self.restarts += 1
            self._drop()  # its heap is full of what did not fit
        return decode_result(fields, text)

    @property
    def peak_mb(self) -> int:
        """The most memory, in MB, that a child held so far."""
        return max(self._peak_mb, self._child.status_mb("VmHWM") if self._child is not None else 0)

    def _drop(self) -> None:
        if self._child is not None:
            self._peak_mb = self.peak_mb
            self._child.end()
            self._child = None


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, settings: ExtractSettings) -> None:
        self._pages = 0
        try:
            self._start(settings)
        except OSError as error:  # no process or no file is to be had: the machine's fault, and no page's
            raise SandboxError(
                f"the extraction process does not start ({error}): free processes, memory or /tmp on that machine"
            ) from error
        self._await_ready()

    def _start(self, settings: ExtractSettings) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `end`)
        command = [sys.executable, "-P", "-m", "udfs.page.child", json.dumps(asdict(settings)), str(os.getpid())]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=environment(),
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)
            with contextlib.suppress(OSError):  # an unprivileged user may have used up his share of pipe memory
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def _await_ready(self) -> None:
        try:
            self._receive(deadline=time.monotonic() + START_S)  # it says when it is ready
        except (TimeoutError, EOFError) as error:
            _, words = self.epitaph()
            self.end()
            raise SandboxError(
                f"the extraction process does not start ({words}), so no page can be extracted; "
                f"run `{sys.executable} -c 'import udfs.page.extractor, trafilatura'` on that machine to see why"
            ) from error

    def ask(self, page: PageRequest, *, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Send a page and wait for its result; TimeoutError or EOFError if none comes."""
        header = json.dumps({"mime": page.mime, "charset": page.charset, "captured": page.captured}).encode("ascii")
        self._send(LENGTHS.pack(len(header), len(page.body)) + header, deadline=deadline)
        self._send(page.body, deadline=deadline)
        self._pages += 1
        return self._receive(deadline=deadline)

    def worn(self, settings: ExtractSettings) -> bool:
        """Say whether the child has served long or grown large enough to be replaced."""
        if self._pages % WEAR_EVERY_PAGES:
            return False
        return self._pages >= MAX_PAGES or self.status_mb("VmRSS") > RECYCLE_SHARE * settings.max_memory_mb

    def epitaph(self) -> tuple[str, str]:
        """Say why the child is gone: its CPU time ran out, the kernel took it for its memory, its allocator gave up, or it crashed."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "crashed", "it closed its pipes"
        if code == -signal.SIGPROF:
            return "timeout", "its CPU time ran out"
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - 500))
        words = self._stderr.read().decode("utf-8", "replace").strip()
        starved = code == -signal.SIGKILL or "memory allocation" in words or "MemoryError" in words
        return "out_of_memory" if starved else "crashed", f"exit {code} {words}".strip()

    def end(self) -> None:
        """Kill and reap the child."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._stderr):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def status_mb(self, field: str) -> int:
        """Read a size in MB from the child's /proc status; 0 if it is dead."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) >> 10 for line in lines if line.startswith(field + ":")), 0)

    def _send(self, data: bytes, *, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._in, select.POLLOUT)
        view = memoryview(data)
        while view:
            if not poll.poll(_milliseconds(deadline)):
                raise TimeoutError
            try:
                view = view[os.write(self._in, view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise EOFError from error

    def _receive(self, *, deadline: float) -> tuple[dict[str, Any], bytes]:
        header_bytes, text_bytes = LENGTHS.unpack(self._read(LENGTHS.size, deadline=deadline))
        header = json.loads(self._read(header_bytes, deadline=deadline))
        return header, self._read(text_bytes, deadline=deadline)

    def _read(self, count: int, *, deadline: float) -> bytes:
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        data = bytearray()
        while len(data) < count:
            if not poll.poll(_milliseconds(deadline)):
                raise TimeoutError
            try:
                part = os.read(self._out, min(count - len(data), PIPE_BYTES))
            except BlockingIOError:
                continue
            if not part:
                raise EOFError
            data += part
        return bytes(data)


def _milliseconds(deadline: float) -> float:
    return max(0.0, (deadline - time.monotonic()) * 1000)
