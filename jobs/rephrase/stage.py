"""Rephrase: what models write of the documents of a corpus becomes documents, so that every later stage works on it as on a crawl."""

import os
from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger
from jobs.engine.plan import ranges_in
from jobs.engine.source import readers, run_source
from jobs.engine.store import needs_spark
from jobs.rephrase.budget import allowances, limit_of, paid, refuse_if_spent
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.style_budgets import keep
from jobs.rephrase.work import prompt_of, work_of
from udfs.documents.file_row import FileRange
from udfs.documents.schema import ROW_SCHEMA
from udfs.endpoint.client import KeyMissing, api_key
from udfs.rephrase.worker import RECORD, RephraseFiles

CAPTURES = f"coalesce(records['{RECORD}'], 0L)"


def check(job: Job[Rephrase]) -> None:
    """Refuse what would pay twice, could keep no answer, or has no key or prompt. Raises RecipeError."""
    for style in job.settings.style:
        prompt_of(style.prompt)
    try:
        api_key(job.settings.key_env, os.environ)
    except KeyMissing as error:
        raise RecipeError(f"[rephrase] key_env: {error}; nothing was run. Export it where the driver runs") from None
    if needs_spark(job.root.path):
        raise RecipeError(
            f"[rephrase] workers keep answers on a disk or on S3, and {job.root.path} is neither, so a paid answer could be lost; nothing "
            f"was run. Give a --root there"
        )
    if job.root.spark.sparkContext.getConf().get("spark.speculation", "false") == "true":
        raise RecipeError(
            "[rephrase] spark.speculation runs a slow task twice, which would ask and pay its requests twice; nothing was run. Set "
            "--conf spark.speculation=false for this recipe"
        )


def run(job: Job[Rephrase]) -> Ledger:
    """Rephrase every unfinished chunk, and prove that every rephrase is a row."""
    run_, cores = job.recipe.run, job.root.spark.sparkContext.defaultParallelism
    # a task has one request at the least, so there are no more tasks than requests
    bounded = run_.model_copy(update={"max_readers": min(run_.max_readers, job.settings.concurrency)})
    job = replace(job, context=replace(job.context, recipe=replace(job.recipe, run=bounded)))
    keep(job)
    stored = documents.planned(job.root)
    plan = {name: ranges_in(stored[name]) for name in documents.pending(job.root, job.how())}
    at_once = min(cores, bounded.max_readers, max(1, sum(map(len, plan.values()))))
    spent = (0, 0) if limit_of(job.settings) is None else paid(job)
    work, may_spend = work_of(job, tasks=at_once), allowances(job, plan, spent)
    if work.endpoint.key_env:  # workers get the key with their tasks: Spark's settings are shown in its interface, and logged
        job.root.spark.sparkContext.environment[work.endpoint.key_env] = api_key(work.endpoint.key_env, os.environ)

    def read(chunk: str, files: tuple[FileRange, ...], isolate: bool) -> DataFrame:
        worker = RephraseFiles(files, work, may_spend[chunk] if may_spend is not None else None, isolate=isolate)
        _, most = readers(bounded)
        tasks = job.root.spark.range(0, len(files), 1, min(most, len(files)))
        return tasks.mapInArrow(worker, from_arrow_schema(ROW_SCHEMA))

    ledger = run_source(job, read=read)
    refuse_if_spent(job, spent)
    return ledger
