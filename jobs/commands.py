"""What the commands that run a recipe do once their arguments are understood: start Spark where it is needed, and run."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from jobs.contexts import absolute, make_context
from jobs.engine import documents
from jobs.engine.disk import disk_errors
from jobs.engine.funnel import funnel_lines
from jobs.engine.late_session import LateSession
from jobs.engine.lease import leased
from jobs.engine.root import Root
from jobs.engine.shell_words import argument
from jobs.recipe.load import stages_of
from jobs.recipe.recipe import Recipe

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.engine.job import Context
    from jobs.engine.lease import Lease


@contextmanager
def session(master: str) -> "Iterator[SparkSession]":
    """Start Spark, in local mode unless spark-submit has started it already, and stop it afterwards."""
    from jobs.engine.session import cluster_session, local_session
    from jobs.engine.spark_log import spark_log

    if _submitted():
        with _stopped(cluster_session()) as spark:
            yield spark
        return
    with spark_log() as log, _stopped(local_session(master=master, log=log)) as spark:
        yield spark


@contextmanager
def late_session(master: str) -> Iterator[LateSession]:
    """Start Spark when it is first asked for, and stop it afterwards. Where spark-submit has started it, it is there at once."""
    with ExitStack() as stack:
        late = LateSession(lambda: stack.enter_context(session(master)))
        if _submitted():
            late.session()
        yield late


@contextmanager
def _stopped(spark: "SparkSession") -> "Iterator[SparkSession]":
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]

    try:
        yield spark
    finally:
        with suppress(Py4JError, OSError):  # the JVM may be gone, which is then what the first error says
            spark.stop()


def _submitted() -> bool:
    return "PYSPARK_GATEWAY_PORT" in os.environ


def run(recipe: Recipe, *, root: str, start: str | None, only: str | None, accepted: str | None, master: str) -> int:
    """Run a recipe and write run.json; return 0 if all input was read, 3 if some files could not be.

    A local root is taken before Spark starts, so that a second run on it is refused in a second. Spark starts when something is to be
    done, or to be analysed; a root on another store is read through it.
    """
    from jobs.engine.models import resolve_models

    models = resolve_models(recipe, stages_of(recipe))  # before Spark starts: a model that cannot be had is known in a second
    with _root(root, master=master) as (place, lease):
        context = make_context(recipe, root=place, models=models, lease=lease, start=start)
        failed = run_recipe(context, only=only, accepted=accepted)
    return code(failed)


def run_recipe(context: "Context", *, only: str | None = None, accepted: str | None = None) -> list[str]:
    """Run the stages of a recipe, write report and run.json, and return the files that could not be read."""
    from jobs.engine.run_report import reported
    from jobs.engine.runner import packages, run_stages
    from jobs.engine.workers import check_workers
    from jobs.report.write import write_report

    place = context.root
    for line in _lines(context):
        context.progress.say(line)
    with reported(place, context.recipe) as told:
        if _submitted():
            place.name_jobs("plan", step="workers")
            check_workers(place.spark, packages(context))
        markers = run_stages(context, only=only, accepted=accepted, told=told)
        if only is None:
            told.stage_began("report")
            with context.progress.stage("report", root=place):
                page = write_report(context, anew=False)
            _closing(context, markers, page)
        told.stage = None
        told.failed_files = [path for _, path in documents.still_failed(place)]
    return told.failed_files


def code(failed: Sequence[str]) -> int:
    """Name the files that could not be read, and return the exit code."""
    for path in failed:
        typer.echo(f"could not be read: {path}", err=True)
    if failed:
        typer.echo("the same command again retries those alone; take out of the input what is no input file", err=True)
    return 3 if failed else 0


@contextmanager
def lease_of(late: LateSession, path: str) -> "Iterator[tuple[Root, Lease]]":
    """Take a root; one that is not on this disk is taken in the name of Spark's application."""
    place = Root(late, path)
    application = place.spark.sparkContext.applicationId if "://" in path else ""
    with leased(place.store, root=path, application=application, say=partial(typer.echo, err=True)) as lease:
        yield place, lease


@contextmanager
def _root(root: str, *, master: str) -> "Iterator[tuple[Root, Lease]]":
    """Take a root, for a session that starts when it is needed."""
    path = absolute(root)
    with disk_errors(path), late_session(master) as late, lease_of(late, path) as (place, lease):
        yield place, lease


def _lines(context: "Context") -> Iterator[str]:
    for stage in context.stages:
        if stage.lines is not None:
            yield from stage.lines(context.job(stage))


def _closing(context: "Context", markers: dict[str, dict[str, Any]], page: str) -> None:
    """Print the funnel, where the corpus and report are, and three things to try."""
    from jobs.report.write import example

    root = context.root.path
    for line in funnel_lines(markers):
        typer.echo(line)
    dropped = [reason for marker in markers.values() for reason in marker["ledger"]["dropped"]]
    typer.echo("")
    typer.echo(f"corpus  {root}/corpus")
    typer.echo(f"report  {page}")
    typer.echo("try")
    named = argument(root)
    typer.echo(f"  gristmill sample {named}{f' --reason {dropped[-1]}' if dropped else ''} -n 5")
    typer.echo(f"  gristmill explain {named} {argument(example(context))}")
    typer.echo(f"  gristmill ledger {named}")


def plan(recipe: Recipe, *, root: str, master: str) -> None:
    """Print the recipe as it was understood, what a run would read and do, and what it would cost."""
    from jobs.crawl.cost import estimate
    from jobs.engine.models import resolve_models
    from jobs.engine.runner import check_recipe, finished

    models = resolve_models(recipe, stages_of(recipe))
    path = absolute(root)
    with disk_errors(path), late_session(master) as late:
        context = make_context(recipe, root=Root(late, path), models=models)
        check_recipe(context)
        made = context.plan
        typer.echo(json.dumps(recipe.as_json(), indent=1, ensure_ascii=False))
        typer.echo("")
        for line in (*estimate(made, recipe), *_lines(context)):
            typer.echo(line)
        for stage in context.stages:
            typer.echo(f"{stage.name:<9} {'to do' if made.added or finished(context, stage) is None else 'finished before'}")
