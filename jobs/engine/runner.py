"""The runner: stages in order, each skipped when finished and still right, each proved by its ledger before the next begins."""

import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.annotate import stage as annotate
from jobs.crawl.cc_index import check_select
from jobs.crawl.plan import make_plan, write_plan
from jobs.dedup import alarm
from jobs.dedup import stage as dedup
from jobs.dedup.survivor import check_order
from jobs.engine.context import Context
from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.engine.ledger import Ledger
from jobs.engine.progress import name_jobs
from jobs.engine.root import MARKER, Root
from jobs.engine.run_report import RunReport
from jobs.extract import stage as extract
from jobs.filter import stage as filter_stage
from jobs.filter.stage import check_rules
from jobs.passages import stage as parts
from jobs.publish import stage as publish
from jobs.recipe.load import Recipe, RecipeError
from jobs.report.gather import gather
from jobs.report.page import render
from udfs.signals.annotator import CATALOGUE, SIGNAL_SCHEMA

PACKAGES = ("pyspark", "pyarrow", *extract.PACKAGES, *annotate.PACKAGES)
AGAIN = "again.json"  # there while a run with --from is under way


@dataclass(frozen=True)
class Stage:
    """Describe a stage: where it writes, what makes its output stale, and what it runs."""

    name: str
    folder: str
    stale_key: Callable[[Context], str]
    run: Callable[[Context], Ledger]


STAGES = (
    Stage("extract", "documents", lambda c: fingerprint(extract.stale_key(c), c.root.chunks()), extract.run),
    Stage("annotate", "signals", lambda c: fingerprint(annotate.stale_key(c), c.root.chunks()), annotate.run),
    Stage("filter", "decisions/filter", filter_stage.stale_key, filter_stage.run),
    Stage("dedup", "decisions/dedup", dedup.stale_key, dedup.run),
    Stage("parts", "decisions/parts", parts.stale_key, parts.run),
    Stage("publish", "corpus", publish.stale_key, publish.run),
)
NAMES = tuple(stage.name for stage in STAGES)
EXPENSIVE = (("extract", extract.stale_key, "documents"), ("annotate", annotate.stale_key, "signals"))


def run_stages(
    context: Context, *, start: str | None = None, only: str | None = None, told: RunReport | None = None
) -> dict[str, dict[str, Any]]:
    """Check the recipe and its input, run what is not finished, in order, and return each stage's marker.

    `start` re-runs that stage and all after it even if finished; `only` runs that one stage, if it is not finished. `told` hears of
    every stage as it begins and ends. Raises RecipeError or LocationError before any work, LedgerError if a stage does not balance,
    AlarmError before publish.
    """
    root, told = context.root, told or RunReport(context.root, context.recipe)
    name_jobs(root.spark.sparkContext, "plan")
    check_recipe(root.spark, context.recipe)
    stages = stages_of(context.recipe)
    if (start or only) not in (None, *(stage.name for stage in stages)):
        raise RecipeError(
            f"--{'from' if start else 'only'} {start or only}: the recipe has no section [parts], so its runs have no such stage; nothing was "
            f"run. Add the section (docs/parts.md), or name another stage: {', '.join(stage.name for stage in stages)}"
        )
    check_same_recipe(context, start=start)
    with context.progress.stage("plan", spark=root.spark.sparkContext):
        plan = make_plan(root, context.recipe.run, context.recipe.select)
    files = sum(len(ranges) for ranges in plan.chunks.values())
    again = f", {len(plan.retried)} of them again" if plan.retried else ""
    context.progress.say(f"plan      {files:,} files or ranges in {len(plan.chunks):,} chunks ({len(plan.added):,} new{again})")
    root.write_json("recipe.json", context.recipe.model_dump(mode="json"))
    write_plan(root, plan)
    if start is not None and root.read_json(AGAIN) != {
        "from": start
    }:  # not when this is the rest of such a run that was killed
        for name in NAMES[NAMES.index(start) :]:
            _forget(root, name)
        root.write_json(AGAIN, {"from": start})
    if context.recipe.parts is None:  # left by a run whose recipe had the section: nothing may read it as this run's
        for folder in parts.FOLDERS:
            root.delete(folder)
    markers: dict[str, dict[str, Any]] = {}
    before: dict[str, Any] | None = None
    for stage in stages:
        if only is None or stage.name == only:
            told.stage_began(stage.name)
            if stage.name in ("parts", "publish") and finished(context, stage) is None:
                with context.progress.stage("dedup", spark=root.spark.sparkContext, step="alarm"):
                    alarm.check(context)
            before = markers[stage.name] = _run_stage(context, stage, before=before, told=told)
        else:
            before = finished(context, stage)
            if before is None and NAMES.index(stage.name) < NAMES.index(only):
                raise RecipeError(
                    f"--only {only}: {stage.name} is not finished for this recipe and input, so {only} would decide on old rows; nothing "
                    f"was run. Run without --only, or --only {stage.name} first"
                )
    if "publish" in markers:
        with context.progress.stage("publish", spark=root.spark.sparkContext, step="index"):
            dedup.publish_to_index(context, corpus=publish.corpus(root))
    root.delete(AGAIN)
    return markers


def stages_of(recipe: Recipe) -> tuple[Stage, ...]:
    """Return the stages of a recipe's runs, in order: all but parts, if the recipe has no such section."""
    return tuple(stage for stage in STAGES if stage.name != "parts" or recipe.parts is not None)


