"""The runner: stages in order, each skipped when finished and still right, each proved by its ledger before the next begins.

It knows no stage by name. What it asks of the store: the plan, and the markers of each table, read once and in parallel; a request or
two a stage, and one a chunk that is done (see chunks). Nothing grows with files.
"""

import platform
import sys
import time
from collections.abc import Callable
from typing import Any

from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import package_versions
from jobs.engine.job import Context
from jobs.engine.plan import write_plan
from jobs.engine.run_report import RunReport
from jobs.engine.same_recipe import accept, check_same_recipe
from jobs.engine.stage import Stage

AGAIN = "again.json"  # there while a run with --from is under way
Markers = dict[str, dict[str, Any]]


def run_stages(
    context: Context,
    *,
    only: str | None = None,
    accepted: str | None = None,
    told: RunReport | None = None,
) -> Markers:
    """Check the recipe and its input, run what is not finished, in order, and return each stage's marker.

    `only` runs that one stage, if it is not finished; `accepted` takes over what that stage has finished in another way. `told` hears of
    every stage as it begins and ends. Raises RecipeError or LocationError before any work, LedgerError if a stage does not balance,
    AlarmError before publish.
    """
    root, start, told = context.root, context.start, told or RunReport(context.root, context.recipe)
    root.name_jobs("plan")
    _check_names(context, start=start, only=only, accepted=accepted)
    check_recipe(context)
    if accepted is not None:
        accept(context, context.stage(accepted))
    check_same_recipe(context, start=start)
    _plan(context)
    root.markers.write_json("recipe.json", context.recipe.as_json())
    _begin_again(context, start)
    markers: Markers = {}
    before: dict[str, Any] | None = None
    for stage in context.stages:
        if only is None or stage.name == only:
            told.stage_began(stage.name)
            before = markers[stage.name] = _run_stage(context, stage, before=before, told=told)
        else:
            before = finished(context, stage)
            if before is None and _place(context, stage.name) < _place(context, only):
                raise RecipeError(
                    f"--only {only}: {stage.name} is not finished for this recipe and input, so {only} would decide on old rows; nothing "
                    f"was run. Run without --only, or --only {stage.name} first"
                )
        if only is None or _place(context, stage.name) < _place(context, only):
            _guard(context, stage, told=told)
    if only is None or only == context.stages[-1].name:
        _after(context)
    if start is not None or root.exists(AGAIN):
        root.delete(AGAIN)
    return markers


def finished(context: Context, stage: Stage[Any]) -> dict[str, Any] | None:
    """Return a stage's marker if the stage is finished and what it wrote is still right."""
    marker, job = context.root.markers.stage(stage.folder), context.job(stage)
    if stage.source is not None and documents.pending(context.root, job.how()):
        return None
    return marker if marker is not None and marker.get("fingerprint") == job.key() else None


def check_recipe(context: Context) -> None:
    """Have each stage check what only Spark can check of its settings. Raises RecipeError."""
    for stage in context.stages:
        if stage.check is not None:
            stage.check(context.job(stage))


def _check_names(context: Context, *, start: str | None, only: str | None, accepted: str | None) -> None:
    names = [stage.name for stage in context.stages]
    for option, name in (("--from", start), ("--only", only), ("--accept", accepted)):
        if name is not None and name not in names:
            raise RecipeError(
                f"{option} {name}: the recipe's runs have no such stage; nothing was run. Its stages: {', '.join(names)}. One that is "
                f"optional is there if the recipe has its section"
            )


def _plan(context: Context) -> None:
    root = context.root
    with context.progress.stage("plan", root=root):
        plan = context.plan
    files = sum(len(ranges) for ranges in plan.chunks.values())
    more = f", {len(plan.retried)} of them again" if plan.retried else ""
    context.progress.say(f"plan      {files:,} files or ranges in {len(plan.chunks):,} chunks ({len(plan.added):,} new{more})")
    write_plan(root, plan)
    context.plans.clear()


