"""Budgets of styles: where in the order of hashes a style's tokens are planned full, found before anything is asked.

The result is exact, and the same on any cluster. The corpus is read twice, and cut into segments only as far as a budget may reach:

1. Workers bound the tokens of each document from below, and sum the bounds by the upper bits of the document's hash.
2. Where the sums exceed a budget, its cut lies at or before that cell. Documents of later cells are certainly beyond it.
3. Workers cut the documents up to that cell into segments, and give hash, id and tokens of each. No text leaves them.
4. The tokens are summed by the same bits. One task puts the cell in order in which the budget is full, and gives one row: the cut.

The driver holds at most 4,096 sums a style, and one row a style. It collects no document.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine import documents
from jobs.engine.cells import CELL_BITS, cell_of, first_beyond
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.plan import ranges_in
from jobs.engine.source import how_of_chunks
from jobs.engine.stage import Otherwise
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.work import CUTS, decides, uncut
from udfs.documents.file_row import FileRange
from udfs.rephrase.settings import Rephrase as Work
from udfs.rephrase.sizes import LEAST, SIZES, LeastSizes, Sizes
from udfs.rephrase.style import KEY_BITS

Cells = dict[str, dict[int, int]]  # by style and cell: tokens
_CELL = f"cast(shiftright(key, {KEY_BITS - CELL_BITS}) AS int) AS cell"


@dataclass(frozen=True)
class Planned:
    """Say what a style's budget takes: so many documents, of so many tokens at most; `key` and `id` name the first beyond it."""

    documents: int
    tokens: int
    key: int | None = None
    id: str | None = None


def pin(job: Job[Rephrase]) -> dict[str, Any] | None:
    """Return, by style, where its budget is full; None if no style has one.

    What a run of this root has found for the same files and styles is taken as it is.
    """
    if not any(style.budget_tokens for style in job.settings.style):
        return None
    ranges = _ranges(job.context.plan.chunks)
    stored = job.root.read_json(CUTS)
    if stored is not None and (stored["files"], stored["styles"]) == (_files(ranges), _styles(job)):
        return dict(stored["planned"])
    return {name: asdict(one) for name, one in plan_budgets(job, ranges).items()}


def keep(job: Job[Rephrase]) -> None:
    """Write down where the budgets are full, before a row rests on it."""
    if job.pinned is not None:
        ranges = _ranges({name: ranges_in(chunk) for name, chunk in documents.planned(job.root).items()})
        job.root.write_json(CUTS, {"files": _files(ranges), "styles": _styles(job), "planned": job.pinned})


def done_otherwise(job: Job[Rephrase]) -> Otherwise:
    """Return the chunks that were rephrased in another way. Raises RecipeError if they were since a budget ends elsewhere now."""
    chunks, stands_for = how_of_chunks(job)
    stored = job.root.read_json(CUTS)
    if chunks and stored is not None and stored["styles"] == _styles(job) and stored["planned"] != job.pinned:
        moved = ", ".join(name for name, one in (job.pinned or {}).items() if stored["planned"].get(name) != one)
        raise RecipeError(
            f"[[rephrase.style]] budget_tokens: the input has changed, and the budget of {moved} ends at another document now. "
            f"{len(chunks)} chunk(s) of {job.root.path} were chosen by the old one, so nothing was run. Add --from rephrase to choose "
            f"anew: answers that are there are not asked again. Or give another --root"
        )
    return chunks, stands_for


def plan_budgets(job: Job[Rephrase], ranges: tuple[FileRange, ...]) -> dict[str, Planned]:
    """Find where each style's budget is full. Raises RecipeError if a file cannot be read."""
    budgets = {style.name: style.budget_tokens for style in job.settings.style if style.budget_tokens}
    work = uncut(job)
    work = replace(work, styles=tuple(style for style in work.styles if style.name in budgets))
    spark = job.root.spark
    tasks = spark.range(0, len(ranges), 1, max(1, min(len(ranges), job.recipe.run.max_readers)))
    last = _last_cells(_least(tasks, ranges, work), budgets)
    sizes = tasks.mapInArrow(Sizes(ranges, work, CELL_BITS, last), from_arrow_schema(SIZES)).persist()
    try:
        cells = _by_style(sizes.groupBy("style", F.expr(_CELL)).agg(F.sum("tokens").alias("tokens")).collect(), budgets)
        return {name: _planned(sizes.where(F.col("style") == name), cells[name], budget) for name, budget in budgets.items()}
    finally:
        sizes.unpersist()


def _least(tasks: DataFrame, ranges: tuple[FileRange, ...], work: Work) -> Cells:
    """Sum the bounds from below by style and cell."""
    rows = tasks.mapInArrow(LeastSizes(ranges, work, CELL_BITS), from_arrow_schema(LEAST))
    summed = (
        rows.groupBy("style", "cell").agg(F.sum("tokens").alias("tokens"), F.min("unreadable").alias("unreadable")).collect()
    )
    lost = next((row["unreadable"] for row in summed if row["unreadable"] is not None), None)
    if lost is not None:
        raise RecipeError(
            f"[[rephrase.style]] budget_tokens: {lost}. Where a budget is full rests on every file, so nothing was asked. Run again when "
            f"it can be read, or take it out of the input"
        )
    return _by_style(summed, [style.name for style in work.styles])


def _by_style(summed: Iterable[Row], names: Iterable[str]) -> Cells:
    """Take the sums of each style apart."""
    cells: Cells = {name: {} for name in names}
    for row in summed:
        cells[row["style"]][int(row["cell"])] = int(row["tokens"])
    return cells


def _last_cells(least: Cells, budgets: Mapping[str, int]) -> dict[str, int]:
    """Return for each style the last cell that its budget may reach."""
    reached = {name: cell_of(least[name], budget) for name, budget in budgets.items()}
    return {name: (1 << CELL_BITS) - 1 if found is None else found[0] for name, found in reached.items()}


def _planned(sizes: DataFrame, cells: Mapping[int, int], budget: int) -> Planned:
    """Find the first document of a style that its budget does not hold, and what stands before it."""
    reached = cell_of(cells, budget)
    if reached is None:
        return Planned(sizes.count(), sum(cells.values()))
    cell, before = reached
    within = sizes.select("*", F.expr(_CELL)).where(F.col("cell") == cell)
    (key, id_), _ = first_beyond(within, budget - before, weight="tokens")
    # a document that is there twice is left out twice
    earlier = F.struct("key", "id") < F.struct(F.lit(key).cast("long"), F.lit(id_))
    taken = sizes.where(earlier).agg(F.count("*").alias("documents"), F.sum("tokens").alias("tokens")).first()
    assert taken is not None
    return Planned(int(taken["documents"]), int(taken["tokens"] or 0), key, id_)


def _ranges(chunks: Mapping[str, tuple[FileRange, ...]]) -> tuple[FileRange, ...]:
    """Return the ranges of each file, as it was planned last: a file that failed is in several chunks."""
    latest: dict[str, tuple[FileRange, ...]] = {}
    for parts in chunks.values():
        for path in dict.fromkeys(part.file_path for part in parts):
            latest[path] = tuple(part for part in parts if part.file_path == path)
    return tuple(part for _, parts in sorted(latest.items()) for part in parts)


def _files(ranges: tuple[FileRange, ...]) -> str:
    return fingerprint([[part.file_path, part.start, part.end, part.version] for part in ranges])


def _styles(job: Job[Rephrase]) -> str:
    return fingerprint(decides(job), [style.budget_tokens for style in job.settings.style])
