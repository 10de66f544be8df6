"""Hold dedup against the pass that it promises to equal: datasketch's own MinHashLSH in survivor order, then exact Jaccard."""

import re
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasketch import MinHash as Datasketch
from datasketch import MinHashLSH

from bench.dedup.corpus import Page, write_chunk
from bench.dedup.join import PASS, Asked, join, mark_signals
from bench.dedup.shapes import shaped_corpus
from bench.dedup.sketch import quality_of, sketching_of
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.engine.root import Root
from jobs.recipe.minhash import MinHash
from udfs.similarity.minhash import Backend

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEME = "affine32"  # datasketch 2's own
SURVIVOR = ("quality_score DESC", "character_count DESC", "date ASC")
# few rows and low thresholds make candidates by the thousand; the last is FineWeb's, the one before our default
SETTINGS = (
    (MinHash(ngram=2, bands=16, rows=2), 0.6),
    (MinHash(ngram=3, bands=20, rows=4), 0.7),
    (MinHash(ngram=1, bands=10, rows=3), 0.5),
    (MinHash(ngram=5, bands=24, rows=6), 0.75),
    (MinHash(ngram=5, bands=14, rows=8), 0.75),
)
BACKENDS: tuple[Backend, ...] = ("datasketch", "rensa")
WAYS = tuple((partitions, adaptive) for partitions in (1, 4, 16) for adaptive in ("true", "false"))

Shingles = frozenset[tuple[str, ...]]
Decision = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Hold one corpus with its settings, signatures and shingles; shingles are made here apart from udfs."""

    pages: Sequence[Page]
    asked: Asked
    sketches: Mapping[str, bytes | None]
    shingles: Mapping[str, Shingles]

    def order(self, page: Page) -> tuple[object, ...]:
        """Return what sorts a page into survivor order."""
        quality = quality_of(page.id)
        return (quality is None, -(quality or 0.0), -len(page.text), page.date, page.id)

    def similarity(self, one: str, other: str) -> float:
        """Return the exact Jaccard similarity of two documents' shingles."""
        union = len(self.shingles[one] | self.shingles[other])
        return len(self.shingles[one] & self.shingles[other]) / union if union else 0.0

    def captures_alike(self, one: Page, other: Page) -> bool:
        """Tell whether two captures of one URL are duplicates."""
        least = self.asked.settings.min_url_similarity
        same = self.asked.settings.exact_text and one.text.split() == other.text.split()
        return least == 0 or same or self.similarity(one.id, other.id) >= least


@dataclass
class Verdict:
    """Count what came of one or more corpora."""

    corpora: int = 0
    documents: int = 0
    dropped: int = 0
    runs: int = 0
    witnesses: int = 0
    reasons: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list)


def check_corpora(
    spark: "SparkSession", folder: Path, *, seeds: Sequence[int], ways: int, documents: int | None = None
) -> Verdict:
    """Hold a corpus for each seed and backend against the reference; sizes vary from 2,000 to 5,000 documents if not given.

    Each is run in so many ways of cutting the work, taken in turn, so that over the corpora all have theirs.
    """
    verdict = Verdict()
    for seed in seeds:
        for nth, backend in enumerate(BACKENDS):
            minhash, min_similarity = SETTINGS[seed % len(SETTINGS)]
            # without exact texts copies meet in buckets and are compared as any two
            near = NearDuplicates(min_similarity=min_similarity)
            settings = Dedup(near_duplicates=near, survivor=SURVIVOR, exact_text=seed % 4 != 3)
            asked = Asked(minhash.model_copy(update={"backend": backend}), settings)
            size = documents or 2000 + 500 * (seed % 7)
            root = folder / f"{backend}-{seed}"
            case = make_case(root, seed=seed, documents=size, asked=asked)
            turn = [WAYS[(seed * ways + 3 * nth + at) % len(WAYS)] for at in range(ways)]
            check_case(spark, root, case, verdict, name=f"corpus {seed}, {backend}", ways=turn)
            shutil.rmtree(root)
            verdict.documents += size
        verdict.corpora += 1
    return verdict


def make_case(root: Path, *, seed: int, documents: int, asked: Asked) -> Case:
    """Make a corpus of all shapes, with its signals, below a root."""
    sketching = sketching_of(asked.minhash)
    pages = shaped_corpus(seed, documents=documents, sketching=sketching)
    third = -(-len(pages) // 3)
    sketches: dict[str, bytes | None] = {}
    for number in range(3):
        chunk, part = f"{number:05d}", pages[number * third : (number + 1) * third]
        write_chunk(root, chunk, part)
        signals = sketching.signals([page.id for page in part], [page.text for page in part], [chunk] * len(part))
        sketches |= dict(zip(signals.column("id").to_pylist(), signals.column("minhash").to_pylist(), strict=True))
        folder = root / f"signals/{PASS}/chunk={chunk}"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_batches([signals]).drop_columns("chunk"), folder / "part-0.parquet")
        mark_signals(root, [chunk])
    shingles = {page.id: shingles_of(page.text, asked.minhash.ngram) for page in pages}
    return Case(pages=pages, asked=asked, sketches=sketches, shingles=shingles)


def shingles_of(text: str, ngram: int) -> Shingles:
    """Return the shingles of a text of plain small letters as tuples of words."""
    words = re.findall("[a-z]+", text)
    if len(words) < ngram:
        return frozenset([tuple(words)] if words else [])
    return frozenset(tuple(words[at : at + ngram]) for at in range(len(words) - ngram + 1))


