"""Exact draws: which documents of each corpus stand in the mix once more, so that its tokens are met.

The documents of a corpus are drawn in the order of a hash. Each is taken as often as it still fits; the next ones that fit fill the gap.

1. The tokens of each corpus are summed by the upper bits of that hash. The driver sees at most 4,096 numbers a corpus.
2. The sums tell in which cell the tokens are used up. That cell alone is put in order, in one task, and gives one row: the cut.
3. Of the documents behind the cut, the first FILL that are short enough fill the gap. Only these reach the driver.
"""

from collections.abc import Collection, Iterable, Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.cells import CELL_BITS, cell_of, first_beyond
from jobs.mix.targets import Size
from udfs.mix.draw import KEY_BITS, Draw, Place, filled

FILL = 10_000
_WEIGHT = "tokens * base"
_CELL = f"cast(shiftright(key, {KEY_BITS - CELL_BITS}) AS int)"


def sizes_of(counted: DataFrame, names: Iterable[str]) -> dict[str, Size]:
    """Count the documents and tokens of each corpus."""
    rows = counted.groupBy("corpus").agg(F.count("*").alias("n"), F.sum(F.expr(_WEIGHT)).alias("tokens")).collect()
    found = {str(row["corpus"]): Size(int(row["n"]), int(row["tokens"])) for row in rows}
    return {name: found.get(name, Size(0, 0)) for name in names}


def draws(counted: DataFrame, wanted: Mapping[str, int], *, seed: int, handed_on: Collection[str] = ()) -> dict[str, Draw]:
    """Say how the documents of each corpus are drawn, so that each has its tokens: less only by a gap that no document fits into.

    `counted` has corpus, id, key, tokens and base. The gap of a corpus in `handed_on` is added to what the next of them should have.
    """
    drawn = counted.where("tokens > 0 AND base > 0").select("corpus", "id", "key", "tokens", "base")
    rows = drawn.groupBy("corpus", F.expr(_CELL).alias("cell")).agg(F.sum(F.expr(_WEIGHT)).alias("tokens")).collect()
    cells: dict[str, dict[int, int]] = {name: {} for name in wanted}
    for row in rows:
        cells[str(row["corpus"])][int(row["cell"])] = int(row["tokens"])
    found, gap = {}, 0
    for name, tokens in wanted.items():
        asked = tokens + (gap if name in handed_on else 0)
        found[name], left = _of_corpus(drawn.where(F.col("corpus") == name), asked, cells[name], Draw(name, seed))
        gap = left if name in handed_on else gap
    return found


def _of_corpus(drawn: DataFrame, asked: int, cells: Mapping[int, int], plain: Draw) -> tuple[Draw, int]:
    """Return how a corpus is drawn, and the tokens that are missing then."""
    total = sum(cells.values())
    if not total:
        return plain, asked
    whole, rest = divmod(asked, total)
    if not rest:
        return Draw(plain.corpus, plain.seed, whole), 0
    reached = cell_of(cells, rest)
    assert reached is not None, f"{rest} tokens are less than all {total}"
    cell, before = reached
    cut, taken = first_beyond(drawn.where(F.expr(_CELL) == cell), rest - before, weight=_WEIGHT)
    more, left = _fill(drawn, cut, rest - before - taken)
    return Draw(plain.corpus, plain.seed, whole, cut, more), left


def _fill(drawn: DataFrame, cut: Place, room: int) -> tuple[dict[str, int], int]:
    """Fill the room with documents from the cut on; return how often each stands there, and what stays empty."""
    behind = F.struct("key", "id") >= F.struct(F.lit(cut[0]).cast("long"), F.lit(cut[1]))
    rows = drawn.where(behind & (F.col("tokens") <= room)).orderBy("key", "id").limit(FILL).collect()
    rest = [(str(row["id"]), int(row["tokens"]), int(row["base"])) for row in rows]
    more = filled(rest, gap=room)
    return more, room - sum(more.get(name, 0) * tokens for name, tokens, _ in rest)
