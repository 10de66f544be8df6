"""What a run would ask, said before anything is sent: requests, tokens, dollars and hours."""

from collections.abc import Iterator

from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine import documents
from jobs.engine.job import Job
from jobs.rephrase.budget import limit_of
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.work import MILLION, price_of, work_of
from udfs.documents.file_row import FileRange
from udfs.rephrase.questions import COUNTS, CountQuestions

BYTES_PER_TOKEN = 4.3  # of English, in the vocabularies of 100,000 tokens and more


def lines(job: Job[Rephrase]) -> Iterator[str]:
    """Yield what the unfinished chunks ask. It costs one reading of their text, and no request."""
    ranges = unfinished(job)
    if not ranges:
        return
    asked = _count(job, ranges)
    tokens_in, most_out = asked["prompt_bytes"] / BYTES_PER_TOKEN, asked["most_out"]
    settings = job.settings
    dollars = (tokens_in * settings.dollars_per_million_in + most_out * settings.dollars_per_million_out) / MILLION
    yield (
        f"rephrase  {asked['questions']:,} requests for {asked['rephrases']:,} rephrases of {asked['documents']:,} documents; "
        f"{asked['answered']:,} more are answered already, and are not asked again"
    )
    rate = settings.tokens_per_second
    hours = (
        f"{most_out / rate / 3600:,.1f} hours at most, by {rate:,g} tokens a second"
        if rate
        else "hours: unknown without tokens_per_second"
    )
    yield (
        f"rephrase  about {tokens_in:,.0f} tokens in, at most {most_out:,} out; at most {dollars:,.2f} dollars by the recipe's prices; {hours}"
    )
    yield from _budgets(job)
    limit = limit_of(settings)
    if limit is not None:
        most = price_of(settings).of(tokens_in, most_out)
        unit = "tokens" if settings.budget_dollars is None else "dollars"
        yield f"rephrase  the budget is {limit:,g} {unit}, and these requests may take {most:,.2f}; a run stops before it spends more"


def _budgets(job: Job[Rephrase]) -> Iterator[str]:
    """Yield what each style with a budget takes of the whole input, whatever is answered already."""
    for style in job.settings.style:
        if style.budget_tokens is None:
            continue
        planned = job.pinned[style.name]
        rest = "all documents fit" if planned["key"] is None else "the documents after them are not asked"
        yield (
            f"rephrase  style {style.name}: {planned['documents']:,} documents, at most {planned['tokens']:,} tokens in and out of its "
            f"budget of {style.budget_tokens:,}; {rest}"
        )


def unfinished(job: Job[Rephrase]) -> tuple[FileRange, ...]:
    """Return the ranges of the chunks that a run would work on."""
    context, plan = job.context, job.context.plan
    done, how = documents.finished(job.root), job.how()
    again = set(plan.chunks if context.start == context.source.name else plan.added)
    todo = [name for name in plan.chunks if name in again or done.get(name, {}).get("fingerprint") != how]
    return tuple(part for name in todo for part in plan.chunks[name])


def _count(job: Job[Rephrase], ranges: tuple[FileRange, ...]) -> dict[str, int]:
    spark = job.root.spark
    tasks = spark.range(0, len(ranges), 1, min(len(ranges), job.recipe.run.max_readers))
    counted = tasks.mapInArrow(CountQuestions(ranges, work_of(job)), from_arrow_schema(COUNTS))
    row = counted.agg(*(F.sum(name).alias(name) for name in COUNTS.names)).first()
    assert row is not None
    return {name: int(row[name] or 0) for name in COUNTS.names}
