"""Sampling: the recipe's steps, one after another, over what the stages before kept; no Python worker runs, and no text is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.fingerprint import fingerprint
from jobs.engine.host_lists import digests
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.root import Root
from jobs.sampling.cuts import FEW, Once
from jobs.sampling.methods import taken
from jobs.sampling.pool import UNMEASURED, begin, write_pool
from jobs.sampling.settings import Step
from jobs.sampling.tables import DECISIONS
from jobs.sampling.targets import Target, place_of, target_files, targets
from jobs.sampling.work import Work

FOLDER = "sampling"


def run(job: Job[tuple[Step, ...]]) -> Ledger:
    """Take the steps, write their decisions, and prove that each document that came has one.

    1. The pool is written: id, chunk, and what the steps ask of each document, a few numbers (sampling/<fingerprint>/pool).
    2. Each step finds its cuts or factors from the pool as the steps before leave it, and writes them there too. They are small: a row
       for each group.
    3. One pass over the pool takes all steps and writes decisions/sampling.
    So a killed run goes on with the step it was at.
    """
    root, folder = job.root, folder_of(job.key())
    pinned = (job.pinned or {}).get("targets") or {}
    wanted = targets(root, FOLDER, job.settings, pinned)
    rows = take(begin(write_pool(job, folder)), job.settings, root=root, folder=folder, targets=wanted)
    root.write(decided(rows), DECISIONS)
    proved = ledger(came=tally(job.kept()), decisions=root.read(DECISIONS), kept="kept")
    counted = map(place_of, pinned.values())
    root.delete_all_but(FOLDER, [folder.removeprefix(f"{FOLDER}/"), *counted])  # what other fingerprints have left
    return proved


def folder_of(key: str) -> str:
    """Name the folder of the pool and the cuts, after the fingerprint of the stage's result."""
    return f"{FOLDER}/{fingerprint(key)}"


def pin(job: Job[tuple[Step, ...]]) -> dict[str, Any] | None:
    """Return the sha256 of the files that steps name, lists of hosts and targets of dsir; None if none does."""
    hosts = digests(name for step in job.settings for name in (step.hosts, step.not_hosts) if name is not None)
    found = {"hosts": hosts, "targets": target_files(job)}
    return {kind: files for kind, files in found.items() if files} or None


def decides(job: Job[tuple[Step, ...]]) -> Any:
    """Return the steps, without where they come from; a target is pinned by content, so its name decides nothing."""
    return [
        step.model_dump(mode="json", exclude={"source": True, "dsir": {"target": True}, **dict.fromkeys(_without(step), True)})
        for step in job.settings
    ]


def _without(step: Step) -> list[str]:
    """Name the keys that a step does not have and that came later: without them it is what it was."""
    return [name for name in ("hosts", "not_hosts") if getattr(step, name) is None]


def facts(job: Job[tuple[Step, ...]]) -> dict[str, Any]:
    """Say in the stage's marker how many copies the kept documents have together."""
    row = job.root.read(DECISIONS).agg(F.coalesce(F.sum("copies"), F.lit(0)).alias("copies")).first()
    return {"copies": int(row["copies"]) if row is not None else 0}


def take(
    rows: DataFrame,
    steps: Sequence[Step],
    *,
    root: Root,
    folder: str,
    few: int = FEW,
    targets: Mapping[str, Target] | None = None,
) -> DataFrame:
    """Take the steps in order. What each step needs to know of the whole pool is written below the folder when it is its turn."""
    for place, step in enumerate(steps):
        once: Once = lambda name, make, at=f"{folder}/{place}-{step.name}": root.once(f"{at}/{name}", make)  # type: ignore[misc]  # noqa: E731
        rows = taken(rows, Work(step, place, once=once, few=few, targets=targets or {}))
    return rows


def decided(rows: DataFrame) -> DataFrame:
    """Return a decision for every document: with the value and the cut of the step that dropped it, if one did."""
    failed, kept = F.col("reason") == UNMEASURED, F.col("reason").isNull()
    last = F.when(~kept & ~failed, F.element_at("steps", -1))
    return rows.select(
        "id",
        F.when(kept, "kept").when(failed, "failed").otherwise("dropped").alias("outcome"),
        "reason",
        last["value"].alias("value"),
        last["cut"].alias("cut"),
        "copies",
        "steps",
        "bucket",
        "chunk",
    )