def kept_by_reference(case: Case) -> set[str]:
    """Pass over the documents in survivor order; drop one iff a kept one has its text, or is similar and a candidate or of its URL."""
    minhash, near, settings = case.asked.minhash, case.asked.near, case.asked.settings
    permutations = Datasketch(num_perm=minhash.bands * minhash.rows, seed=minhash.seed, scheme=SCHEME).permutations
    index = MinHashLSH(num_perm=minhash.bands * minhash.rows, params=(minhash.bands, minhash.rows))
    captures: dict[str, list[str]] = defaultdict(list)
    by_id = {page.id: page for page in case.pages}
    texts: set[str] = set()
    kept: set[str] = set()
    for page in sorted(case.pages, key=case.order):
        made = case.sketches[page.id]
        text = " ".join(page.text.split())
        sketch = None
        if made is not None:
            values = np.frombuffer(made, "<u4")
            sketch = Datasketch(hashvalues=values, permutations=permutations, seed=minhash.seed, scheme=SCHEME)
        candidates = index.query(sketch) if sketch is not None else []
        same = settings.exact_text and text in texts
        same = same or any(case.captures_alike(page, by_id[id_]) for id_ in captures[page.url_key])
        if same or any(case.similarity(page.id, c) >= near.min_similarity for c in candidates):
            continue
        kept.add(page.id)
        captures[page.url_key].append(page.id)
        texts.add(text)
        if sketch is not None:
            index.insert(page.id, sketch)
    return kept


def check_case(
    spark: "SparkSession", folder: Path, case: Case, verdict: Verdict, *, name: str, ways: Sequence[tuple[int, str]]
) -> None:
    """Run dedup, compare what it keeps with the reference, check every witness, and the ways with one another."""
    expected = kept_by_reference(case)
    first: dict[str, Decision] | None = None
    before = {key: spark.conf.get(key) for key in ("spark.sql.shuffle.partitions", "spark.sql.adaptive.enabled")}
    for partitions, adaptive in ways:
        spark.conf.set("spark.sql.shuffle.partitions", partitions)
        spark.conf.set("spark.sql.adaptive.enabled", adaptive)
        way = f"{name}, {partitions} partitions, adaptive {adaptive}"
        rows = join(Root(spark, str(folder)), f"dedup/{partitions}-{adaptive}", case.asked).collect()
        decisions = {row["id"]: row.asDict() for row in rows}
        kept = {page for page, row in decisions.items() if row["outcome"] == "kept"}
        verdict.faults += [f"{way}: {page} should be dropped" for page in sorted(kept - expected)]
        verdict.faults += [f"{way}: {page} should be kept" for page in sorted(expected - kept)]
        if len(rows) != len(case.pages) or set(decisions) != {page.id for page in case.pages}:
            verdict.faults.append(f"{way}: {len(rows)} decisions for {len(case.pages)} documents")
        verdict.faults += [f"{way}: {fault}" for fault in witness_faults(case, decisions)]
        verdict.witnesses += len(decisions) - len(kept)
        verdict.runs += 1
        if first is None:
            first = decisions
            verdict.dropped += len(decisions) - len(kept)
            for row in decisions.values():
                verdict.reasons[row["reason"] or "kept"] += 1
        elif decisions != first:
            verdict.faults.append(f"{way}: rows differ from those of {ways[0][0]} partition(s), adaptive {ways[0][1]}")
    for key, value in before.items():
        spark.conf.set(key, str(value))


def witness_faults(case: Case, decisions: Mapping[str, Decision]) -> list[str]:
    """Say of every drop whose witness is not kept, not earlier, or not what reason and similarity say; and of wrong group sizes."""
    pages = {page.id: page for page in case.pages}
    named: dict[str, int] = defaultdict(int)
    for row in decisions.values():
        if row["outcome"] == "dropped":
            named[row["duplicate_of"]] += 1
    faults = []
    for id_, row in decisions.items():
        head = id_ if row["outcome"] == "kept" else row["duplicate_of"]
        if row["group_id"] != head or row["group_size"] != 1 + named[head]:
            faults.append(f"{id_}: group {row['group_id']} of {row['group_size']}, not {head} of {1 + named[head]}")
        if row["outcome"] == "kept":
            faults += [f"{id_}: kept, and yet {row}"] if row["duplicate_of"] or row["reason"] or row["similarity"] else []
            continue
        mine, witness = pages[id_], pages.get(row["duplicate_of"])
        if witness is None or decisions[witness.id]["outcome"] != "kept" or case.order(witness) >= case.order(mine):
            faults.append(f"{id_}: its witness {row['duplicate_of']} is not kept, or not earlier")
            continue
        similarity = case.similarity(id_, witness.id)
        true = {
            "exact_url": mine.url_key == witness.url_key and case.captures_alike(mine, witness),
            "exact_text": mine.text.split() == witness.text.split(),
            "exact_digest": mine.text == witness.text,
            "near_duplicate": similarity >= case.asked.near.min_similarity and abs(row["similarity"] - similarity) < 1e-9,
        }
        if not true[row["reason"]]:
            faults.append(f"{id_}: {row['reason']} of {witness.id} at {row['similarity']}; measured {similarity}")
    return faults
