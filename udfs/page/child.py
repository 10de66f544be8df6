"""The child process that touches page bytes: reads requests from stdin, answers on stdout, and dies with its parent.

A message is two big-endian lengths (4 bytes each), a JSON header and raw bytes; nothing is unpickled.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

from udfs.isolation.confine import confine

LENGTHS = struct.Struct(">II")
WARM = b"<html><body>" + b"<p>A page that makes the extractor load all that it needs.</p>" * 10
GARBAGE_EVERY = 100_000  # objects, for 700: trees of lxml are freed without the collector


def read_message(stream: BinaryIO) -> tuple[dict[str, object], bytes] | None:
    """Read one message from a blocking stream; None at its end."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    header_bytes, body_bytes = LENGTHS.unpack(lengths)
    header = json.loads(stream.read(header_bytes))
    return header, stream.read(body_bytes)


def write_message(stream: BinaryIO, header: bytes, body: bytes) -> None:
    """Write one message and flush it."""
    stream.write(LENGTHS.pack(len(header), len(body)) + header)
    stream.write(body)
    stream.flush()


def main() -> None:
    """Serve pages until stdin ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    settings_fields = json.loads(sys.argv[1])
    confine(parent=int(sys.argv[2]))
    max_bytes = settings_fields["max_memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (max_bytes, max_bytes))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)

    from udfs.page.extractor import PageExtractor, PageRequest, encode_result, settings_from

    extractor = PageExtractor(settings_from(settings_fields))
    extractor.extract(PageRequest(body=WARM, mime="text/html", charset=None))  # imports what it needs
    gc.freeze()  # what is imported is not garbage: looking through it again and again is a seventh of the time
    gc.set_threshold(GARBAGE_EVERY)
    write_message(answers, b'{"ready": true}', b"")
    while (message := read_message(requests)) is not None:
        header, body = message
        try:
            charset, captured = (str(value) if value else None for value in (header.get("charset"), header.get("captured")))
            page = PageRequest(body=body, mime=str(header["mime"]), charset=charset, captured=captured)
            with cpu_seconds(settings_fields["max_cpu_s"]):
                result = extractor.extract(page)
            answer, text = encode_result(result)
        except MemoryError:
            answer, text = b'{"outcome": "failed", "reason": "out_of_memory", "error": "MemoryError"}', b""
        except Exception as error:  # whatever a page does, the next one is still served
            fields = {
                "outcome": "failed",
                "reason": "extractor_error",
                "error": f"{type(error).__name__}: {error}"[:1000],
            }
            answer, text = json.dumps(fields).encode("ascii"), b""
        write_message(answers, answer, text)


@contextlib.contextmanager
def cpu_seconds(limit: float) -> Iterator[None]:
    """Have the kernel end this process by SIGPROF after so many seconds of its CPU time, in whatever code it is by then.

    The signal's default action is the end: no handler in Python would run while native code holds the interpreter.
    """
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main()
