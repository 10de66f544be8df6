"""Gathers what a run's report shows from what the run wrote; what comes to the driver has a fixed size at any scale."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.engine.root import Root
from jobs.report.counts import breakdowns, fate, file_facts, tally
from jobs.report.data import Histogram, Reason, RecipeLike, ReportData, Rule, RuleLike, Stage, StageRun
from jobs.report.distributions import distributions
from jobs.report.samples import choose, duplicate_groups, fetch, largest_groups, places, sample_sets
from udfs.signals.definition import Signal

FOLDERS = {
    "extract": "documents",
    "annotate": "signals",
    "filter": "decisions/filter",
    "dedup": "decisions/dedup",
    "parts": "decisions/parts",
    "publish": "corpus",
}


@dataclass(frozen=True)
class Tables:
    """The tables of one run, None where a stage has not run, and each stage's marker by its name.

    `repeated` lists records whose id an earlier record has; they are no documents, but they came in.
    """

    documents: DataFrame
    repeated: DataFrame | None
    files: DataFrame | None
    signals: DataFrame | None
    filtered: DataFrame | None
    deduped: DataFrame | None
    parted: DataFrame | None
    corpus: DataFrame | None
    markers: Mapping[str, Mapping[str, Any]]


def gather(
    spark: SparkSession,
    root: str,
    recipe: RecipeLike,
    *,
    catalogue: Iterable[Signal] = (),
    samples: int = 3,
    made: datetime.date | None = None,
) -> ReportData:
    """Read a run's root into what its report shows.

    `catalogue` gives units and definitions of the signals, `samples` the documents shown per reason, `made` the day
    written on the page (today). Raises FileNotFoundError if extract has left nothing.
    """
    return gather_tables(open_tables(spark, root), recipe, root=root, catalogue=catalogue, samples=samples, made=made)


def open_tables(spark: SparkSession, path: str) -> Tables:
    """Open what a run has written so far; a stage without a table is None, for the page to say so."""
    root = Root(spark, path)
    markers = {stage: marker for stage, folder in FOLDERS.items() if (marker := root.marker(folder)) is not None}
    return Tables(
        documents=root.documents(),
        repeated=_if_there(root, "repeated"),
        files=root.files(),
        signals=root.signals(),
        filtered=_if_there(root, FOLDERS["filter"]),
        deduped=_if_there(root, FOLDERS["dedup"]),
        parted=_if_there(root, FOLDERS["parts"]),
        corpus=_if_there(root, FOLDERS["publish"]),
        markers=markers,
    )


def _if_there(root: Root, folder: str) -> DataFrame | None:
    """Read a table; None if its stage has not run, or has left no row. Asked beforehand, as Spark logs a trace for what is missing."""
    if not root.exists(folder):
        return None
    try:
        return root.table(folder)
    except AnalysisException as error:
        if error.getCondition() == "UNABLE_TO_INFER_SCHEMA":
            return None
        raise


def gather_tables(
    tables: Tables,
    recipe: RecipeLike,
    *,
    root: str,
    catalogue: Iterable[Signal] = (),
    samples: int = 3,
    made: datetime.date | None = None,
) -> ReportData:
    """Ask the tables everything the report shows, in about fifteen queries."""
    rules = tuple(recipe.filter)
    counts = tally(
        tables.documents,
        repeated=tables.repeated,
        filtered=tables.filtered,
        deduped=tables.deduped,
        parted=tables.parted,
        corpus=tables.corpus,
    )
    histograms, passing = _distributions(tables, rules, catalogue)
    totals, problems = file_facts(tables.files) if tables.files is not None else (None, ())
    decisions = {"filter": tables.filtered, "dedup": tables.deduped, "parts": tables.parted}
    fates = fate(tables.documents, signals=tables.signals, decisions=decisions).persist()
    try:
        groups = breakdowns(fates)
        chosen = choose(fates, per_reason=samples)
        members = largest_groups(tables.deduped) if tables.deduped is not None else []
        others = {str(row[name]) for row in members for name in ("id", "duplicate_of") if row[name]}
        wanted = [place for found in chosen.values() for place in found] + places(fates, others)
    finally:
        fates.unpersist()
    texts = fetch(
        tables.documents,
        signals=tables.signals,
        filtered=tables.filtered,
        wanted=wanted,
        compared=others,
        rules=rules,
    )
    runs, models, versions = run_facts(tables.markers)
    return ReportData(
        recipe=recipe.run.name,
        dump=recipe.run.dump,
        root=root,
        made=(made or datetime.datetime.now(datetime.UTC).date()).isoformat(),
        stages=stages(counts, tables.markers),
        tokens=next((row["a"] for row in counts if row["what"] == "publish"), None),
        rules=_rules(rules, counts) if tables.filtered is not None else None,
        histograms=histograms,
        passing=passing,
        breakdowns=groups,
        samples=sample_sets(chosen, texts),
        duplicate_groups=duplicate_groups(members, texts) if tables.deduped is not None else None,
        duplicate_group_count=next((row["n"] for row in counts if row["what"] == "groups"), 0),
        file_totals=totals,
        file_problems=problems,
        runs=runs,
        models=models,
        versions=versions,
    )


def _distributions(
    tables: Tables, rules: tuple[RuleLike, ...], catalogue: Iterable[Signal]
) -> tuple[tuple[Histogram, ...] | None, int | None]:
    if tables.signals is None or tables.signals.isEmpty():
        return None, None
    return distributions(tables.signals, rules, catalogue={signal.name: signal for signal in catalogue})


def stages(counts: list[Row], markers: Mapping[str, Mapping[str, Any]]) -> tuple[Stage, ...]:
    """Make the funnel from the tables' own counts, and hold each against the ledger its stage wrote down."""
    found = []
    for name in ("extract", "filter", "dedup", "parts", "publish"):
        kept_outcome = "extracted" if name == "extract" else "kept"
        rows = [row for row in counts if row["what"] == name]
        if not rows:
            continue
        reasons = tuple(
            Reason(row["reason"] or "unnamed", "failed" if row["outcome"] == "failed" else "dropped", row["n"])
            for row in sorted(rows, key=lambda row: (-row["n"], row["reason"] or ""))
            if row["outcome"] != kept_outcome
        )
        kept = sum(row["n"] for row in rows if row["outcome"] == kept_outcome)
        stage = Stage(name, read=kept + sum(reason.count for reason in reasons), kept=kept, reasons=reasons)
        found.append(replace(stage, recorded=_disagreement(stage, markers.get(name))))
    return tuple(found)


