"""The budget: what earlier answers cost, what each range of input may spend, and how a run ends that has spent it."""

from jobs.engine import documents
from jobs.engine.errors import AlarmError
from jobs.engine.job import Job
from jobs.engine.literal_paths import literal
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.work import FOLDER, price_of
from udfs.documents.file_row import FileRange
from udfs.reading.location import LocationError, size
from udfs.rephrase.worker import SPENT


def limit_of(settings: Rephrase) -> float | None:
    """Return the budget, in tokens or dollars; None if there is none."""
    return settings.budget_tokens if settings.budget_dollars is None else settings.budget_dollars


def paid(job: Job[Rephrase]) -> tuple[int, int]:
    """Return the tokens in and out of all answers that the root keeps."""
    if not job.root.exists(f"{FOLDER}/answers"):
        return 0, 0
    reader = literal(job.root.spark).schema("tokens_in long, tokens_out long").option("recursiveFileLookup", "true")
    row = reader.json(job.root.at(FOLDER, "answers")).selectExpr("sum(tokens_in) AS i", "sum(tokens_out) AS o").first()
    assert row is not None
    return int(row["i"] or 0), int(row["o"] or 0)


def allowances(
    job: Job[Rephrase], plan: dict[str, tuple[FileRange, ...]], spent: tuple[int, int]
) -> dict[str, tuple[float, ...]] | None:
    """Share what is left of the budget among the ranges to be read, by their bytes; None without a budget.

    `spent` are the tokens in and out that were paid before.

    The shares add up to what is left, so no run spends more, however its tasks are timed.
    """
    limit = limit_of(job.settings)
    if limit is None:
        return None
    left = max(0.0, limit - price_of(job.settings).of(*spent))
    weights = {chunk: [_bytes(one) for one in ranges] for chunk, ranges in plan.items()}
    total = max(1, sum(sum(some) for some in weights.values()))
    return {chunk: tuple(left * one / total for one in some) for chunk, some in weights.items()}


def refuse_if_spent(job: Job[Rephrase], before: tuple[int, int]) -> None:
    """Raise AlarmError if a range has stopped at its part of the budget; `before` are the tokens that were paid before this run."""
    still = set(documents.still_failed(job.root))
    rows = documents.files(job.root).where(f"reason = '{SPENT}'").select("chunk", "file_path").distinct().collect()
    stopped = [row["file_path"] for row in rows if (row["chunk"], row["file_path"]) in still]
    if stopped:
        tokens_in, tokens_out = paid(job)
        if (tokens_in, tokens_out) == before:
            raise AlarmError(
                f"what is left of the budget of [rephrase] is shared among {len(stopped):,} file(s), and no part is enough for one request: "
                f"nothing was asked, and the same command would ask nothing. Raise the budget, or give the style budget_tokens, which "
                f"chooses documents before anything is asked"
            )
        raise AlarmError(
            f"the budget of [rephrase] ends here: {len(stopped):,} file(s) wait for answers, and {tokens_in:,} tokens in and "
            f"{tokens_out:,} out are paid. Nothing after it ran. The same command spends what is left of the budget on the rest; a "
            f"higher budget in the recipe goes on from there, and no answer is paid again"
        )


def _bytes(planned: FileRange) -> int:
    try:
        return max(1, (size(planned.file_path) if planned.end is None else planned.end) - planned.start)
    except LocationError:
        return 1
