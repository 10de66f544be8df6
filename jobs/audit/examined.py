"""The removals of a sample with both texts, compared in Python workers: only the chunks that hold a text are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.audit.removals import Removal, chunks_of, stages
from jobs.engine import documents, signal_sets
from jobs.engine.job import Context
from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from udfs.audit.pairs import COMPARED, COUNTS, compare_pairs

URL_CHARACTERS = 500
PLACES = "pair bigint, side string, id string"
Run = tuple[str, bool]


@dataclass(frozen=True)
class Side:
    """Hold one of two texts: its words, those that the other lacks, the same of its sentences, and the stretches to show."""

    id: str
    url: str
    date: str
    words: int
    lacked: int
    prose: int
    lacked_prose: int
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Pair:
    """Hold a removal with both texts, or say why there are not two to compare."""

    removal: Removal
    removed: Side | None
    kept: Side | None
    missing: str | None = None


def examine(context: Context, chosen: Sequence[Removal]) -> list[Pair]:
    """Read both texts of each removal and compare them, in the order that is given.

    The texts of published dumps are read from the roots of their runs. What comes to the driver is cut for the page.
    """
    places, missing = _places(context, chosen)
    if not places:
        return [Pair(removal, None, None, missing.get(at)) for at, removal in enumerate(chosen)]
    texts = reduce(DataFrame.unionByName, [_texts(root, found) for root, found in places])
    columns = ("text", "edits", "url", "date")
    removed, kept = (
        texts.where(F.col("side") == side).select("pair", *(F.col(name).alias(f"{side}_{name}") for name in columns))
        for side in ("removed", "kept")
    )
    both = removed.join(kept, on="pair", how="inner")
    rows = {
        row["pair"]: row.asDict(recursive=True) for row in both.mapInArrow(compare_pairs, from_arrow_schema(COMPARED)).collect()
    }
    return [_pair(removal, rows.get(at), missing.get(at)) for at, removal in enumerate(chosen)]


def _pair(removal: Removal, row: Mapping[str, Any] | None, missing: str | None) -> Pair:
    if row is None:
        return Pair(removal, None, None, missing or "its text is gone")
    if row["error"] is not None:
        return Pair(removal, None, None, f"the texts could not be compared: {row['error']}")
    removed, kept = (_side(row, side, id) for side, id in (("removed", removal.id), ("kept", removal.kept)))
    return Pair(removal, removed, kept)


def _side(row: Mapping[str, Any], side: str, id: str) -> Side:
    runs = tuple((run["text"], run["lacked"]) for run in row[f"{side}_runs"])
    counts = {name: row[f"{side}_{name}"] for name in COUNTS}
    return Side(id, str(row[f"{side}_url"] or ""), str(row[f"{side}_date"] or ""), **counts, runs=runs)


Wanted = list[tuple[int, str, str, str]]  # pair, side, id, chunk


def _places(context: Context, chosen: Sequence[Removal]) -> tuple[list[tuple[Root, Wanted]], dict[int, str]]:
    """Say in which root and chunk each text lies; and of the pairs of which one is nowhere, why."""
    own: Wanted = [(at, "removed", removal.id, removal.chunk) for at, removal in enumerate(chosen)]
    missing: dict[int, str] = {}
    found: list[tuple[Root, Wanted]] = []
    pinned = _pinned(context)
    for dump in sorted({removal.dump or "" for removal in chosen}):
        mine = [(at, removal.kept) for at, removal in enumerate(chosen) if (removal.dump or "") == dump]
        root = context.root if not dump else _root_of(context, pinned.get(dump))
        there = _chunks(context, root, pinned.get(dump), [kept for _, kept in mine]) if root is not None else {}
        wanted = [(at, "kept", kept, there[kept]) for at, kept in mine if kept in there]
        reason = f"the documents of {dump} are gone" if dump else "the document that it lost to is gone"
        missing |= {at: reason for at, kept in mine if kept not in there}
        if root is not None and wanted:
            found.append((root, wanted))
    own = [one for one in own if one[0] not in missing]
    return ([(context.root, own), *found] if own else []), missing


def _pinned(context: Context) -> dict[str, Mapping[str, Any]]:
    """Return what the stages' markers say of published dumps, by name: `root` is that of its run, `folder` its place in the index."""
    stages = [context.root.markers.stage(stage.folder) or {} for stage in context.stages if stage.decisions is not None]
    pins = [pin for marker in stages if isinstance(marker.get("pinned"), list) for pin in marker["pinned"]]
    return {str(pin["name"]): pin for pin in pins if isinstance(pin, Mapping) and {"name", "root", "folder"} <= pin.keys()}


def _root_of(context: Context, pin: Mapping[str, Any] | None) -> Root | None:
    """Open the root of a published dump's run; None if nothing says where it is, or its documents are gone."""
    root = Root(context.root.spark, str(pin["root"])) if pin is not None else None
    return root if root is not None and documents.finished(root) else None


def _chunks(context: Context, root: Root, pin: Mapping[str, Any] | None, ids: list[str]) -> dict[str, str]:
    """Find the chunks of kept documents: in this run's decisions, or in what the index lists of a dump. No text is read for it."""
    if pin is None:
        table = stages(context)[0].decisions  # the first of them has the documents of all
        assert table is not None
        return chunks_of(root.read(table), ids)
    listed = Root(root.spark, str(pin["folder"])).product("documents")
    return chunks_of(listed, ids) if listed is not None else {}


def _texts(root: Root, wanted: Wanted) -> DataFrame:
    """Return pair, side, text, edits, url, date of the documents that are there, of their chunks alone."""
    there = set(documents.chunks(root))
    chunks = sorted({chunk for *_, chunk in wanted} & there)
    some = F.broadcast(small_table(root.spark, [one[:3] for one in wanted], PLACES))
    edits = signal_sets.signals(root, ("edits",), chunk=chunks).select("id", "chunk", "edits").join(some, on="id", how="inner")
    url = F.substring("url", 1, URL_CHARACTERS).alias("url")
    texts = documents.documents(root, chunks).select("id", "chunk", "text", url, "date")
    return texts.join(F.broadcast(edits), on=["id", "chunk"], how="inner").drop("id", "chunk")
