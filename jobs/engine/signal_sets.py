"""What was measured: sets of signals, each with a fingerprint of its own, read as one table.

The sets that are missing from a chunk are measured in one pass, and lie together below signals/<pass>/chunk=…; the chunk's marker says
which pass has which set, under which fingerprint. So a fresh run is one table without a join, a new set is measured alone, and only
what reads sets of two passes joins them by id.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from jobs.engine import documents
from jobs.engine.fingerprint import fingerprint
from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from udfs.signals.sets import BY_NAME, SETS, is_of_recipe, schema_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Layout = tuple[tuple[str, tuple[str, ...]], ...]  # passes of a chunk, and the columns to read from each
FOLDER = "signals"
EDITS = {"line_edits": "statistics", "address_edits": "pii"}  # columns of edits, and the set that has each
SETTERS = {field.name: one.name for one in SETS for field in one.fields}
COLUMNS = (*(name for name in SETTERS if name not in EDITS), "edits")


def pass_of(wanted: Mapping[str, str]) -> str:
    """Name the pass that measures these sets under these fingerprints."""
    return fingerprint(sorted(wanted.items()))[:8]


def missing(marker: Mapping[str, Any] | None, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the sets that a chunk does not have under the fingerprint that is wanted."""
    there = (marker or {}).get("sets", {})
    return {name: value for name, value in wanted.items() if there.get(name, {}).get("fingerprint") != value}


def unmeasured(root: Root) -> tuple[str, ...]:
    """Name the columns of the sets that the finished stage does not have; none before it is finished."""
    sets = (root.markers.stage(FOLDER) or {}).get("sets")
    return () if sets is None else tuple(column for column, name in SETTERS.items() if name not in sets)


def signals(
    root: Root,
    columns: Iterable[str] | None = None,
    *,
    chunk: str | Sequence[str] | None = None,
    wanted: Mapping[str, str] | None = None,
) -> "DataFrame":
    """Read id, these signals (or all), error and chunk, of one chunk, of some or of all.

    `wanted` names the sets that count, by fingerprint: those of the finished stage unless given. A signal of any other set is null.
    `edits` is all changes to the text, in order; `error` says why a document could not be measured.
    """
    from pyspark.sql import DataFrame

    sets = wanted if wanted is not None else (root.markers.stage(FOLDER) or {}).get("sets", {})
    every = (*COLUMNS, *(name for name in sets if is_of_recipe(name)))
    names = [name for name in (every if columns is None else columns) if name in COLUMNS or is_of_recipe(name)]
    needed = {source: SETTERS.get(source, source) for name in names for source in (EDITS if name == "edits" else (name,))}
    markers = root.markers.chunks(FOLDER)
    chosen = documents.chunks(root) if chunk is None else [chunk] if isinstance(chunk, str) else chunk
    layouts: dict[Layout, list[str]] = {}
    for name in chosen:
        if name in markers:
            layouts.setdefault(_layout(markers[name], sets, needed), []).append(name)
    parts = [_read(root, layout, chunks, names) for layout, chunks in layouts.items()]
    return reduce(DataFrame.unionByName, parts) if parts else _read(root, (), [], names)


def _layout(marker: Mapping[str, Any], sets: Mapping[str, Any], needed: Mapping[str, str]) -> Layout:
    """Say which columns to read from which pass of a chunk; every pass with a set that counts is asked for its errors."""
    there = marker.get("sets", {})
    passes: dict[str, list[str]] = {there[name]["pass"]: [] for name in sets if name in there}
    for column, name in needed.items():
        if name in sets and name in there:
            passes[there[name]["pass"]].append(column)
    return tuple((name, tuple(columns)) for name, columns in sorted(passes.items()))


def _read(root: Root, layout: Layout, chunks: Sequence[str], names: Sequence[str]) -> "DataFrame":
    from pyspark.sql import functions as F
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    types = {
        field.name: field
        for field in from_arrow_schema(schema_of({*BY_NAME, *(name for name in names if name not in COLUMNS)})).fields
    }
    rows: DataFrame | None = None
    errors: list[Column] = []
    for place, (name, columns) in enumerate(layout):
        schema = StructType([types["id"], *(types[c] for c in columns), types["error"]])
        folders = [f"{FOLDER}/{name}/chunk={chunk}" for chunk in chunks]
        part = root.folders(folders, schema=schema, base=f"{FOLDER}/{name}").withColumnRenamed("error", f"error_{place}")
        errors.append(F.col(f"error_{place}"))
        rows = part if rows is None else rows.join(part, on=["id", "chunk"], how="inner")
    if rows is None:
        rows = small_table(root.spark, [], "id string, chunk string")
    there = {column for _, columns in layout for column in columns}

    def value(name: str) -> "Column":
        if name == "edits":
            none = F.array().cast(types["line_edits"].dataType)
            found = [F.coalesce(F.col(column), none) for column in EDITS if column in there]
            return F.array_sort(F.concat(*found)).alias("edits") if found else none.alias("edits")
        return F.col(name) if name in there else F.lit(None).cast(types[name].dataType).alias(name)

    error = F.coalesce(*errors) if errors else F.lit(None).cast("string")
    return rows.select("id", *(value(name) for name in names), error.alias("error"), "chunk")
