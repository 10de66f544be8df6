"""Weave megadocs inside a Python worker: the pieces of pages in, sorted by page, and document rows out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter

import pyarrow as pa

from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.megadocs.group import Group, Row, WeaveSettings, group_rows, left_out
from udfs.megadocs.weave import Piece
from udfs.page import urls

# What Spark hands over: all rows with one page_id follow each other, the page first. page_id is null where a text names no one page.
PIECE_FIELDS = pa.schema(
    [
        ("page_id", pa.string()),
        ("is_page", pa.bool_()),
        ("root", pa.string()),
        ("id", pa.string()),
        ("nth", pa.int32()),
        ("gaps", pa.int32()),
        ("text", pa.string()),
        ("url", pa.string()),
        ("date", pa.string()),
        ("dump", pa.string()),
        ("page_language", pa.string()),
    ]
)
ROWS = pa.schema([("chunk", pa.string()), *DOCUMENT_FIELDS])
BATCH_CHARACTERS = 4 << 20
BATCH_ROWS = 256
READ_ROWS = 16


@dataclass(frozen=True)
class WeavePieces:
    """What Spark's mapInArrow runs: batches of `chunk` and PIECE_FIELDS become batches of `chunk` and DOCUMENT_FIELDS.

    The texts of one page are in memory at a time, at most max_characters of them, beside a batch in and a batch out.
    """

    settings: WeaveSettings

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Weave page by page; a batch out has at most BATCH_ROWS rows, and ends with the row that brings it past BATCH_CHARACTERS."""
        held: list[Row] = []
        size = 0
        for row in self._rows(row for batch in batches for row in _read(batch)):
            held.append(row)
            size += len(row.get("text") or "")
            if size > BATCH_CHARACTERS or len(held) >= BATCH_ROWS:
                yield pa.RecordBatch.from_pylist(held, schema=ROWS)
                held, size = [], 0
        if held:
            yield pa.RecordBatch.from_pylist(held, schema=ROWS)

    def _rows(self, pieces: Iterable[Row]) -> Iterator[Row]:
        for _, rows in groupby(pieces, key=itemgetter("page_id")):
            yield from self._of_page(rows)

    def _of_page(self, rows: Iterator[Row]) -> Iterator[Row]:
        first = next(rows)
        if first["is_page"]:
            made = group_rows(_group(first, rows, self.settings.max_characters), settings=self.settings)
        else:
            reason = "not_one_parent" if first["page_id"] is None else "no_page"
            made = (left_out(_piece(row), "failed", reason) for row in chain([first], rows))
        return (row | {"chunk": first["chunk"]} for row in made)


def _read(batch: pa.RecordBatch) -> Iterator[Row]:
    """Yield the rows of a batch, READ_ROWS at a time, so that few texts stand in memory twice."""
    for place in range(0, batch.num_rows, READ_ROWS):
        yield from batch.slice(place, READ_ROWS).to_pylist()


def _group(page: Row, texts: Iterable[Row], limit: int) -> Group:
    pieces, gaps, size = [_piece(page)], {}, len(page["text"] or "")
    for row in texts:
        size += len(row["text"] or "")
        if size > limit:  # from here on only the names are held
            pieces = [Piece(one.root, one.id, "", one.nth) for one in pieces]
            row["text"] = ""
        pieces.append(_piece(row))
        if row["gaps"] is not None:
            gaps[row["id"]] = row["gaps"]
    return Group(pieces[0], _facts(page), tuple(pieces[1:]), gaps, too_long=size > limit)


def _piece(row: Row) -> Piece:
    return Piece(row["root"], row["id"], row["text"] or "", row["nth"] or 0)


def _facts(page: Row) -> Row:
    host = urls.host(page["url"])
    return {
        **{name: page[name] for name in ("url", "date", "dump", "page_language")},
        "url_key": urls.url_key(page["url"]),
        "host": host,
        "domain": urls.domain(host),
    }


def weave_pieces(settings: WeaveSettings) -> WeavePieces:
    """Return the function for mapInArrow that weaves megadocs."""
    return WeavePieces(settings)
