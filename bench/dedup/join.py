"""Run dedup's join over a root that a bench has made: what extract, annotate and filter would have left, and no run around it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame

from jobs.dedup.index_keys import Published
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.dedup.stage import decisions_of
from jobs.dedup.tables import DECISIONS
from jobs.engine.root import Root
from jobs.filter.stage import DECISIONS as FILTERED
from jobs.recipe.minhash import MinHash

PASS = "bench"  # the pass of annotate in which the signals lie
SETS = ("statistics", "quality", "minhash")


@dataclass(frozen=True)
class Asked:
    """Say how signatures are made, and what dedup does with them."""

    minhash: MinHash
    settings: Dedup

    @property
    def near(self) -> NearDuplicates:
        """Return what a near-duplicate is."""
        assert self.settings.near_duplicates is not None
        return self.settings.near_duplicates


def join(root: Root, folder: str, asked: Asked, *, published: tuple[Published, ...] = (), loud: bool = False) -> DataFrame:
    """Return dedup's decisions; the order, the keys and the rounds go to a folder below the root."""
    return decisions_of(
        root,
        kept=root.read(FILTERED).where("outcome = 'kept'").select("id", "chunk"),
        settings=asked.settings,
        minhash=asked.minhash,
        order=folder,
        rounds=f"{folder}/near",
        say=lambda line: print(line, flush=True) if loud else None,
        published=published,
    )


def write_decisions(
    root: Root, folder: str, asked: Asked, *, published: tuple[Published, ...] = (), loud: bool = False
) -> None:
    """Write dedup's decisions as its stage does."""
    root.write(join(root, folder, asked, published=published, loud=loud), DECISIONS)


def mark_signals(root: Path, chunks: Iterable[str]) -> None:
    """Say of the signals of these chunks, below signals/PASS, that they were measured in one pass."""
    sets = {name: {"fingerprint": name, "pass": PASS} for name in SETS}
    folder = root / "signals"
    (folder / "_chunks").mkdir(parents=True, exist_ok=True)
    for chunk in chunks:
        (folder / f"_chunks/{chunk}.json").write_text(json.dumps({"sets": sets}))
    (folder / "_stage.json").write_text(json.dumps({"sets": {name: name for name in SETS}}))
