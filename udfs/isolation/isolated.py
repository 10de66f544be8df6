"""Run a function over batches in a child process: what kills the child is an exception here."""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import IO

import pyarrow as pa

from udfs.isolation.child import (
    BATCH,
    END,
    FUNCTION,
    OUT_OF_MEMORY,
    RAISED,
    decode_batch,
    encode_batch,
    read_message,
    write_message,
)
from udfs.isolation.confine import environment

Function = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]  # what Spark's mapInArrow takes
LAST_WORDS = 300  # of what the child wrote to stderr


class ChildDied(Exception):
    """The child ended before it had answered; the text says how: a signal's name, or an exit code."""


class Isolated:
    """Run a picklable function in a child that serves batch after batch; a context manager.

    The child is started when it is needed, and anew after it died. An exception of the function is raised here as it was there.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None

    def __enter__(self) -> "Isolated":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def run(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Yield what the function yields for this batch; raises ChildDied, perhaps after some of it."""
        done = False
        try:
            process = self._process or self._start()
            assert process.stdin is not None and process.stdout is not None
            try:
                write_message(process.stdin, BATCH, encode_batch(batch))
            except OSError as error:
                raise self._died() from error
            while (message := read_message(process.stdout)) is not None:
                letter, body = message
                if letter == END:
                    done = True
                    return
                if letter == RAISED:
                    raise pickle.loads(body)
                yield decode_batch(body)
            raise self._died()
        finally:
            if not done:
                self._end()  # it is dead, or half of its answer is in the pipe

    def _start(self) -> "subprocess.Popen[bytes]":
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `_end`)
        command = [sys.executable, "-P", "-m", "udfs.isolation.child", str(os.getpid())]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, env=environment()
        )
        assert self._process.stdin is not None
        try:
            write_message(self._process.stdin, FUNCTION, pickle.dumps(self._function))
        except OSError as error:
            raise self._died() from error
        return self._process

    def _died(self) -> ChildDied:
        assert self._process is not None and self._stderr is not None
        code = self._process.wait()
        if code == OUT_OF_MEMORY:
            return ChildDied("out of memory")
        if code < 0:
            name = signal.Signals(-code).name
            return ChildDied(f"{name}, as the kernel sends it where memory runs out" if -code == signal.SIGKILL else name)
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - LAST_WORDS))
        words = self._stderr.read().decode("utf-8", "replace").strip()
        return ChildDied(f"exit code {code} {words}".strip())

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, self._stderr):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:  # what was not written yet goes nowhere
                continue
