"""A crawl's finished root made by hand: its plan, its markers, and tables of tiny rows by chunk, as every command looks at them.

Ids, addresses and decisions are of each row; measurements repeat after 97 rows, so that the files are small. Ids and addresses are in
no order, as a crawl's are, so that no statistics of a file tell what it lacks. Chunks after the first few may be links to the files of
those. Then ids are met again. A command that joins by ids, as `report` does, then has far more to do than in a crawl.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.annotate.stage import wanted
from jobs.dedup.tables import DECISIONS
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Context
from jobs.engine.local_store import LocalStore
from jobs.engine.markers import write_json
from jobs.filter.stage import DECISIONS as FILTERED
from udfs.documents.file_row import FileRange
from udfs.documents.schema import DOCUMENT_FIELDS, FILE_FIELDS
from udfs.signals.sets import schema_of

TEXT = "A short page about the ferry that leaves the harbour at nine, and carries no cars."
EMPTY, SHORT, DUPLICATE = (
    5,
    4,
    10,
)  # one row in so many has no text; of the rest one is too short; of that rest one is a duplicate
HOSTS = 1_000
PERIOD = 97  # rows after which measurements repeat


@dataclass(frozen=True)
class Size:
    """Say how large the root is: chunks, files of a chunk, rows of a chunk, and chunks whose rows are no other chunk's."""

    chunks: int
    files: int
    rows: int
    distinct: int

    @cached_property
    def paths(self) -> list[str]:
        """Name the files of the crawl."""
        return [f"s3://commoncrawl/crawl-data/{number:06d}.warc.gz" for number in range(self.chunks * self.files)]

    def of(self, chunk: int) -> list[str]:
        """Name the files of a chunk."""
        return self.paths[chunk * self.files : (chunk + 1) * self.files]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Count the rows of all chunks that each stage gets."""
        extracted = sum(row % EMPTY != 0 for row in range(self.rows))
        filtered = sum(place % SHORT != 0 for place in range(extracted))
        deduped = filtered - sum(place % DUPLICATE == 1 for place in range(filtered))
        found = {"extract": self.rows, "annotate": extracted, "filter": extracted, "dedup": filtered, "publish": deduped}
        return {name: count * self.chunks for name, count in found.items()}


def row_ids(chunk: int, rows: int) -> pa.Array:
    """Return the ids of a chunk's documents: drawn at random, the same ones every time."""
    drawn = np.frombuffer(np.random.default_rng(chunk).bytes(16 * rows).hex().encode(), np.uint8).reshape(rows, 32)
    marks = [np.broadcast_to(np.frombuffer(mark, np.uint8), (rows, len(mark))) for mark in (b"<urn:uuid:", b"-", b">")]
    groups = np.split(drawn, (8, 12, 16, 20), axis=1)
    first, dash, last = marks
    parts = [first, groups[0], *(part for group in groups[1:] for part in (dash, group)), last]
    text = np.ascontiguousarray(np.concatenate(parts, axis=1))
    ends = np.arange(0, text.size + 1, text.shape[1], dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(text))


def addresses(ids: pa.Array) -> pa.Array:
    """Return the addresses of documents with these ids, of one host after another."""
    hosts = of_few(np.arange(len(ids)) % HOSTS, [f"https://www.host{host}.example/" for host in range(HOSTS)])
    return pc.binary_join_element_wise(hosts.cast(pa.string()), pc.utf8_slice_codeunits(ids, 10, 46), "")


