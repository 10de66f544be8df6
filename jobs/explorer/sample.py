"""Draws the documents of the map, and reads what the page says of them; what comes to the driver is bounded by their number."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, NumericType

from jobs.engine import signal_sets
from jobs.engine.documents import documents
from jobs.engine.job import Context
from jobs.engine.small_table import small_table
from jobs.explorer.data import NO_STORY, NOT_KNOWN, Points, Story
from jobs.explorer.outcomes import place
from jobs.explorer.sample_size import TEXT_CHARACTERS
from jobs.explorer.strata import Stratum
from udfs.vectors.half import STORED, Vectors, unpacked

TITLE_CHARACTERS = 300
URL_CHARACTERS = 500
EMBEDDING = "embedding"
WITNESS = "duplicate_of"
VALUES = ("similarity", "cosine", "distance_to_centroid", "cluster", "value", "copies")  # of decisions, where a stage has them


def drawn(ended: DataFrame, strata: tuple[Stratum, ...]) -> pa.Table:
    """Return id, stratum of the documents with the smallest hashes of each stratum, as many as it shows, in order of their hashes.

    The bound on the hash is a filter of the scans. At most some per cent more rows than are shown come to the driver.
    """
    bounds = [(place_, s.stage, s.outcome, s.reason, s.bound) for place_, s in enumerate(strata) if s.shown]
    if not bounds:
        return pa.table({"id": pa.array([], pa.string()), "stratum": pa.array([], pa.int64())})
    names = "stratum long, stage string, outcome string, reason string, bound long"
    small = F.broadcast(small_table(ended.sparkSession, bounds, names))
    highest = max(bound for *_, bound in bounds)
    rows = ended.withColumn("place", place()).where(F.col("place") < highest)
    rows = rows.join(small, on=["stage", "outcome", "reason"], how="inner").where(F.col("place") < F.col("bound"))
    found = (
        rows.select("id", "stratum", "place")
        .toArrow()
        .sort_by([("stratum", "ascending"), ("place", "ascending"), ("id", "ascending")])
    )
    stratum = found["stratum"].to_numpy()
    first = np.searchsorted(stratum, stratum)
    chosen = np.arange(len(stratum)) - first < np.array([one.shown for one in strata])[stratum]
    return found.filter(pa.array(chosen)).sort_by([("place", "ascending"), ("id", "ascending")]).select(["id", "stratum"])


def points(context: Context, chosen: pa.Table) -> Points:
    """Read the facts of the chosen documents: some 2 KB each, and their vectors. Every table is scanned once, and none is shuffled."""
    root = context.root
    wanted = F.broadcast(root.spark.createDataFrame(chosen.select(["id"])))
    ids: list[str] = chosen["id"].to_pylist()
    facts = _by_id(_facts(documents(root)), wanted)
    measured, arrays = _signals(context, wanted)
    stories = _stories(context, wanted)
    none: dict[str, Any] = {}
    rows = [facts.get(id, none) for id in ids]
    return Points(
        stratum=chosen["stratum"].to_numpy(),
        urls=tuple(_clean(row.get("url")) or _clean(id) for id, row in zip(ids, rows, strict=True)),
        titles=tuple(_clean(row.get("title")) for row in rows),
        texts=tuple(row.get("text") or "" for row in rows),
        languages=tuple(
            _clean(measured.get(id, none).get("language") or row.get("gate_language")) or NOT_KNOWN
            for id, row in zip(ids, rows, strict=True)
        ),
        domains=tuple(_clean(row.get("domain")) or NOT_KNOWN for row in rows),
        signals={name: np.array([_number(measured.get(id, none).get(name)) for id in ids]) for name in arrays},
        stories=tuple(stories.get(id, NO_STORY) for id in ids),
        embedding=_embedding(ids, measured),
    )


def _facts(table: DataFrame) -> DataFrame:
    def text(name: str, characters: int) -> Column:
        return F.substring(F.col(name), 1, characters).alias(name)

    return table.select(
        "id",
        text("url", URL_CHARACTERS),
        text("title", TITLE_CHARACTERS),
        text("domain", 200),
        "gate_language",
        text("text", TEXT_CHARACTERS),
    )


def _by_id(table: DataFrame, wanted: DataFrame) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in table.join(wanted, on="id", how="left_semi").toArrow().to_pylist()}


def _signals(context: Context, wanted: DataFrame) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    """Return what was measured of each document by id, and the names of the signals that are numbers."""
    root = context.root
    if root.markers.stage(signal_sets.FOLDER) is None:
        return {}, ()
    table = signal_sets.signals(root).drop(*signal_sets.unmeasured(root))
    numbers = [one.name for one in table.schema.fields if isinstance(one.dataType, NumericType | BooleanType)]
    others = [name for name in ("language", EMBEDDING) if name in table.columns]
    quoted = [F.col(f"`{name}`") for name in (*others, *numbers)]
    return _by_id(table.select("id", *quoted), wanted), tuple(numbers)


def _stories(context: Context, wanted: DataFrame) -> dict[str, Story]:
    """Return what the deciding stages say of each document; a later stage's word stands over an earlier one's."""
    root = context.root
    found: dict[str, dict[str, Any]] = {}
    for stage in context.stages:
        if stage.decisions is not None and root.markers.stage(stage.folder) is not None:
            table = root.read(stage.decisions)
            told = [name for name in ("broken", WITNESS, *VALUES) if name in table.columns]
            for id, row in _by_id(table.select("id", *told), wanted).items() if told else ():
                found.setdefault(id, {}).update({name: value for name, value in row.items() if value not in (None, [])})
    urls = _urls(context, {str(row[WITNESS]) for row in found.values() if row.get(WITNESS)})
    return {id: story for id, row in found.items() if (story := _story(row, urls)) != NO_STORY}


def _urls(context: Context, ids: set[str]) -> dict[str, str]:
    """Return the URLs of the documents that others lost to; one of an earlier dump has none here."""
    if not ids:
        return {}
    wanted = F.broadcast(small_table(context.root.spark, [(id,) for id in sorted(ids)], "id string"))
    table = documents(context.root).select("id", F.substring("url", 1, URL_CHARACTERS).alias("url"))
    return {id: _clean(row["url"]) for id, row in _by_id(table, wanted).items() if row["url"]}


def _story(row: Mapping[str, Any], urls: Mapping[str, str]) -> Story:
    witness = str(row.get(WITNESS) or "")
    values = [(name, number) for name in VALUES if (number := _number(row.get(name))) == number]
    return Story(tuple(row.get("broken") or ()), urls.get(witness) or _clean(witness), tuple(values))


def _embedding(ids: Iterable[str], measured: Mapping[str, Mapping[str, Any]]) -> Vectors | None:
    stored = [measured.get(id, {}).get(EMBEDDING) for id in ids]
    width = next((len(one) for one in stored if one), 0)
    if not width:
        return None
    return unpacked([one or bytes(width) for one in stored]) if width % STORED.itemsize == 0 else None


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _clean(value: Any) -> str:
    """Return a short text on one line."""
    return " ".join(str(value or "").split())
