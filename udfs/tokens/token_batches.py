"""Tokenise rows of documents: what pack runs in Python workers. A sample of the documents is encoded a second time by the definition."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import xxhash

from udfs.edits.row_error import row_error
from udfs.tokens.encoders import Encode, Engine, Ids, open_encoder
from udfs.tokens.vocabulary import Vocabulary

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
        """Encode batch by batch; the encoder is loaded once a worker's task."""
        settings = self.settings
        encode = open_encoder(settings.vocabulary, settings.engine)
        check = open_encoder(settings.vocabulary, "definition") if settings.check_every else encode
        for batch in batches:
            texts = batch.column("text").to_pylist()
            made, errors = _encoded(encode, texts)
            ids = batch.column("id").to_pylist()
            same = [
                _same(check, text, one) if one is not None and chosen(page, every=settings.check_every) else None
                for page, text, one in zip(ids, texts, made, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(
                [
                    *(batch.column(name).cast(TOKEN_ROWS.field(name).type) for name in CARRIED),
                    pa.array([_bytes(one, settings) if one is not None else None for one in made], pa.binary()),
                    pa.array([_count(one, settings) if one is not None else 0 for one in made], pa.int64()),
                    pa.array(same, pa.bool_()),
                    pa.array(errors, pa.string()),
                ],
                schema=TOKEN_ROWS,
            )


def chosen(page: str, *, every: int) -> bool:
    """Tell whether a document is among those that are checked.

    >>> [chosen("urn:1", every=every) for every in (0, 1)]
    [False, True]
    """
    return every > 0 and xxhash.xxh3_64_intdigest(page.encode("utf-8")) % every == 0


def _encoded(encode: Encode, texts: list[str]) -> tuple[list[Ids | None], list[str | None]]:
    """Encode all at once; if one raises, each on its own, so that one bad page costs one page."""
    try:
        ids, offsets = encode(texts)
        return [ids[start:end] for start, end in itertools.pairwise(offsets)], [None] * len(texts)
    except Exception:
        made: list[Ids | None] = []
        errors: list[str | None] = []
        for text in texts:
            try:
                made.append(encode([text])[0])
                errors.append(None)
            except Exception as error:
                made.append(None)
                errors.append(row_error(error))
        return made, errors


def _same(check: Encode, text: str, ids: Ids) -> bool:
    try:
        return np.array_equal(check([text])[0], ids)
    except Exception:  # what the definition refuses has no ids
        return False


def _count(ids: Ids, settings: TokenSettings) -> int:
    """Count a document's tokens; one without text has none, not even the special ones."""
    return len(ids) + (settings.bos is not None) + (settings.eos is not None) if len(ids) else 0


def _bytes(ids: Ids, settings: TokenSettings) -> bytes:
    """Put the special tokens around a document's ids."""
    kind = f"<u{settings.token_bytes}"
    body = ids.astype(kind).tobytes()
    if not body:
        return b""
    begin, end = (b"" if one is None else np.array([one], kind).tobytes() for one in (settings.bos, settings.eos))
    return begin + body + end