def write_root(context: Context, size: Size) -> None:
    """Write markers and tables of a finished run below the context's root; `_stage.json` of the corpus is written last."""
    store, names = LocalStore(context.root.path), [f"{number:05d}" for number in range(size.chunks)]
    how = context.job(context.source).how()
    annotate = context.job(context.stage("annotate"))
    sets = {name: {"fingerprint": value, "pass": "first"} for name, value in wanted(annotate).items()}
    write_json(store, "recipe.json", context.recipe.as_json())
    write_json(store, "duplicate_ids.json", {"records": 0})
    facts = {"files": size.files, "good_files": size.files, "failed_files": [], "pages": size.rows, "kept": size.rows}
    tables = Tables(size, signals=schema_of(set(sets)))
    for number, name in enumerate(names):
        ranges = [asdict(FileRange(path, number)) for path in size.of(number)]
        write_json(store, f"plan/{name}.json", {"files": ranges})
        if number < size.distinct or number == size.chunks - 1:
            tables.write(Path(context.root.path), number, name)
        else:
            link(Path(context.root.path), names[number % size.distinct], name)
        write_json(store, f"documents/_chunks/{name}.json", {"fingerprint": how, **facts})
        write_json(store, f"signals/_chunks/{name}.json", {"fingerprint": fingerprint(sets), "sets": sets})
        write_json(store, f"corpus/_chunks/{name}.json", {"fingerprint": "x", "files": 1})
    for stage, after in zip(context.stages, (*context.stages[1:], None), strict=True):
        came = size.counts[stage.name]
        kept = size.counts[after.name] if after is not None else came
        reason = {"extract": "empty_text", "filter": "few_words", "dedup": "near_duplicate"}.get(stage.name)
        ledger = {"in": came, "in_id_sum": "0", "kept": kept, "kept_id_sum": "0", "failed": {}}
        ledger |= {"dropped": {reason: came - kept} if reason is not None else {}}
        marker: dict[str, Any] = {"stage": stage.name, "fingerprint": context.job(stage).key(), "ledger": ledger}
        marker |= {"sets": sets} if stage.name == "annotate" else {}
        write_json(store, f"{stage.folder}/_stage.json", marker)


