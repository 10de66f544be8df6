"""Draw a sample of texts by a hash of each: neither the order of files nor how a corpus is cut into them shows in it."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds
import xxhash

from jobs.engine.errors import RefusedError
from jobs.text_files import files_of, kind_of, texts_of, unreadable

UNKNOWN = "und"  # the language of a text of which nobody has said any
STRATA = ("language", "dump")  # columns of a published corpus by which shares can be given


class Text(NamedTuple):
    """Hold a text with what a share can be given for."""

    text: str
    language: str
    stratum: str


@dataclass
class Reservoir:
    """Keep the texts of the smallest hashes, until they have `limit` bytes together; memory is theirs, and no more."""

    limit: int
    _heap: list[tuple[int, Text]] = field(default_factory=list)  # largest hash first
    _kept: set[tuple[int, Text]] = field(default_factory=set)
    _bytes: int = 0

    def offer(self, key: int, text: Text) -> None:
        """Take a text in, and let go of those of the largest hashes that are too many. A text that is there already stays once."""
        entry = (-key, text)
        if (self._bytes >= self.limit and entry <= self._heap[0]) or entry in self._kept:
            return
        heapq.heappush(self._heap, entry)
        self._kept.add(entry)
        self._bytes += _size(text)
        while self._bytes - _size(self._heap[0][1]) >= self.limit:
            gone = heapq.heappop(self._heap)
            self._kept.discard(gone)
            self._bytes -= _size(gone[1])

    def texts(self) -> list[Text]:
        """Return the texts, by hash."""
        return [text for _, text in sorted(self._heap, reverse=True)]


@dataclass(frozen=True)
class Shares:
    """Say which share of the sample each value of a column gets, such as half of it German; without any, all texts are alike."""

    column: str | None = None
    of: Mapping[str, float] = field(default_factory=dict)


def draw(corpus: list[str], *, size: int, holdout: float, seed: int, shares: Shares) -> tuple[list[Text], list[Text]]:
    """Return the texts to train on, of some `size` bytes, and those held out, of the share `holdout` of that; both by hash.

    A text is held out by its hash, so that it never is in the other half. Raises RefusedError for a corpus that has no text.
    """
    portions = shares.of if shares.column is not None else {"": 1.0}
    train = {name: Reservoir(int(size * share)) for name, share in portions.items()}
    held = {name: Reservoir(int(size * share * holdout)) for name, share in portions.items()}
    for text in _texts(corpus, shares.column):
        if text.stratum in portions and text.text:
            key = xxhash.xxh3_64_intdigest(text.text.encode("utf-8", "surrogatepass"), seed=seed)
            (held if key < holdout * 2**64 else train)[text.stratum].offer(key, text)
    drawn = _all(train.values())
    if not drawn:
        raise RefusedError(
            "the corpus has no text to learn from, or none of the shares that were asked for, so nothing was trained. Name other files"
        )
    return drawn, _all(held.values())


def _all(found: Iterable[Reservoir]) -> list[Text]:
    return [text for one in found for text in one.texts()]


def _texts(corpus: list[str], column: str | None) -> Iterator[Text]:
    """Read Parquet with its languages, such as a published corpus has in its paths; other files have texts alone."""
    for file in files_of(corpus):
        if kind_of(file) != "parquet":
            if column is not None:
                raise RefusedError(
                    f"{file} has no column {column}, by which shares are given, so nothing was trained. Give Parquet"
                )
            yield from (Text(text, UNKNOWN, "") for text in texts_of(file))
        else:
            try:
                yield from _rows(file, column)
            except (OSError, pa.ArrowException) as error:
                raise unreadable(file, error) from None


def _rows(file: Path, column: str | None) -> Iterator[Text]:
    folder = {key: value for key, _, value in (part.partition("=") for part in file.parts) if value}
    rows = ds.dataset(file)
    have = rows.schema.names
    wanted = [name for name in ("text", "language", column) if name is not None and name in have]
    if "text" not in have or (column is not None and column not in (*have, *folder)):
        raise RefusedError(
            f"{file} has no column {'text' if 'text' not in have else column}, so nothing was trained. Give other files"
        )
    for batch in rows.to_batches(columns=list(dict.fromkeys(wanted)), batch_size=1024):
        texts = batch.column("text").to_pylist()
        languages = _values(batch, "language", folder)
        strata = _values(batch, column, folder) if column is not None else [""] * len(texts)
        for text, language, stratum in zip(texts, languages, strata, strict=True):
            if text is not None:
                yield Text(str(text), language, stratum)


def _values(batch: pa.RecordBatch, name: str, folder: Mapping[str, str]) -> list[str]:
    """Return a column, of the file or of the folders that it lies in."""
    if name in batch.schema.names:
        return [UNKNOWN if one is None else str(one) for one in batch.column(name).to_pylist()]
    return [folder.get(name, UNKNOWN)] * batch.num_rows


def _size(text: Text) -> int:
    return len(text.text.encode("utf-8", "surrogatepass"))


def parsed_shares(given: list[str]) -> Shares:
    """Read shares such as language:de=0.5, language:en=0.5, of one column.

    Raises RefusedError.

    >>> parsed_shares(["language:de=0.25", "language:en=0.75"]).of
    {'de': 0.25, 'en': 0.75}
    """
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for one in given:
        name, _, share = one.rpartition("=")
        column, _, value = name.partition(":")
        try:
            found[column][value] = float(share)
        except ValueError:
            found[""] = {}
    if not found:
        return Shares()
    (column, of), *more = found.items()
    if more or column not in STRATA or not all(0 < share <= 1 for share in of.values()) or abs(sum(of.values()) - 1) > 1e-6:
        raise RefusedError(
            f"--share {' --share '.join(given)}: shares are given for one column of {', '.join(STRATA)}, such as language:de=0.5, and sum up "
            f"to 1; nothing was trained"
        )
    return Shares(column, of)
