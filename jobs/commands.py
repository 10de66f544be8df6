"""What the commands do once their arguments are understood: start Spark, run, and print what a person wants to read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from pyspark.sql import SparkSession

from jobs.annotate.minhash_settings import recall_lines
from jobs.annotate.stage import scheme
from jobs.crawl.cost import estimate
from jobs.crawl.plan import make_plan
from jobs.engine.context import Context
from jobs.engine.funnel import funnel_lines
from jobs.engine.models import resolve_models, ship
from jobs.engine.progress import Progress, name_jobs
from jobs.engine.root import Root
from jobs.engine.run_report import reported
from jobs.engine.runner import PACKAGES, STAGES, check_recipe, finished, run_stages, stages_of, write_report
from jobs.engine.session import cluster_session, local_session
from jobs.engine.workers import check_workers
from jobs.explain import story as explain_page
from jobs.recipe.load import Recipe, RecipeError


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """Start Spark, in local mode unless spark-submit has started it already, and stop it afterwards."""
    spark = cluster_session() if _submitted() else local_session(master=master)
    try:
        yield spark
    finally:
        spark.stop()


def _submitted() -> bool:
    return "PYSPARK_GATEWAY_PORT" in os.environ


def run(recipe: Recipe, *, root: str, start: str | None, only: str | None, master: str) -> int:
    """Run a recipe and write run.json; return 0 if all input was read, 3 if some files could not be."""
    resolve_models(recipe.annotate)  # before Spark starts: a model that cannot be had is known in a second
    recall = dedup_lines(recipe)
    with session(master) as spark:
        context = make_context(spark, recipe, root=root)
        for line in recall:
            context.progress.say(line)
        with reported(context.root, recipe) as told:
            if _submitted():
                name_jobs(spark.sparkContext, "plan", step="workers")
                check_workers(spark, PACKAGES)
            markers = run_stages(context, start=start, only=only, told=told)
            if only is None:
                told.stage_began("report")
                with context.progress.stage("report", spark=spark.sparkContext):
                    page = write_report(context.root, recipe)
                _closing(context, markers, page)
            told.stage = None
            failed = told.failed_files = [path for _, path in context.root.still_failed()]
    for path in failed:
        typer.echo(f"could not be read: {path}", err=True)
    if failed:
        typer.echo("the same command again retries those alone; take out of the input what is no WARC file", err=True)
    return 3 if failed else 0


def make_context(spark: SparkSession, recipe: Recipe, *, root: str) -> Context:
    """Put together what the stages of a run are given."""
    language, *quality = models = resolve_models(recipe.annotate)
    ship(spark, models)
    return Context(
        recipe=recipe,
        root=Root(spark, absolute(root)),
        progress=Progress(),
        language_model=language,
        quality_model=quality[0] if quality else None,
    )


def _closing(context: Context, markers: dict[str, dict[str, Any]], page: str) -> None:
    """Print the funnel, where the corpus and report are, and three things to try."""
    root = context.root.path
    for line in funnel_lines(markers):
        typer.echo(line)
    typer.echo("")
    typer.echo(f"corpus  {root}/corpus")
    typer.echo(f"report  {page}")
    typer.echo("try")
    dropped = next((r for m in (markers["filter"],) for r in m["ledger"]["dropped"]), "few_words")
    typer.echo(f"  gristmill sample {root} --reason {dropped} -n 5")
    some = explain_page.some_url(context.root)
    typer.echo(f"  gristmill explain {root} {some}")
    typer.echo(f"  gristmill ledger {root}")


def plan(recipe: Recipe, *, root: str, master: str) -> None:
    """Print the recipe as it was understood, what a run would read and do, and what it would cost."""
    with session(master) as spark:
        context = make_context(spark, recipe, root=root)
        place = context.root
        check_recipe(spark, recipe)
        made = make_plan(place, recipe.run, recipe.select)
        typer.echo(json.dumps(recipe.model_dump(mode="json"), indent=1, ensure_ascii=False))
        typer.echo("")
        for line in estimate(made, recipe):
            typer.echo(line)
        for line in dedup_lines(recipe):
            typer.echo(line)
        for stage in stages_of(recipe):
            typer.echo(f"{stage.name:<9} {'to do' if made.added or finished(context, stage) is None else 'finished before'}")


def dedup_lines(recipe: Recipe) -> list[str]:
    """Say which near-duplicates the recipe can be expected to find.

    Raises RecipeError if the recipe's backend is not installed.
    """
    minhash = recipe.dedup.minhash
    return [] if minhash is None else list(recall_lines(minhash, algorithm=str(scheme(minhash)["algorithm"])))


def ledger(root: str, *, as_json: bool, master: str) -> int:
    """Print the ledger of a run."""
    with session(master) as spark:
        place = Root(spark, absolute(root))
        markers = {stage.name: marker for stage in STAGES if (marker := place.marker(stage.folder)) is not None}
        if not markers:
            raise RecipeError(f"{place.path} holds no finished stage. Name the root of a run, such as out/quickstart")
        failed = [path for _, path in place.still_failed()]
    if as_json:
        typer.echo(json.dumps({name: m["ledger"] for name, m in markers.items()} | {"failed_files": failed}, indent=1))
    else:
        for line in funnel_lines(markers):
            typer.echo(line)
        for path in failed:
            typer.echo(f"could not be read: {path}")
    return 0


def explain(root: str, page: str, *, master: str) -> int:
    """Print one page's story; return 2 if the page is not in the run."""
    with session(master) as spark:
        lines = explain_page.explain(Root(spark, absolute(root)), page)
    for line in lines:
        typer.echo(line)
    return 0 if lines else _unknown(page, root)


def _unknown(page: str, root: str) -> int:
    typer.echo(
        f"gristmill: {page!r} is no URL and no id of a capture in {root}. `gristmill sample {root}` prints some", err=True
    )
    return 2


def sample(root: str, *, reason: str | None, n: int, master: str) -> int:
    """Print documents kept, or dropped or failed for a reason."""
    with session(master) as spark:
        place = Root(spark, absolute(root))
        lines = list(explain_page.sample(place, reason=reason, n=n))
        if not lines:
            known = ", ".join(explain_page.reasons(place))
            typer.echo(f"gristmill: nothing in {root} has the reason {reason!r}. Reasons there: {known}", err=True)
            return 2
    for line in lines:
        typer.echo(line)
    return 0


def report(root: str, *, master: str) -> None:
    """Write the report of a run and print its path."""
    with session(master) as spark:
        place = Root(spark, absolute(root))
        stored = place.read_json("recipe.json")
        if stored is None:
            raise RecipeError(f"{place.path} holds no run: no recipe.json. Name the root of a run, such as out/quickstart")
        typer.echo(write_report(place, Recipe.model_validate(stored)))


def absolute(root: str) -> str:
    """Make a local root absolute, since workers may stand in another folder; leave s3a://, gs:// and the like alone."""
    return root if "://" in root else str(Path(root).absolute())
