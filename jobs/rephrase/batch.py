"""Questions out as the lines of a batch, responses in as answers: for providers' batches and for `vllm run-batch`."""

from collections.abc import Iterable
from pathlib import Path

import typer
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.contexts import absolute, make_context
from jobs.engine.errors import RecipeError
from jobs.engine.job import Context, Job
from jobs.engine.literal_paths import literal
from jobs.engine.root import Root
from jobs.recipe.recipe import Recipe
from jobs.rephrase.estimate import unfinished
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.work import FOLDER, work_of
from udfs.corpus.folders import corpus_files
from udfs.endpoint.answers import Answers
from udfs.endpoint.batch_file import URL, BatchError, response_of
from udfs.endpoint.question import Answer
from udfs.reading.location import open_location
from udfs.rephrase.questions import LINES, WriteQuestions

SHOWN = 3


def write_batch(job: Job[Rephrase], out: str) -> int:
    """Write the questions that have no answer as text files below a folder, and return how many there are."""
    ranges = unfinished(job)
    if not ranges:
        return 0
    spark = job.root.spark
    tasks = spark.range(0, len(ranges), 1, len(ranges))
    lines = tasks.mapInArrow(WriteQuestions(ranges, work_of(job)), from_arrow_schema(LINES))
    lines.write.mode("errorifexists").text(out)
    return literal(spark).text(out).count()


def read_batch(job: Job[Rephrase], files: Iterable[str]) -> tuple[int, list[str]]:
    """Keep the answers of response files, and return how many are new, and what is wrong with the other lines."""
    kept, faults = 0, []
    folders: dict[str, Answers] = {}
    for file in files:
        for line in open_location(file).read().splitlines():  # of bytes: a string would be cut at U+2028 within an answer too
            try:
                place, key, found = response_of(line.decode("utf-8", "replace"), model=job.settings.model)
            except BatchError as error:
                faults.append(f"{file}: {error}")
                continue
            if not isinstance(found, Answer):
                faults.append(f"{file}: {key}: {found.what}")
                continue
            answers = folders.setdefault(place, Answers(f"{job.root.at(FOLDER, 'answers')}/{place}"))
            kept += answers.find(key) is None
            answers.add(key, found, about={"batch": Path(file).name})
    for answers in folders.values():
        answers.close()
    return kept, faults


def export_batch(recipe: Recipe, *, root: str, out: str, master: str) -> None:
    """Write what a run of the recipe would ask into a new folder, and say how to go on."""
    from jobs.commands import session

    with session(master) as spark:
        context = make_context(recipe, root=Root(spark, absolute(root)), models={})
        count = write_batch(_job(recipe, context), absolute(out))
    typer.echo(f"{count:,} requests in {out}: send its files as batches of {URL}, or give them to vllm run-batch")


def import_batch(recipe: Recipe, *, root: str, responses: list[str], master: str) -> int:
    """Keep the answers of response files; return 3 if some lines hold none."""
    from jobs.commands import session

    files = [file for one in responses for file in corpus_files(one)]
    with session(master) as spark:
        context = make_context(recipe, root=Root(spark, absolute(root)), models={})
        kept, faults = read_batch(_job(recipe, context), files)
    for fault in faults[:SHOWN]:
        typer.echo(f"no answer: {fault}", err=True)
    typer.echo(f"{kept:,} answers kept, {len(faults):,} lines without one; the run asks servers for what is missing")
    return 3 if faults else 0


def _job(recipe: Recipe, context: Context) -> Job[Rephrase]:
    if "rephrase" not in recipe.sections:
        raise RecipeError("the recipe has no [rephrase], so it asks nothing and there is no batch of it")
    return context.job(context.source)