def _begin_again(context: Context, start: str | None) -> None:
    """Forget what --from names; not when this is the rest of such a run that was killed."""
    root = context.root
    if start is None or root.read_json(AGAIN) == {"from": start}:
        return
    for stage in context.stages[_place(context, start) :]:
        for table in {table.path for table in stage.writes}:
            root.markers.forget(table)
        for folder in stage.scratch:
            root.delete(folder)
    root.write_json(AGAIN, {"from": start})


def _place(context: Context, name: str | None) -> int:
    return [stage.name for stage in context.stages].index(str(name))


def _run_stage(context: Context, stage: Stage[Any], *, before: dict[str, Any] | None, told: RunReport) -> dict[str, Any]:
    """Run one stage if it is not finished, and hold what came into it against what went out of the stage before.

    The fingerprint is taken before the work, of what the work will see, and is what the marker gets.
    """
    done, root = finished(context, stage), context.root
    if done is not None:
        context.progress.say(f"{stage.name:<9} finished before, nothing to do")
        told.stage_ended(done, finished_before=True)
        return done
    if root.started is None:
        _ = root.spark  # it starts, and run.json names its application
        told.stage_began(stage.name)
    job = context.job(stage)
    root.markers.forget_stage(stage.folder)
    began = time.monotonic()
    with context.progress.stage(stage.name, root=root):
        key, how = None if stage.source is not None else job.key(), job.how()
        ledger = stage.run(job).check(stage.name)
        if before is not None:
            ledger.follows(before["ledger"], stage=stage.name, before=before["stage"])
        marker = {
            "stage": stage.name,
            "fingerprint": key or job.key(),  # a source's rests on which files it could read
            "how": how,
            "revision": stage.revision,
            "seconds": round(time.monotonic() - began, 2),
            "cores": root.spark.sparkContext.defaultParallelism,
            "ledger": ledger.as_json(),
            "chunks": len(documents.finished(root)),
            "models": {model.name: model.sha256 for model in job.models.values()},
            "versions": versions(context),
            **({"pinned": job.pinned} if stage.pin is not None else {}),
            **({"analysed": context.analysed[stage.name]} if stage.name in context.analysed else {}),
            **(stage.facts(job) if stage.facts is not None else {}),
        }
    if context.lease is not None:
        context.lease.check()
    root.markers.write_stage(stage.folder, marker)
    told.stage_ended(marker, finished_before=False)
    lost = sum(ledger.as_json()["failed"].values())
    note = f", {lost:,} failed" if lost else ""
    context.progress.say(
        f"{stage.name:<9} {ledger.came.count:>9,} in, {ledger.kept.count:>9,} on{note}  ({marker['seconds']:.1f} s)"
    )
    return marker


def _guard(context: Context, stage: Stage[Any], *, told: RunReport) -> None:
    """Ask a stage whether those after it may begin, if one of them is not finished. Raises AlarmError."""
    later = context.stages[context.stages.index(stage) + 1 :]
    if stage.before_next is not None and any(finished(context, one) is None for one in later):
        told.stage_began(stage.name)
        _in_stage(context, stage, "alarm", stage.before_next)
        told.stage = None


def _after(context: Context) -> None:
    for stage in context.stages:
        if stage.after is not None:
            _in_stage(context, stage, "after", stage.after)


def _in_stage(context: Context, stage: Stage[Any], step: str, work: Callable[[Any], None]) -> None:
    with context.progress.stage(stage.name, root=context.root, step=step):
        work(context.job(stage))


def versions(context: Context) -> dict[str, str]:
    """Say what ran: Python, Spark and the packages whose behaviour shows in the output."""
    found = {"python": platform.python_version(), "spark": context.root.spark.version, "platform": sys.platform}
    return found | package_versions(packages(context))


def packages(context: Context) -> tuple[str, ...]:
    """Name the packages whose versions the stages' fingerprints have, and those that carry rows between driver and workers."""
    return tuple(dict.fromkeys(("pyspark", "pyarrow", *(name for stage in context.stages for name in stage.packages))))
