"""The child that runs a function over batches for `isolated`: reads from stdin, answers on stdout.

A message is a letter, a big-endian length of 8 bytes, and that many bytes. What is unpickled comes from our own worker.
"""

import os
import pickle
import struct
import sys
from typing import IO

import pyarrow as pa

from udfs.isolation.confine import confine

HEAD = struct.Struct(">cQ")
FUNCTION, BATCH, END, RAISED = b"F", b"B", b"E", b"X"
OUT_OF_MEMORY = 71  # exit code


def read_message(stream: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Read one message; None where the stream ends before or inside it."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    letter, length = HEAD.unpack(head)
    body = stream.read(length)
    return (letter, body) if len(body) == length else None


def write_message(stream: IO[bytes], letter: bytes, body: bytes = b"") -> None:
    """Write one message and flush it."""
    stream.write(HEAD.pack(letter, len(body)))
    stream.write(body)
    stream.flush()


def encode_batch(batch: pa.RecordBatch) -> bytes:
    """Return a batch with its schema as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def decode_batch(body: bytes) -> pa.RecordBatch:
    """Return the batch of an Arrow stream."""
    with pa.ipc.open_stream(body) as reader:
        return reader.read_next_batch()


def main() -> None:
    """Run the function over one batch after another until stdin ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    confine(parent=int(sys.argv[1]))
    first = read_message(requests)
    if first is None:
        return
    try:
        function = pickle.loads(first[1])
        while (message := read_message(requests)) is not None:
            for batch in function(iter([decode_batch(message[1])])):
                write_message(answers, BATCH, encode_batch(batch))
            write_message(answers, END)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:
        write_message(answers, RAISED, _pickled(error))


def _pickled(error: Exception) -> bytes:
    try:
        body = pickle.dumps(error)
        pickle.loads(body)
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return body


if __name__ == "__main__":
    main()