@dataclass(frozen=True)
class Tables:
    """Make the tables of one chunk after another; what all chunks share is made once."""

    size: Size
    signals: pa.Schema

    @cached_property
    def extracted(self) -> pa.Array:
        """Return the places of the rows that have a text."""
        return pa.array([row for row in range(self.size.rows) if row % EMPTY])

    @cached_property
    def filtered(self) -> pa.Array:
        """Return the places, among all, of the rows that the filter keeps."""
        return self.extracted.filter(pa.array([place % SHORT != 0 for place in range(len(self.extracted))]))

    @cached_property
    def duplicates(self) -> pa.Array:
        """Tell of each row that the filter keeps whether it is a duplicate of the one before it."""
        return pa.array([place % DUPLICATE == 1 for place in range(len(self.filtered))])

    @cached_property
    def measured(self) -> dict[str, pa.Array]:
        """Return the measurements of the rows that have a text."""
        return measurements(self.signals, len(self.extracted))

    def write(self, root: Path, number: int, name: str) -> None:
        """Write all tables of a chunk."""
        ids = row_ids(number, self.size.rows)
        own, few = ids.take(self.extracted), ids.take(self.filtered)
        documents = f"documents/chunk={name}"
        _save(root / documents / "kind=document", self._documents(number, ids))
        _save(root / documents / "kind=file", self._files(number))
        _save(root / f"signals/first/chunk={name}", filled(self.signals, {**self.measured, "id": own}, len(own)))
        _save(root / f"decisions/filter/chunk={name}", self._filtered(own))
        _save(root / f"decisions/dedup/chunk={name}", self._deduped(few))
        kept = few.filter(pc.invert(self.duplicates))
        corpus = {"id": kept, "text": constant(TEXT, len(kept)), "token_count": pa.array([20] * len(kept), pa.int64())}
        _save(root / f"corpus/dump=TINY/language=en/chunk={name}", pa.table(corpus))

    def _documents(self, number: int, ids: pa.Array) -> pa.Table:
        rows, own = self.size.rows, self.size.of(number)
        places = np.arange(rows)
        hosts = [f"www.host{host}.example" for host in range(HOSTS)]
        known = {
            "id": ids,
            "url": addresses(ids),
            "host": of_few(places % HOSTS, hosts),
            "domain": of_few(places % HOSTS, [host.removeprefix("www.") for host in hosts]),
            "date": constant("2026-01-01T00:00:00Z", rows),
            "dump": constant("TINY", rows),
            "file_path": of_few(places % len(own), own),
            "offset": pa.array(places),
            "text": of_few(places % EMPTY == 0, [TEXT, None]),
            "mime": constant("text/html", rows),
            "outcome": of_few(places % EMPTY == 0, ["extracted", "dropped"]),
            "reason": of_few(places % EMPTY == 0, [None, "empty_text"]),
        }
        return filled(DOCUMENT_FIELDS, known, rows, file=False)

    def _files(self, number: int) -> pa.Table:
        own = self.size.of(number)
        records = [("response", self.size.rows // len(own))]
        rows = [
            {"file_path": path, "start": 0, "end": 1_000, "records": records, "spans_skipped": [], "outcome": "read"}
            | {"bytes_records": 1_000, "bytes_skipped": 0, "seconds": 1.0}
            for path in own
        ]
        file = pa.array(rows, pa.struct(list(FILE_FIELDS)))
        nothing = {field.name: pa.nulls(len(own), field.type) for field in DOCUMENT_FIELDS}
        return pa.table({**nothing, "file": file})

    def _filtered(self, ids: pa.Array) -> pa.Table:
        short = np.arange(len(ids)) % SHORT == 0
        lists = pa.array([[], ["few_words"]], pa.list_(pa.string())).take(pa.array(short.astype(int)))
        known = {"id": ids, "outcome": of_few(short, ["kept", "dropped"]), "reason": of_few(short, [None, "few_words"])}
        none = pa.array([[]], pa.list_(pa.string())).take(pa.array(np.zeros(len(ids), int)))
        return filled(FILTERED.schema, {**known, "broken": lists, "unmeasured": none, "outside": none}, len(ids))

    def _deduped(self, ids: pa.Array) -> pa.Table:
        gone = self.duplicates.to_numpy(zero_copy_only=False)
        before = ids.take(pa.array(np.maximum(np.arange(len(ids)) - 1, 0)))
        witness = pc.if_else(self.duplicates, before, None)
        leads = np.append(gone[1:], False)
        known = {
            "id": ids,
            "outcome": of_few(gone, ["kept", "dropped"]),
            "reason": of_few(gone, [None, "near_duplicate"]),
            "duplicate_of": witness,
            "similarity": pc.if_else(self.duplicates, 0.9, None),
            "group_id": pc.coalesce(witness, ids),
            "group_size": pa.array(np.where(gone | leads, 2, 1)),
        }
        return filled(DECISIONS.schema, known, len(ids))


def measurements(schema: pa.Schema, rows: int) -> dict[str, pa.Array]:
    """Return numbers for every signal that is one."""
    place = np.arange(rows)
    found: dict[str, pa.Array] = {"language": constant("en", rows)}
    for nth, field in enumerate(schema):
        values = (place * (nth + 1)) % PERIOD
        if pa.types.is_floating(field.type):
            found[field.name] = pa.array(values / PERIOD, field.type)
        elif pa.types.is_integer(field.type):
            found[field.name] = pa.array(values, field.type)
        elif pa.types.is_boolean(field.type):
            found[field.name] = pa.array(values % 2 == 0)
    return found


def filled(schema: pa.Schema, known: Mapping[str, pa.Array], rows: int, *, file: bool = True) -> pa.Table:
    """Make a table of a schema: nulls where nothing is known; without `file` a column of null file rows follows."""
    columns = {field.name: known.get(field.name, pa.nulls(rows, field.type)) for field in schema}
    more = {} if file else {"file": pa.nulls(rows, pa.struct(list(FILE_FIELDS)))}
    return pa.table({**columns, **more})


def constant(value: str, rows: int) -> pa.Array:
    """Return a value for every row."""
    return of_few(np.zeros(rows, int), [value])


def of_few(which: Any, values: Sequence[str | None]) -> pa.Array:
    """Return the value of each row by its place in a short list; a null there is a null of the rows."""
    places = np.asarray(which).astype(np.int32)
    nulls = np.array([value is None for value in values])[places]
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=nulls), pa.array([value or "" for value in values]))


def link(root: Path, chunk: str, name: str) -> None:
    """Give another chunk the files of one."""
    for folder in [
        *root.glob(f"*/*/chunk={chunk}"),
        root / f"documents/chunk={chunk}",
        *root.glob(f"corpus/*/*/chunk={chunk}"),
    ]:
        for file in folder.rglob("*.parquet"):
            other = folder.with_name(f"chunk={name}") / file.relative_to(folder)
            other.parent.mkdir(parents=True, exist_ok=True)
            other.hardlink_to(file)


def _save(folder: Path, table: pa.Table) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part-0.parquet", compression="zstd", store_schema=False)