def _disagreement(stage: Stage, marker: Mapping[str, Any] | None) -> str | None:
    """Say how the marker's ledger differs from the rows: empty if it does not, None if there is no ledger."""
    ledger = (marker or {}).get("ledger")
    if not isinstance(ledger, dict):
        return None
    counted = {"in": stage.read, "kept": stage.kept}
    counted |= {f"{reason.outcome} {reason.name}": reason.count for reason in stage.reasons}
    written = {"in": ledger.get("in", 0), "kept": ledger.get("kept", 0)}
    for outcome in ("dropped", "failed"):
        written |= {f"{outcome} {name}": count for name, count in (ledger.get(outcome) or {}).items() if count}
    different = [key for key in dict.fromkeys([*counted, *written]) if counted.get(key, 0) != written.get(key, 0)]
    return "; ".join(f"{key}: {written.get(key, 0):,} in the ledger, {counted.get(key, 0):,} rows" for key in different)


def _rules(rules: tuple[RuleLike, ...], counts: list[Row]) -> tuple[Rule, ...]:
    broken = {row["reason"]: (row["n"], row["a"], row["b"]) for row in counts if row["what"] == "rule"}
    known = [Rule(rule.reason, rule.keep, rule.source, *broken.pop(rule.reason, (0, 0, 0))) for rule in rules]
    return (*known, *(Rule(name, "", "not in this recipe", *numbers) for name, numbers in sorted(broken.items())))


def run_facts(
    markers: Mapping[str, Mapping[str, Any]],
) -> tuple[tuple[StageRun, ...], tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return how each stage ran, the models by sha256 and the versions, from the stages' markers."""
    runs, models, versions = [], dict[tuple[str, str], None](), dict[str, dict[str, None]]()
    for stage, marker in markers.items():
        ledger = marker.get("ledger") or {}
        chunks = marker.get("chunks")
        runs.append(
            StageRun(
                stage=stage,
                fingerprint=str(marker.get("fingerprint", "")),
                seconds=marker.get("seconds"),
                read=ledger.get("in"),
                chunks=len(chunks) if isinstance(chunks, list | dict) else chunks,
                cores=marker.get("cores"),
            )
        )
        models |= dict.fromkeys((str(name), str(sha)) for name, sha in (marker.get("models") or {}).items())
        for name, version in (marker.get("versions") or {}).items():
            versions.setdefault(str(name), {})[str(version)] = None
    return tuple(runs), tuple(models), tuple((name, ", ".join(found)) for name, found in versions.items())
