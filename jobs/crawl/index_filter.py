"""What the index chooses: a row for every WARC with its chosen records, kept below the root, and its sums on the driver."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.crawl.cc_index import read_index
from jobs.crawl.settings import IndexFilter
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from udfs.documents.file_row import FileRange

TABLE = "plan/selected"
MARKER = "_selection.json"  # written last
# the gaps between a WARC's chosen records that are too large to be read through; offsets are sorted
GAPS = """
    CASE WHEN size(offsets) > 1 THEN filter(
        transform(sequence(1, size(offsets) - 1), i -> offsets[i] - offsets[i - 1] - lengths[i - 1]), gap -> gap > {gap}
    ) ELSE array() END
"""


@dataclass(frozen=True)
class Warc:
    """Say what the index chooses of one WARC, and what reading it takes; `end` is where the last chosen record ends."""

    records: int
    bytes_records: int
    bytes_requested: int
    requests: int
    end: int


@dataclass(frozen=True)
class Selection:
    """Hold the WARCs with chosen records, by their names in the index; `key` names the table of the records."""

    key: str
    warcs: dict[str, Warc]

    def names(self, locations: Iterable[str]) -> dict[str, str]:
        """Return the locations that have chosen records, each with its WARC's name: a location ends in that name.

        Raises RecipeError if none has, or if two are the same WARC.
        """
        found: dict[str, str] = {}
        for location in locations:
            name = self._name(location)
            if name in found:
                raise RecipeError(
                    f"{found[name]} and {location} are both {name!r} to the index, and its records would be read twice; nothing was run. "
                    f"Take one out of [run] input"
                )
            if name is not None:
                found[name] = location
        if not found:
            some = next(iter(self.warcs), None)
            what = f"names WARCs such as {some!r}" if some else "chooses no record by [extract.index_filter] where"
            raise RecipeError(
                f"the index {what}, and no location of [run] input ends in one: there is nothing to run. Mend either"
            )
        return {location: name for name, location in found.items()}

    def _name(self, location: str) -> str | None:
        """Find the index's name for a location: what follows some slash of it, or all of it."""
        rest = location
        while rest not in self.warcs:
            _, slash, rest = rest.partition("/")
            if not slash:
                return None
        return rest


def selection_key(spark: SparkSession, index_filter: IndexFilter) -> str:
    """Fingerprint what is chosen: the predicate and the index's files by name."""
    return fingerprint(index_filter.where, sorted(read_index(spark, index_filter.index).inputFiles()))


def choose(root: Root, index_filter: IndexFilter, *, key: str) -> Selection:
    """Read the index, unless that was done before, keep the chosen records below the root, and return their sums."""
    table = f"{TABLE}/{key}"
    if root.read_json(f"{table}/{MARKER}") is None:
        rows = read_index(root.spark, index_filter.index)
        _by_warc(rows.where(index_filter.where)).write.mode("overwrite").parquet(root.at(table))
        root.write_json(f"{table}/{MARKER}", index_filter.model_dump(mode="json"))
    return Selection(key, _sums(root.table(table), gap=int(index_filter.max_gap_mb * (1 << 20))))


def filter_of(root: Root, key: str | None) -> IndexFilter | None:
    """Return the [extract.index_filter] by which a stored selection was made, None for a plan without one."""
    stored = root.read_json(f"{TABLE}/{key}/{MARKER}")
    return IndexFilter.model_validate(stored) if stored is not None else None


def balanced(files: Sequence[FileRange], *, selection: Selection, chunk_files: int) -> list[list[FileRange]]:
    """Cut files into chunks with about as many chosen bytes as `chunk_files` whole WARCs have, all about equal.

    The work is in the records, not in the gaps between them. The end of a WARC's last chosen record stands for its size.
    """
    if not files:
        return []
    names = selection.names(file.file_path for file in files)
    wholes = [
        replace(file, warc=names[file.file_path], chosen=selection.warcs[names[file.file_path]].records) for file in files
    ]
    warcs = [selection.warcs[names[file.file_path]] for file in wholes]
    total, ends = sum(warc.bytes_records for warc in warcs), sum(warc.end for warc in warcs)
    chunks = math.ceil(total / (chunk_files * ends / len(warcs)))
    groups: dict[int, list[FileRange]] = {}
    before = 0
    for file, warc in zip(wholes, warcs, strict=True):
        groups.setdefault((before + warc.bytes_records // 2) * chunks // total, []).append(file)
        before += warc.bytes_records
    return list(groups.values())


def _by_warc(records: DataFrame) -> DataFrame:
    """Make a row for every WARC: its chosen records' offsets, sorted, and lengths; WARCs in order of name, to be found by it."""
    span = F.struct(F.col("warc_record_offset").cast("long").alias("o"), F.col("warc_record_length").cast("long").alias("l"))
    grouped = records.groupBy("warc_filename").agg(F.sort_array(F.collect_set(span)).alias("spans"))
    return grouped.selectExpr("warc_filename", "spans.o AS offsets", "spans.l AS lengths").sort("warc_filename")


def _sums(table: DataFrame, *, gap: int) -> dict[str, Warc]:
    last = "element_at(offsets, -1) + element_at(lengths, -1)"
    rows = table.withColumn("gaps", F.expr(GAPS.format(gap=gap))).selectExpr(
        "warc_filename",
        "size(offsets) AS records",
        "aggregate(lengths, 0L, (sum, length) -> sum + length) AS bytes",
        f"{last} - offsets[0] - aggregate(gaps, 0L, (sum, gap) -> sum + gap) AS requested",
        "1 + size(gaps) AS requests",
        f"{last} AS end",
    )
    return {
        row["warc_filename"]: Warc(row["records"], row["bytes"], row["requested"], row["requests"], row["end"])
        for row in rows.orderBy("warc_filename").collect()
    }


def with_records(work: DataFrame, root: Root, files: Sequence[FileRange], *, key: str) -> DataFrame:
    """Join a chunk's `id`, indices into `files`, to the chosen records: adds `offsets` and `lengths`, and moves no id."""
    names = [(number, file.warc) for number, file in enumerate(files)]
    numbered = small_table(root.spark, names, "id long, warc_filename string")
    near = F.col("warc_filename").between(min(str(file.warc) for file in files), max(str(file.warc) for file in files))
    chosen = root.table(f"{TABLE}/{key}").where(near).join(F.broadcast(numbered), on="warc_filename", how="inner")
    return work.join(F.broadcast(chosen.select("id", "offsets", "lengths")), on="id", how="inner")
