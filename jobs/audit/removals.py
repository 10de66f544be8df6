"""What went as a duplicate, by reason and similarity, and a sample of each such stratum by hash of id."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import sqrt
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.audit.shares import quotas
from jobs.engine.job import Context
from jobs.engine.small_table import small_table
from jobs.engine.stage import Stage

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # of the bands of similarity
MEASURES = ("similarity", "cosine")  # the column that says how alike, whichever a stage has
HASHES = 1 << 64


@dataclass(frozen=True)
class Stratum:
    """Name removals of one stage, reason and band of similarity: `band` is its lower edge, -1 where nothing was measured."""

    stage: str
    reason: str
    band: float

    @property
    def name(self) -> str:
        """Say which removals these are."""
        if self.band < 0:
            return self.reason
        if self.band >= EDGES[-1]:
            return f"{self.reason}, 1"
        above = next(edge for edge in EDGES if edge > self.band)
        return f"{self.reason}, {self.band:g} to {above:g}"


@dataclass(frozen=True)
class Removal:
    """Name a removed document, where it lies, and the document that it lost to, perhaps one of another dump."""

    stratum: Stratum
    id: str
    chunk: str
    kept: str
    dump: str | None
    similarity: float | None


def stages(context: Context) -> list[Stage[Any]]:
    """List the finished stages that name, for what they remove, the document that stays."""
    return [
        stage
        for stage in context.stages
        if stage.decisions is not None
        and "duplicate_of" in stage.decisions.schema.names
        and context.root.markers.stage(stage.folder) is not None
    ]


def removals(context: Context) -> DataFrame | None:
    """Return stage, reason, band, id, chunk, kept, dump, similarity of all that went as duplicates; None if no stage looks for any."""
    found = [_of(context, stage) for stage in stages(context)]
    return reduce(DataFrame.unionByName, found) if found else None


def _of(context: Context, stage: Stage[Any]) -> DataFrame:
    assert stage.decisions is not None
    names = stage.decisions.schema.names
    measure = next((F.col(name) for name in MEASURES if name in names), F.lit(None)).cast("double")
    dump = F.col("duplicate_dump") if "duplicate_dump" in names else F.lit(None)
    rows = context.root.read(stage.decisions).where("outcome = 'dropped' AND duplicate_of IS NOT NULL")
    return rows.select(
        F.lit(stage.name).alias("stage"),
        "reason",
        _band(measure).alias("band"),
        "id",
        "chunk",
        F.col("duplicate_of").alias("kept"),
        dump.cast("string").alias("dump"),
        measure.alias("similarity"),
    )


def _band(measure: Column) -> Column:
    """Return the greatest edge that a similarity reaches, -1 if there is none."""
    return F.coalesce(*(F.when(measure >= edge, F.lit(edge)) for edge in reversed(EDGES)), F.lit(-1.0))


def sizes(rows: DataFrame) -> dict[Stratum, int]:
    """Count each stratum, in order of its name."""
    counted = rows.groupBy("stage", "reason", "band").agg(F.count("*").alias("n")).collect()
    found = {Stratum(row["stage"], row["reason"] or "unnamed", float(row["band"])): int(row["n"]) for row in counted}
    return dict(sorted(found.items(), key=lambda one: (one[0].stage, one[0].reason, -one[0].band)))


def choose(rows: DataFrame, strata: dict[Stratum, int], *, n: int) -> list[Removal]:
    """Choose n removals, of each stratum the same number if it has them: those with the smallest hashes of ids.

    The same rows are chosen each time. A hash above a bound that nearly surely leaves enough is passed over where it is read, so no
    stratum is sorted whole, and only about n rows move.
    """
    wanted = dict(zip(strata, quotas(list(strata.values()), n), strict=True))
    bounds = [(*_key(stratum), _bound(wanted[stratum], of=size)) for stratum, size in strata.items()]
    limits = small_table(rows.sparkSession, bounds, "stage string, reason string, band double, bound bigint")
    hashed = rows.withColumn("reason", F.coalesce("reason", F.lit("unnamed"))).withColumn("hash", F.xxhash64("id"))
    few = hashed.join(F.broadcast(limits), on=["stage", "reason", "band"], how="inner").where("hash <= bound").drop("bound")
    left = dict(wanted)
    chosen = []
    for row in sorted(few.collect(), key=lambda row: (row["hash"], row["id"])):
        stratum = Stratum(row["stage"], row["reason"], float(row["band"]))
        if left[stratum] > 0:
            left[stratum] -= 1
            chosen.append(Removal(stratum, row["id"], row["chunk"], row["kept"], row["dump"], row["similarity"]))
    return chosen


def _key(stratum: Stratum) -> tuple[str, str, float]:
    return stratum.stage, stratum.reason, stratum.band


def _bound(quota: int, *, of: int) -> int:
    """Return the hash below which a stratum of so many members nearly surely has its quota: six deviations above it, and twenty more.

    >>> _bound(10, of=10) == HASHES // 2 - 1, round((_bound(100, of=10_000) + HASHES // 2) / HASHES, 3)
    (True, 0.018)
    """
    share = (quota + 6 * sqrt(quota) + 20) / of
    return HASHES // 2 - 1 if share >= 1 else int(share * HASHES) - HASHES // 2


def chunks_of(table: DataFrame, ids: Sequence[str]) -> dict[str, str]:
    """Find the chunks of some documents, by id, in a table of id and chunk; those that are not there are left out."""
    wanted = small_table(table.sparkSession, [(one,) for one in ids], "id string")
    found = table.select("id", "chunk").join(F.broadcast(wanted), on="id", how="left_semi")
    return {row["id"]: str(row["chunk"]) for row in found.collect()}
