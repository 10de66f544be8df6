"""Count and draw the documents of corpora inside Python workers: file indices in, counts or document rows out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import pyarrow as pa

from udfs.corpus.worker import ReadFiles
from udfs.documents.batches import batched
from udfs.documents.file_row import Row
from udfs.documents.isolated_files import isolated_files
from udfs.isolation.isolated import ChildDied, Isolated
from udfs.mix.counter import Counter, whole_number
from udfs.mix.draw import Draw, key_of

COPIES = "copies"  # the column that sampling writes
NOT_DRAWN = "not_drawn"
GROUP = 64  # texts that are counted at once
OF_DOCUMENTS = {"language": "page_language"}  # what a document calls a column of its corpus
# A row a document, and one a file that cannot be read, which has only `failed`.
COUNT_ROWS = pa.schema(
    [
        ("corpus", pa.string()),
        ("id", pa.string()),
        ("key", pa.int64()),
        ("tokens", pa.int64()),
        ("base", pa.int64()),  # copies that the corpus itself gives the document
        ("facts", pa.map_(pa.string(), pa.string())),
        ("failed", pa.string()),
    ]
)


@dataclass(frozen=True)
class CountFiles:
    """Turn batches of a column `id`, indices into the reader's files, into batches of COUNT_ROWS. No text leaves the worker.

    `facts` are columns of documents, or carried ones, by which the mix is told later.
    """

    reader: ReadFiles
    counter: Counter
    seed: int
    facts: tuple[str, ...]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Count file by file, GROUP documents at a time; if the reader is to isolate files, each in a child process."""
        if self.reader.isolate:
            yield from self._isolated(batches)
            return
        count = self.counter.open()
        numbers = (number for batch in batches for number in batch.column("id").to_pylist())
        read = (row for number in numbers for row in self.reader.rows(self.reader.files[number]))
        wanted = (row for row in read if row.get("file") or row["document"]["outcome"] == "extracted")
        while group := list(islice(wanted, GROUP)):
            documents = [row["document"] for row in group if row.get("document")]
            tokens = count(documents)
            rows = [self._counted(row, n) for row, n in zip(documents, tokens, strict=True)]
            told = [row["file"] for row in group if row.get("file")]
            rows += [{"failed": f"{row['file_path']}: {row['error']}"} for row in told if row["outcome"] == "failed"]
            yield pa.RecordBatch.from_pylist(rows, schema=COUNT_ROWS)

    def _isolated(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with Isolated(replace(self, reader=replace(self.reader, isolate=False))) as child:
            for batch in batches:
                for place, number in enumerate(batch.column("id").to_pylist()):
                    try:
                        yield from child.run(batch.slice(place, 1))
                    except ChildDied as died:
                        file = self.reader.files[number].file_path
                        row = {"failed": f"{file}: reading it killed the process: {died}"}
                        yield pa.RecordBatch.from_pylist([row], schema=COUNT_ROWS)

    def _counted(self, row: Row, tokens: int) -> Row:
        carried = dict(row["carried"] or ())
        facts = {name: row.get(OF_DOCUMENTS.get(name, name)) or carried.get(name) for name in self.facts}
        return {
            "corpus": row["corpus"],
            "id": row["id"],
            "key": key_of(row["id"], seed=self.seed, corpus=row["corpus"]),
            "tokens": tokens,
            "base": base_of(row),
            "facts": [(name, value) for name, value in facts.items() if value is not None],
        }


@dataclass(frozen=True)
class DrawFiles:
    """Turn batches of a column `id`, indices into the reader's files, into batches of ROW_SCHEMA: documents with their copies.

    A document that is not drawn has a row without text. `carry` are the carried columns that the recipe asks for.
    """

    reader: ReadFiles
    draws: Mapping[str, Draw]
    carry: tuple[str, ...]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Draw file by file."""
        if self.reader.isolate:
            yield from isolated_files(replace(self, reader=replace(self.reader, isolate=False)), self.reader.files, batches)
            return
        for batch in batches:
            for number in batch.column("id").to_pylist():
                yield from batched(self._drawn(row) for row in self.reader.rows(self.reader.files[number]))

    def _drawn(self, row: Row) -> Row:
        document = row.get("document")
        if document is None:
            return row
        carried = [(name, value) for name, value in document.get("carried") or () if name in self.carry]
        made: Row = document | {"carried": carried if self.carry else None}
        if made["outcome"] != "extracted":
            return {"document": made}
        copies = self.draws[made["corpus"]].copies(made["id"], base=base_of(document))
        made |= {"copies": copies}
        if not copies:
            made |= {"text": None, "outcome": "dropped", "reason": NOT_DRAWN}
        return {"document": made}


@dataclass(frozen=True)
class DrawCounts:
    """Turn batches of COUNT_ROWS into the same with `copies`: how often each document stands in the mix."""

    draws: Mapping[str, Draw]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Draw row by row, by the same rule as the documents."""
        for batch in batches:
            names = zip(*(batch.column(name).to_pylist() for name in ("corpus", "id", "base")), strict=True)
            copies = [self.draws[corpus].copies(document, base=base) for corpus, document, base in names]
            yield batch.append_column("copies", pa.array(copies, pa.int64()))


def base_of(document: Row) -> int:
    """Return the copies that the corpus gives a document; one without the column has one."""
    found = whole_number(dict(document["carried"] or ()).get(COPIES))
    return 1 if found is None else found
