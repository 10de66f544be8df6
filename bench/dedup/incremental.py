"""Measure what it costs to compare a new dump with the index of an old one, small and large, and that it ends as one go over both."""

import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql.pandas.types import from_arrow_schema

from bench.dedup.corpus import Corpus, page, write_chunk
from bench.dedup.join import PASS, Asked, mark_signals, write_decisions
from bench.dedup.sketch import SIGNALS, sketching_of
from bench.process_usage import machine
from jobs.dedup import index as dedup_index
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.dedup.tables import DECISIONS
from jobs.engine import documents
from jobs.engine.root import Root
from jobs.recipe.minhash import MinHash

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHUNK = 10_000  # documents
DATES = {"old": "2026-01-01T00:00:00Z", "new": "2026-02-01T00:00:00Z"}
# in one go, the old dump's documents come first
ONE_GO = Dedup(near_duplicates=NearDuplicates(), survivor=("date ASC", "quality_score DESC", "character_count DESC"))
WORK = "dedup/bench"


def measure_incremental(
    spark: "SparkSession", out: Path, *, olds: Sequence[int], new: int, cores: int, check: bool
) -> dict[str, Any]:
    """Deduplicate a new dump against the index of each old one; with `check`, compare the smallest with one go over both."""
    runs = []
    for old in sorted(olds):
        folder = out / f"incremental-{old}"
        shutil.rmtree(folder, ignore_errors=True)
        corpus = Corpus(documents=old + new)
        roots = {dump: Root(spark, str(folder / dump)) for dump in ("old", "new", "both")}
        write_dumps(folder, corpus, old=old, cores=cores)
        asked = Asked(MinHash(), replace_index(ONE_GO, folder / "index"))
        one: dict[str, Any] = {"old": old, "new": new}
        for dump in ("old", "new"):
            write_signals(roots[dump])
            began = time.perf_counter()
            against = dedup_index.against(roots[dump], settings=asked.settings, minhash=asked.minhash, own=dump)
            write_decisions(roots[dump], WORK, asked, published=against)
            one[f"{dump}_s"] = time.perf_counter() - began
            began = time.perf_counter()
            kept = roots[dump].read(DECISIONS).where("outcome = 'kept'").select("id")
            dedup_index.publish(
                roots[dump], WORK, settings=asked.settings, minhash=asked.minhash, own=dump, kept=kept, compared=against
            )
            one[f"{dump}_index_s"] = time.perf_counter() - began
        decided = roots["new"].read(DECISIONS)
        one["dropped_by_old"] = decided.where("duplicate_dump = 'old'").count()
        one["dropped_by_new"] = decided.where("duplicate_of IS NOT NULL AND duplicate_dump IS NULL").count()
        if check and old == min(olds):
            one["differences"] = differences(roots)
        runs.append(one)
        shutil.rmtree(folder)
    return {"machine": machine(), "runs": runs, "faults": sum(one.get("differences", 0) for one in runs)}


def replace_index(settings: Dedup, index: Path) -> Dedup:
    """Return the settings of a monthly run over an index."""
    return settings.model_copy(update={"scope": "global", "index": str(index)})


def write_dumps(folder: Path, corpus: Corpus, *, old: int, cores: int) -> None:
    """Write the corpus as an old and a new dump, the new one's edits being of pages of both, and as one root of both."""
    parts = []
    for start in range(0, corpus.documents, CHUNK):
        for dump, first, last in (("old", start, min(start + CHUNK, old)), ("new", max(start, old), start + CHUNK)):
            if first < min(last, corpus.documents):
                parts.append((folder, corpus, dump, first, min(last, corpus.documents)))
    with ProcessPoolExecutor(cores) as workers:
        list(workers.map(_write_part, parts))


def _write_part(part: tuple[Path, Corpus, str, int, int]) -> None:
    folder, corpus, dump, first, last = part
    pages = [replace(page(corpus, number), date=DATES[dump]) for number in range(first, last)]
    for root in (dump, "both"):
        write_chunk(folder / root, f"{first:08d}", pages)


def write_signals(root: Root) -> None:
    """Write the signals that dedup reads."""
    texts = documents.documents(root).select("id", "text", "chunk")
    rows = texts.mapInArrow(sketching_of(MinHash()), from_arrow_schema(SIGNALS))
    rows.write.mode("overwrite").partitionBy("chunk").parquet(root.at("signals", PASS))
    mark_signals(Path(root.path), documents.chunks(root))


def differences(roots: dict[str, Root]) -> int:
    """Count the documents that one go over both dumps decides otherwise than one dump after the other."""
    write_signals(roots["both"])
    write_decisions(roots["both"], WORK, Asked(MinHash(), ONE_GO))
    apart = roots["old"].read(DECISIONS).unionByName(roots["new"].read(DECISIONS)).select("id", "outcome")
    together = roots["both"].read(DECISIONS).select("id", "outcome")
    return int(apart.exceptAll(together).count() + together.exceptAll(apart).count())


def incremental_table(found: dict[str, Any]) -> list[str]:
    """Return the runs as Markdown."""
    lines = [
        f"{found['machine']}.",
        "",
        "| old dump | new dump | old alone, s | new against old, s | index of the new one, s | dropped by the old | by its own | unlike one go |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in found["runs"]:
        lines.append(
            f"| {one['old']:,} | {one['new']:,} | {one['old_s']:.1f} | {one['new_s']:.1f} | {one['new_index_s']:.1f} "
            f"| {one['dropped_by_old']:,} | {one['dropped_by_new']:,} | {one.get('differences', 'not asked')} |"
        )
    return lines
