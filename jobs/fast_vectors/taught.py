"""A teacher's vectors of texts, kept on disk: they are the costly part of training, and a second training finds them there."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import xxhash

from udfs.vectors.fast_model import Array
from udfs.vectors.half import STORED, packed, unpacked
from udfs.vectors.transformer import Transformer

_KEY = 16  # bytes of a text's hash
_TOLD = 1_000  # texts between two lines of progress


def taught(teacher: Transformer, texts: Sequence[str], *, cache: Path, say: Callable[[str], None]) -> list[Array | None]:
    """Return the teacher's unit vector of each text; None for one without a token.

    What the cache has is not made again, and what is made is added at once: an entry is the hash of text and scheme, and the vector.
    One thread for each core asks the teacher; each text is embedded alone, so the vectors do not depend on that.
    """
    width = len(next(one for one in teacher.vectors(["mill"]) if one is not None))
    seed = xxhash.xxh3_64_intdigest(repr(sorted(teacher.scheme.facts().items())).encode())
    keys = [xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass"), seed=seed) for text in texts]
    known = dict(_entries(cache, width))
    todo = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if todo:
        say(f"the teacher reads {len(todo):,} texts; {len(set(keys)) - len(todo):,} are known")
    with cache.open("ab") as file, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for done, (key, found) in enumerate(
            zip(todo, pool.map(lambda text: teacher.vectors([text])[0], todo.values()), strict=True)
        ):
            known[key] = packed(found[np.newaxis])[0] if found is not None else bytes(width * STORED.itemsize)
            file.write(key + known[key])
            if (done + 1) % _TOLD == 0:
                file.flush()
                say(f"the teacher has read {done + 1:,}")
    vectors = unpacked([known[key] for key in keys])
    return [one if one.any() else None for one in vectors]


def _entries(cache: Path, width: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield what a cache holds; the piece of an entry at its end, which a kill leaves, is cut off."""
    size = _KEY + width * STORED.itemsize
    if not cache.exists():
        return
    whole = cache.stat().st_size // size
    os.truncate(cache, whole * size)
    with cache.open("rb") as file:
        for entry in islice(iter(lambda: file.read(size), b""), whole):
            yield entry[:_KEY], entry[_KEY:]
