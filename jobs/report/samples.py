"""The documents the report shows with their text: a few of every fate, and the largest groups of duplicates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs.report.data import Duplicate, DuplicateGroup, RuleLike, Sample, SampleSet
from jobs.report.fates import column
from jobs.report.small_hashes import smallest
from jobs.report.thresholds import words

KEPT_SHOWN = 6
GROUPS_SHOWN = 4  # of the groups with near-duplicates, and as many of those without
MEMBERS_SHOWN = 3
FATES_SHOWN = 80  # reasons are a closed list; this bounds what comes to the driver even if a table holds nonsense
TEXT_CHARACTERS = 1200
COMPARED_CHARACTERS = 5000  # of duplicates, so that their differences can be shown
URL_CHARACTERS = 500
MANY = 1000  # documents of one fate that are put in order, of those that more met

Fate = tuple[str, str]  # the stage, and the reason or ""


@dataclass(frozen=True)
class Place:
    """Where a document to be shown lies, so that only its chunk is read for its text."""

    id: str
    chunk: str | None


def choose(fates: DataFrame, *, per_reason: int, counts: Mapping[Fate, int] | None = None) -> dict[Fate, list[Place]]:
    """Choose documents of every (stage, reason): the smallest hashes of ids, so that the choice never moves.

    `counts` says how many documents met each fate. Of a fate that more than MANY met, only the smallest hashes are put in order; if
    the counts were wrong and too few of those are found, all are.
    """
    most = max(per_reason, KEPT_SHOWN)
    bounds = {fate: smallest(MANY / n) for fate, n in (counts or {}).items() if n > MANY}
    named = F.struct("stage", F.coalesce("reason", F.lit("")).alias("reason"))
    low = [F.when(named == F.struct(F.lit(s), F.lit(r)), F.xxhash64("id") < bound) for (s, r), bound in bounds.items()]
    order = Window.partitionBy("stage", "reason").orderBy(F.xxhash64("id"), "id")
    ranked = (
        fates.where(F.coalesce(*low, F.lit(True)))
        .select("id", "chunk", "stage", "reason", F.row_number().over(order).alias("rank"))
        .where(F.col("rank") <= most)
    )
    chosen: dict[Fate, list[Place]] = {}
    for row in ranked.orderBy("stage", "reason", "rank").limit(FATES_SHOWN * most).collect():
        places = chosen.setdefault((row["stage"], row["reason"] or ""), [])
        if row["rank"] <= (KEPT_SHOWN if row["stage"] == "kept" else per_reason):
            places.append(Place(row["id"], row["chunk"]))
    few = [fate for fate in bounds if len(chosen.get(fate, ())) < per_reason]
    return choose(fates, per_reason=per_reason) if few else chosen


def largest_groups(deduped: DataFrame) -> list[Row]:
    """Return members of the largest groups that have a witness, whether they were dropped or, by mode = "annotate", only marked.

    The columns are group_id, group_size, id, reason, duplicate_of and similarity.
    """
    near = F.max(F.when(F.col("reason") == "near_duplicate", 1).otherwise(0)).alias("near")
    groups = deduped.where("group_size > 1").groupBy("group_id").agg(F.max("group_size").alias("size"), near)
    order = Window.partitionBy("near").orderBy(F.desc("size"), "group_id")
    largest = groups.withColumn("rank", F.row_number().over(order)).where(F.col("rank") <= GROUPS_SHOWN)
    dropped = deduped.where("duplicate_of IS NOT NULL").join(F.broadcast(largest), on="group_id", how="inner")
    members = Window.partitionBy("group_id").orderBy(F.col("reason") != "near_duplicate", F.xxhash64("id"), "id")
    shown = dropped.withColumn("member", F.row_number().over(members)).where(F.col("member") <= MEMBERS_SHOWN)
    return (
        shown.orderBy(F.desc("near"), F.desc("group_size"), "group_id", "member")
        .limit(2 * GROUPS_SHOWN * MEMBERS_SHOWN)
        .collect()
    )


def places(fates: DataFrame, ids: set[str]) -> list[Place]:
    """Find where documents named by other decisions lie."""
    if not ids:
        return []
    return [
        Place(row["id"], row["chunk"]) for row in fates.where(F.col("id").isin(sorted(ids))).select("id", "chunk").collect()
    ]


def fetch(
    documents: DataFrame,
    *,
    signals: DataFrame | None,
    filtered: DataFrame | None,
    wanted: list[Place],
    compared: set[str],
    rules: tuple[RuleLike, ...],
) -> dict[str, Sample]:
    """Read the chosen documents' text, cut before it travels, with the measurements their broken rules name.

    Of the documents in `compared` more text is read.
    """
    if not wanted:
        return {}
    length = F.when(F.col("id").isin(sorted(compared)), COMPARED_CHARACTERS).otherwise(TEXT_CHARACTERS)
    rows = _of(documents, wanted).select(
        "id",
        F.substring(column(documents, "url"), 1, URL_CHARACTERS).alias("url"),
        F.substring(column(documents, "title"), 1, URL_CHARACTERS).alias("title"),
        column(documents, "text").substr(F.lit(1), length).alias("text"),
        F.length(column(documents, "text")).alias("characters"),
        F.struct(*[column(documents, name) for name in ("http_status", "mime", "charset", "html_bytes", "error")]).alias(
            "page"
        ),
    )
    if filtered is not None:
        rows = rows.join(_of(filtered, wanted).select("id", "broken"), on="id", how="left")
    if signals is not None:
        named = [n for n in signals.columns if n == "language" or any(n in words(rule.keep) for rule in rules)]
        measured = _of(signals, wanted).select("id", F.struct(*[F.col(f"`{n}`") for n in named]).alias("measured"))
        rows = rows.join(measured, on="id", how="left") if named else rows
    return {row["id"]: _sample(row.asDict(recursive=True), rules) for row in rows.collect()}


def _of(table: DataFrame, wanted: list[Place]) -> DataFrame:
    """Keep the chosen rows, reading only the chunks that hold them."""
    chunks = sorted({place.chunk for place in wanted if place.chunk is not None})
    rows = table.where(F.col("id").isin(sorted({place.id for place in wanted})))
    return rows.where(F.col("chunk").cast("string").isin(chunks)) if chunks and "chunk" in table.columns else rows


def _sample(row: Mapping[str, object], rules: tuple[RuleLike, ...]) -> Sample:
    measured, page = row.get("measured"), row["page"]
    signals = measured if isinstance(measured, dict) else {}
    broken_names = row.get("broken")
    broken = tuple(str(name) for name in broken_names) if isinstance(broken_names, list) else ()
    sql = words(" ".join(rule.keep for rule in rules if rule.reason in broken))
    facts = [(name, _shown(value)) for name, value in signals.items() if name in sql]
    if row["text"] is None and isinstance(page, dict):  # what there is to say of a page without a text
        facts = [(name, _shown(value)) for name, value in page.items() if value is not None]
    return Sample(
        id=str(row["id"]),
        url=str(row["url"] or ""),
        title=str(row["title"] or ""),
        language=str(signals.get("language") or ""),
        text=str(row["text"] or ""),
        characters=int(str(row["characters"] or 0)),
        broken=broken,
        facts=tuple(facts),
    )


def _shown(value: object) -> str:
    if value is None:
        return "not measured"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def sample_sets(
    chosen: dict[tuple[str, str], list[Place]], texts: Mapping[str, Sample], *, source: str = "extract"
) -> tuple[SampleSet, ...]:
    """Put the texts to their fates."""
    return tuple(
        SampleSet(
            stage,
            reason,
            tuple(_slim(texts[place.id], measured=stage in ("filter", source)) for place in found if place.id in texts),
        )
        for (stage, reason), found in chosen.items()
    )


def _slim(sample: Sample, *, measured: bool) -> Sample:
    """Leave the measurements out where no rule was the cause."""
    return sample if measured else replace(sample, facts=(), broken=())


def duplicate_groups(members: list[Row], texts: Mapping[str, Sample]) -> tuple[DuplicateGroup, ...]:
    """Put members beside the document that they are duplicates of."""
    groups: dict[str, list[Row]] = {}
    for row in members:
        groups.setdefault(row["group_id"], []).append(row)
    return tuple(
        DuplicateGroup(
            group_id=group_id,
            size=rows[0]["group_size"],
            witness_id=rows[0]["duplicate_of"] or "",
            witness=texts.get(rows[0]["duplicate_of"]),
            dropped=tuple(
                Duplicate(texts[r["id"]], r["reason"] or "", r["duplicate_of"] or "", r["similarity"])
                for r in rows
                if r["id"] in texts
            ),
        )
        for group_id, rows in groups.items()
    )
