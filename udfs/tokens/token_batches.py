"""Tokenise rows of documents: what pack runs in Python workers. A sample of the documents is encoded a second time by the definition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from udfs.edits.row_error import row_error
from udfs.tokens.encoders import Encode, Engine, Ids, open_encoder
from udfs.tokens.vocabulary import Vocabulary

Offsets = npt.NDArray[np.int64]
CARRIED = ("id", "language", "domain", "copies")
TOKEN_ROWS = pa.schema(
    [
        ("id", pa.string()),
        ("language", pa.string()),
        ("domain", pa.string()),
        ("copies", pa.int64()),
        ("tokens", pa.binary()),  # little-endian, TokenSettings.token_bytes each; null where error says why
        ("count", pa.int64()),
        ("same", pa.bool_()),  # whether the definition gives the same ids; null where it was not asked
        ("error", pa.string()),
    ]
)


@dataclass(frozen=True)
class TokenSettings:
    """Say how to tokenise. One of `check_every` documents is checked, chosen by a hash of its id; 0 checks none."""

    vocabulary: Vocabulary
    engine: Engine
    token_bytes: int
    bos: int | None = None
    eos: int | None = None
    check_every: int = 0


@dataclass(frozen=True)
class Tokenise:
    """Turn batches with id, text, language, domain and copies into batches of TOKEN_ROWS."""

    settings: TokenSettings

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Encode batch by batch; an encoder is opened once a task."""
        settings = self.settings
        encode = open_encoder(settings.vocabulary, settings.engine)
        check = open_encoder(settings.vocabulary, "definition") if settings.check_every else encode
        for batch in batches:
            texts = batch.column("text").to_pylist()
            ids, offsets, errors = _encoded(encode, texts)
            tokens, counts = framed(ids, offsets, settings)
            failed = pa.array(errors, pa.string())
            yield pa.RecordBatch.from_arrays(
                [
                    *(batch.column(name).cast(TOKEN_ROWS.field(name).type) for name in CARRIED),
                    tokens
                    if failed.null_count == len(failed)
                    else pc.if_else(failed.is_null(), tokens, pa.scalar(None, pa.binary())),
                    pa.array(counts, pa.int64()),
                    pa.array(_checked(check, batch, texts, (ids, offsets), every=settings.check_every), pa.bool_()),
                    failed,
                ],
                schema=TOKEN_ROWS,
            )


def chosen(page: str, *, every: int) -> bool:
    """Tell whether a document is among those that are checked.

    >>> [chosen("urn:1", every=every) for every in (0, 1)]
    [False, True]
    """
    return every > 0 and xxhash.xxh3_64_intdigest(page.encode("utf-8")) % every == 0


def framed(ids: Ids, offsets: Offsets, settings: TokenSettings) -> tuple[pa.Array, Offsets]:
    """Put the special tokens around each text's ids, as bytes, and count both; a text without ids has none, not even special ones.

    All texts are done at once: a loop over them would cost as much as a fast encoder.
    """
    kind = np.dtype(f"<u{settings.token_bytes}")
    special = [(0, settings.bos), (-1, settings.eos)]
    lengths = np.diff(offsets)
    counts = lengths + (lengths > 0) * sum(token is not None for _, token in special)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    made, plain = np.empty(ends[-1], kind), np.ones(ends[-1], bool)
    for place, token in special:
        if token is not None:
            places = (ends[:-1] if place == 0 else ends[1:] - 1)[lengths > 0]
            made[places], plain[places] = token, False
    made[plain] = ids
    bounds = pa.py_buffer((ends * kind.itemsize).astype("<i4"))
    return pa.Array.from_buffers(pa.binary(), len(lengths), [None, bounds, pa.py_buffer(made)]), counts


def _encoded(encode: Encode, texts: list[str]) -> tuple[Ids, Offsets, list[str | None]]:
    """Encode all at once; if one raises, each on its own, so that one bad page costs one page."""
    try:
        return *encode(texts), [None] * len(texts)
    except Exception:
        made, errors = [], list[str | None]()
        for text in texts:
            try:
                made.append(encode([text])[0])
                errors.append(None)
            except Exception as error:
                made.append(np.zeros(0, np.uint32))
                errors.append(row_error(error))
        return np.concatenate(made), np.cumsum([0, *map(len, made)]), errors


def _checked(
    check: Encode, batch: pa.RecordBatch, texts: list[str], made: tuple[Ids, Offsets], *, every: int
) -> list[bool | None]:
    """Say of each document that is chosen whether the definition gives the same ids."""
    if not every:
        return [None] * len(texts)
    ids, offsets = made
    return [
        _same(check, text, ids[start:end]) if chosen(page, every=every) else None
        for page, text, (start, end) in zip(batch.column("id").to_pylist(), texts, pairwise(offsets), strict=True)
    ]


def _same(check: Encode, text: str, ids: Ids) -> bool:
    try:
        return np.array_equal(check([text])[0], ids)
    except Exception:  # what the definition refuses has no ids, and the fast encoder has none of it either
        return len(ids) == 0
