"""Gathers what a run's report shows from what the run wrote; what comes to the driver has a fixed size at any scale."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql import DataFrame, Row

from jobs.engine import signal_sets
from jobs.engine.documents import DOCUMENTS, documents, duplicate_ids, files
from jobs.engine.job import Context
from jobs.report.counts import breakdowns, tally
from jobs.report.data import (
    Breakdown,
    DuplicateGroup,
    Histogram,
    Names,
    Reason,
    ReportData,
    Rule,
    RuleLike,
    SampleSet,
    Stage,
    StageRun,
)
from jobs.report.distributions import distributions
from jobs.report.fates import ends, fate
from jobs.report.files import file_facts
from jobs.report.rule_facts import facts_of_documents
from jobs.report.samples import Fate, choose, duplicate_groups, fetch, largest_groups, places, sample_sets
from jobs.report.thresholds import words
from udfs.signals.definition import Signal

CORPUS = "corpus"
MEASURING = "annotate"  # the stage that takes signals


@dataclass(frozen=True)
class Tables:
    """The tables of one run, None where a stage has not run, and each stage's marker by its name.

    `again` lists records whose id an earlier record has; they are no documents, but they came in. `decisions` has the table of every
    stage of the recipe that decides, in order.
    """

    documents: DataFrame
    again: DataFrame | None
    files: DataFrame | None
    signals: DataFrame | None
    decisions: Mapping[str, DataFrame | None]
    corpus: DataFrame | None
    markers: Mapping[str, Mapping[str, Any]]

    def deciding(self, column: str) -> DataFrame | None:
        """Return the first table of decisions with a column, such as the rules that a document broke."""
        return next((table for table in self.decisions.values() if table is not None and column in table.columns), None)


def gather(context: Context, *, samples: int = 3, made: datetime.date | None = None) -> ReportData:
    """Read a run's root into what its report shows.

    `samples` gives the documents shown per reason, `made` the day written on the page (today).
    """
    return gather_tables(context, open_tables(context), samples=samples, made=made)


def open_tables(context: Context) -> Tables:
    """Open what a run has written so far; a stage without a table is None, for the page to say so."""
    root = context.root
    markers = {stage.name: marker for stage in context.stages if (marker := root.markers.stage(stage.folder)) is not None}
    decisions = {
        stage.name: root.read(stage.decisions) if root.has(stage.decisions) else None
        for stage in context.stages
        if stage.decisions is not None
    }
    return Tables(
        documents=documents(root),
        again=duplicate_ids(root),
        files=files(root) if root.has(DOCUMENTS) else None,
        signals=signal_sets.signals(root) if root.exists(signal_sets.FOLDER) else None,
        decisions=decisions,
        corpus=root.product(CORPUS),
        markers=markers,
    )


def gather_tables(
    context: Context,
    tables: Tables,
    *,
    catalogue: Iterable[Signal] | None = None,
    samples: int = 3,
    made: datetime.date | None = None,
) -> ReportData:
    """Ask the tables everything the report shows, in about fifteen queries."""
    recipe, source = context.recipe, context.source.name
    rules: tuple[RuleLike, ...] = tuple(recipe.sections.get("filter") or ())
    counts = tally(
        tables.documents,
        again=tables.again,
        signals=tables.signals,
        decisions=tables.decisions,
        corpus=tables.corpus,
        source=source,
    )
    histograms, passing = _distributions(
        tables,
        rules,
        context.catalogue if catalogue is None else catalogue,
        unmeasured=signal_sets.unmeasured(context.root),
        rows=sum(row["n"] for row in counts if row["what"] == MEASURING),
    )
    totals, problems = file_facts(tables.files) if tables.files is not None else (None, ())
    brought = sum(row["n"] for row in counts if row["what"] == source)
    shown = _documents(tables, rules, source=source, samples=samples, met=_fates(counts), count=brought)
    runs, models, versions = run_facts(tables.markers)
    return ReportData(
        recipe=recipe.run.name,
        dump=recipe.run.dump,
        root=context.root.path,
        made=(made or datetime.datetime.now(datetime.UTC).date()).isoformat(),
        stages=stages(context, counts, tables.markers),
        tokens=next((row["a"] for row in counts if row["what"] == "publish"), None),
        rules=_rules(rules, counts) if tables.deciding("broken") is not None else None,
        histograms=histograms,
        passing=passing,
        breakdowns=shown.breakdowns,
        samples=shown.samples,
        duplicate_groups=shown.duplicate_groups,
        duplicate_group_count=next((row["n"] for row in counts if row["what"] == "groups"), 0),
        file_totals=totals,
        file_problems=problems,
        runs=runs,
        models=models,
        versions=versions,
        names={stage.name: Names(stage.title or stage.name.capitalize(), stage.upshot) for stage in context.stages},
        meanings={reason.name: reason.meaning for stage in context.stages for reason in stage.reasons},
        source=source,
        noun=context.source.source.noun if context.source.source is not None else "documents",
        cards=tuple(
            (stage.name, card)
            for stage in context.stages
            if stage.cards is not None and stage.name in tables.markers
            for card in stage.cards(context)
        ),
        explorer=context.root.exists("explorer.html"),
    )


@dataclass(frozen=True)
class _Documents:
    """What the report says of single documents, and of those that share a value."""

    breakdowns: tuple[Breakdown, ...]
    samples: tuple[SampleSet, ...]
    duplicate_groups: tuple[DuplicateGroup, ...] | None


def _fates(counts: list[Row]) -> dict[Fate, int]:
    """Count the documents that each stage gave up, by reason, and those that the last one kept."""
    ended = [row for row in counts if row["outcome"] in ("dropped", "failed") and row["what"] != "rule"]
    kept = [row["n"] for row in counts if row["outcome"] in ("extracted", "measured", "kept") and row["what"] != "publish"]
    return {(row["what"], row["reason"] or ""): row["n"] for row in ended} | {("kept", ""): min(kept, default=0)}


def _documents(
    tables: Tables, rules: tuple[RuleLike, ...], *, source: str, samples: int, met: Mapping[Fate, int], count: int
) -> _Documents:
    """Count documents by their properties, and read the text of those that are shown."""
    grouped = tables.deciding("group_size")
    fates = fate(tables.documents, signals=tables.signals, decisions=tables.decisions, source=source, count=count)
    groups = breakdowns(fates)
    ended = ends(tables.documents, signals=tables.signals, decisions=tables.decisions, source=source)
    chosen = choose(ended, per_reason=samples, counts=met)
    members = largest_groups(grouped) if grouped is not None else []
    others = {str(row[name]) for row in members for name in ("id", "duplicate_of") if row[name]}
    wanted = [place for found in chosen.values() for place in found]
    wanted += places(grouped, others) if grouped is not None else []
    texts = fetch(
        tables.documents,
        signals=tables.signals,
        filtered=tables.deciding("broken"),
        wanted=wanted,
        compared=others,
        rules=rules,
    )
    shown = duplicate_groups(members, texts) if grouped is not None else None
    return _Documents(groups, sample_sets(chosen, texts, source=source), shown)


def _distributions(
    tables: Tables, rules: tuple[RuleLike, ...], catalogue: Iterable[Signal], *, unmeasured: Sequence[str], rows: int
) -> tuple[tuple[Histogram, ...] | None, int | None]:
    """Ask for the distributions of what was measured, and of what a rule reads all the same."""
    if tables.signals is None or not rows:
        return None, None
    read = {name for rule in rules for name in words(rule.sql)}
    signals = tables.signals.drop(*(name for name in unmeasured if name not in read))
    pinned = (tables.markers.get("filter") or {}).get("pinned") or {}
    facts = facts_of_documents(tables.documents, read.difference(signals.columns), pinned=pinned)
    return distributions(signals, rules, catalogue={signal.name: signal for signal in catalogue}, rows=rows, facts=facts)


def stages(context: Context, counts: list[Row], markers: Mapping[str, Mapping[str, Any]]) -> tuple[Stage, ...]:
    """Make the funnel from the tables' own counts, and hold each against the ledger its stage wrote down."""
    found = []
    for one in context.stages:
        name, kept_outcome = one.name, one.kept
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
    known = [
        Rule(rule.reason, rule.keep, rule.source, *broken.pop(rule.reason, (0, 0, 0)), where=rule.meant or "") for rule in rules
    ]
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