def finished(context: Context, stage: Stage) -> dict[str, Any] | None:
    """Return a stage's marker if the stage is finished and what it wrote is still right."""
    marker = context.root.marker(stage.folder)
    return marker if marker is not None and marker.get("fingerprint") == stage.stale_key(context) else None


def write_report(root: Root, recipe: Recipe) -> str:
    """Write the report of what is there to report.html below the root, and return its path."""
    data = gather(root.spark, root.path, recipe, catalogue=CATALOGUE, samples=recipe.report.samples)
    return root.write_text("report.html", render(data))


def _run_stage(context: Context, stage: Stage, *, before: dict[str, Any] | None, told: RunReport) -> dict[str, Any]:
    """Run one stage if it is not finished, and hold what came into it against what went out of the stage before."""
    done = finished(context, stage)
    if done is not None:
        context.progress.say(f"{stage.name:<9} finished before, nothing to do")
        told.stage_ended(done, finished_before=True)
        return done
    context.root.delete(f"{stage.folder}/{MARKER}")
    began = time.monotonic()
    with context.progress.stage(stage.name, spark=context.root.spark.sparkContext):
        ledger = stage.run(context).check(stage.name)
        if before is not None:
            ledger.follows(before["ledger"], stage=stage.name, before=before["stage"])
        marker = {
            "stage": stage.name,
            "fingerprint": stage.stale_key(context),
            "seconds": round(time.monotonic() - began, 2),
            "cores": context.root.spark.sparkContext.defaultParallelism,
            "ledger": ledger.as_json(),
            "chunks": len(context.root.chunks()),
            "models": models(context),
            "versions": versions(context.root),
        }
        if stage.name == "extract":
            marker["files"] = extract.totals(context.root) | {"failed": [path for _, path in context.root.still_failed()]}
    context.root.write_json(f"{stage.folder}/{MARKER}", marker)
    told.stage_ended(marker, finished_before=False)
    lost = sum(ledger.as_json()["failed"].values())
    note = f", {lost:,} failed" if lost else ""
    context.progress.say(
        f"{stage.name:<9} {ledger.came.count:>9,} in, {ledger.kept.count:>9,} on{note}  ({marker['seconds']:.1f} s)"
    )
    return marker


def _forget(root: Root, name: str) -> None:
    """Take the marks of a stage away, so that it counts as not finished; its rows are overwritten when it runs."""
    stage = STAGES[NAMES.index(name)]
    root.delete(f"{stage.folder}/{MARKER}")
    root.delete(f"{stage.folder}/_chunks")
    if name in ("dedup", "parts"):
        root.delete(name)  # what they had worked out so far


def check_recipe(spark: SparkSession, recipe: Recipe) -> None:
    """Check all of a recipe that only Spark can check: its rules and its survivor order against the signals' schema."""
    rows = spark.createDataFrame([], from_arrow_schema(SIGNAL_SCHEMA))
    check_rules(rows, recipe=recipe)
    check_select(spark, recipe.select)
    check_order(recipe.dedup.survivor, rows=rows.selectExpr("*", "cast(NULL AS string) AS date"))
    publish.check_columns(recipe.publish.columns)


def check_same_recipe(context: Context, *, start: str | None) -> None:
    """Refuse a root that holds another recipe's run, or a run whose costly stages this recipe would throw away unasked.

    Raises RecipeError naming the difference and the line that goes on anyway.
    """
    root, recipe = context.root, context.recipe
    stored = root.read_json("recipe.json")
    if stored is None:
        return
    for key in ("name", "dump"):
        theirs, ours = stored.get("run", {}).get(key), getattr(recipe.run, key)
        if theirs != ours:
            raise RecipeError(
                f"{root.path} holds a run with [run] {key} = {theirs!r}, and this recipe says {ours!r}: two corpora would be mixed, so "
                f"nothing was run. Give another --root, or the recipe that made this one"
            )
    for name, stale_key, folder in EXPENSIVE:
        done = [
            c
            for c in root.chunks()
            if (root.chunk_marker(folder, c) or {}).get("fingerprint") not in (None, stale_key(context))
        ]
        redo = start is not None and NAMES.index(start) <= NAMES.index(name)
        if done and not redo:
            sections = [s for s in ("extract", "annotate") if stored.get(s) != recipe.model_dump(mode="json").get(s)]
            changed = _difference(stored, recipe, sections) or "gristmill's code or a model"
            raise RecipeError(
                f"{root.path} holds {len(done)} chunk(s) whose {name} was done otherwise; changed since: {changed}. Doing it again costs "
                f"what it cost the first time, so it is not done unasked. Add --from {name} to do it again, or give another --root"
            )


def _difference(stored: dict[str, Any], recipe: Recipe, sections: list[str]) -> str:
    now = recipe.model_dump(mode="json")
    parts = [
        f"[{section}] {key}: {stored.get(section, {}).get(key)!r} -> {value!r}"
        for section in sections
        for key, value in now[section].items()
        if stored.get(section, {}).get(key) != value
    ]
    if stored.get("dedup", {}).get("minhash") != now["dedup"]["minhash"]:
        parts.append("[dedup.minhash]")
    return "; ".join(parts)


def models(context: Context) -> dict[str, str]:
    """Name the models in use and their sha256."""
    used = [context.language_model, *([context.quality_model] if context.quality_model is not None else [])]
    return {model.name: model.sha256 for model in used}


def versions(root: Root) -> dict[str, str]:
    """Say what ran: Python, Spark and the packages whose behaviour shows in the output."""
    found = {"python": platform.python_version(), "spark": root.spark.version, "platform": sys.platform}
    return found | package_versions(PACKAGES)
