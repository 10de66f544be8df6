"""The ledger: a query over what a stage wrote, that says whether every record in is kept, dropped or failed."""

from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.errors import LedgerError


@dataclass(frozen=True)
class Tally:
    """Count a set of ids and sum their hashes, so that one lost and one invented do not cancel out."""

    count: int = 0
    id_sum: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.id_sum + other.id_sum)


@dataclass(frozen=True)
class Ledger:
    """Hold what came into a stage and what became of it, by reason."""

    came: Tally
    kept: Tally
    dropped: dict[str, Tally] = field(default_factory=dict)
    failed: dict[str, Tally] = field(default_factory=dict)

    def check(self, stage: str) -> "Ledger":
        """Return itself, or raise LedgerError if what went out is not what came in."""
        out = self.kept
        for tally in (*self.dropped.values(), *self.failed.values()):
            out = out + tally
        if out != self.came:
            raise LedgerError(
                f"{stage}: {self.came.count:,} records came in and {out.count:,} are accounted for "
                f"(sums of id hashes {self.came.id_sum} and {out.id_sum}): the stage is not finished and nothing after it ran. "
                f"Run it again with --from {stage}; if it happens twice, it is a bug in gristmill"
            )
        return self

    def follows(self, written: dict[str, Any], *, stage: str, before: str) -> None:
        """Raise LedgerError unless what came in is what the stage before has written that it kept."""
        if (self.came.count, str(self.came.id_sum)) != (written["kept"], written["kept_id_sum"]):
            raise LedgerError(
                f"{stage}: {self.came.count:,} records came in, but {before} sent {written['kept']:,} on (sums of id hashes "
                f"{self.came.id_sum} and {written['kept_id_sum']}): the stage is not finished and nothing after it ran. "
                f"Run it again with --from {before}; if it happens twice, it is a bug in gristmill"
            )

    def as_json(self) -> dict[str, Any]:
        """Return plain counts, as a stage's marker holds them."""
        return {
            "in": self.came.count,
            "in_id_sum": str(self.came.id_sum),
            "kept": self.kept.count,
            "kept_id_sum": str(self.kept.id_sum),
            "dropped": {reason: tally.count for reason, tally in sorted(self.dropped.items())},
            "failed": {reason: tally.count for reason, tally in sorted(self.failed.items())},
        }


# 64-bit hashes summed as decimals: a sum notices a row written twice, which xor would cancel
ID_SUM = "coalesce(sum(cast(xxhash64(id) AS decimal(38,0))), 0)"


def tally(ids: DataFrame) -> Tally:
    """Count the rows of a table with an `id` and sum the hashes of the ids."""
    row = ids.select(F.count("*").alias("n"), F.expr(ID_SUM).alias("s")).first()
    assert row is not None
    return Tally(int(row["n"]), int(row["s"]))


def ledger(*, came: Tally, decisions: DataFrame, kept: str) -> Ledger:
    """Make the ledger of a stage from the table it wrote, which has `id`, `outcome` and `reason`.

    `kept` names the outcome that goes on to the next stage; "failed" is failed; any other is dropped.
    """
    rows = decisions.groupBy("outcome", "reason").agg(F.count("*").alias("n"), F.expr(ID_SUM).alias("s")).collect()
    went: dict[str, dict[str, Tally]] = {"kept": {}, "dropped": {}, "failed": {}}
    for row in rows:
        place = "kept" if row["outcome"] == kept else "failed" if row["outcome"] == "failed" else "dropped"
        reason = str(row["reason"])
        went[place][reason] = went[place].get(reason, Tally()) + Tally(int(row["n"]), int(row["s"]))
    return Ledger(came=came, kept=sum(went["kept"].values(), Tally()), dropped=went["dropped"], failed=went["failed"])
