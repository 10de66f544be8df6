"""The definition of dedup's result, read literally, and corpora and roots to hold the join against it."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup.index_keys import Published
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.dedup.stage import decisions_of
from jobs.engine.root import Root
from jobs.filter.stage import DECISIONS as FILTERED
from jobs.recipe.minhash import MinHash
from tests.dedup.small_root import Doc, write_root
from udfs.similarity.minhash import shingle_hashes, signature, text_hash

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MINHASH = MinHash(ngram=2, bands=16, rows=2)
SETTINGS = Dedup(
    near_duplicates=NearDuplicates(min_similarity=0.6), survivor=("quality_score DESC", "character_count DESC", "date ASC")
)
WORK, ROUNDS = "dedup/test", "dedup/test/near"  # folders of order and keys, and of the rounds
Decisions = Mapping[str, Mapping[str, object]]


def best_first(doc: Doc) -> tuple[object, ...]:
    """Order documents as SETTINGS does."""
    return (doc.quality is None, -(doc.quality or 0.0), -len(doc.text), doc.date, doc.id)


def measured(doc: Doc, witness: Doc, near: NearDuplicates) -> float:
    """Measure how much of a document, or of both, two have in common."""
    ours, theirs = (set(shingle_hashes(d.text, MINHASH.ngram).tolist()) for d in (doc, witness))
    return len(ours & theirs) / (len(ours) if near.measure == "containment" else len(ours | theirs))


def alike(doc: Doc, other: Doc, settings: Dedup) -> bool:
    """Tell whether the texts of two captures of one URL are alike enough, by Jaccard."""
    least = settings.min_url_similarity
    same = text_hash(doc.text) is not None and text_hash(doc.text) == text_hash(other.text)
    return least == 0 or (settings.exact_text and same) or jaccard(doc, other) >= least


def jaccard(doc: Doc, other: Doc) -> float:
    """Measure the shingles that two have in common, over all; 0 if there are none."""
    ours, theirs = (set(shingle_hashes(d.text, MINHASH.ngram).tolist()) for d in (doc, other))
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def bands(doc: Doc, minhash: MinHash) -> set[tuple[int, bytes]]:
    """Cut a document's signature into bands."""
    width = 4 * minhash.rows
    sketch = signature(shingle_hashes(doc.text, minhash.ngram), minhash.num_perm, minhash.seed) or b""
    return {(at, sketch[at * width : (at + 1) * width]) for at in range(minhash.bands) if sketch}


def sequential(docs: Sequence[Doc], settings: Dedup, published: Sequence[Doc] = ()) -> set[str]:
    """Keep, in the order given, a document unless a kept earlier one is its copy or a candidate at or above the threshold.

    What is published already stays, and comes before all.
    """
    near = settings.near_duplicates
    cut = {doc.id: bands(doc, MINHASH) for doc in (*docs, *published)}
    kept = list(published)
    for doc in docs:
        if not any(
            (settings.exact_url == "best" and k.url_key == doc.url_key and alike(doc, k, settings))
            or (settings.exact_text and text_hash(k.text) == text_hash(doc.text))
            or (settings.exact_digest and k.digest is not None and k.digest == doc.digest)
            or (near is not None and cut[k.id] & cut[doc.id] and measured(doc, k, near) >= near.min_similarity)
            for k in kept
        ):
            kept.append(doc)
    return {doc.id for doc in kept[len(published) :]}


def word(number: int) -> str:
    """Spell a number in letters: MinHash takes all digits for one."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def corpus(seed: int, *, groups: int) -> list[Doc]:
    """Make families of texts: chains (each edits the last), stars (each edits the first), copies, shared URLs, parts, and loners."""
    rng = random.Random(seed)
    docs: list[Doc] = []

    def edited(words: list[str], share: float) -> list[str]:
        return [f"new{word(rng.randrange(10**6))}" if rng.random() < share else old for old in words]

    for group in range(groups):
        words = [word(rng.randrange(10**6)) for _ in range(rng.randrange(1, 60))]
        family = [words]
        shape = rng.choice(("chain", "star", "copies", "parts", "loner"))
        for _ in range(0 if shape == "loner" else rng.randrange(1, 12)):
            source = family[-1] if shape == "chain" else words
            share = rng.choice((0.0, 0.05, 0.1, 0.2, 0.4))
            made = {"copies": list(words), "parts": words[: max(1, round(len(words) * (1 - share)))]}.get(shape)
            family.append(made if made is not None else edited(source, share))
        for member, text in enumerate(family):
            url = f"u{rng.randrange(groups)}" if rng.random() < 0.15 else f"u{group}-{member}"
            digest = f"sha1:{rng.randrange(groups)}" if rng.random() < 0.1 else None
            quality, day = rng.choice((None, 0.1, 0.5, 0.5, 0.9)), rng.randrange(10, 30)
            doc = Doc(f"<{seed}-{group}-{member}>", " ".join(text), url, quality, f"2026-01-{day}T00:00:00Z", digest)
            docs.append(doc)
    rng.shuffle(docs)
    return docs


def dedup(
    spark: "SparkSession",
    folder: Path,
    docs: Sequence[Doc],
    settings: Dedup,
    against: Sequence[Published] = (),
    *,
    minhash: MinHash = MINHASH,
) -> Decisions:
    """Run the stage's own steps over a root made by hand and return its decisions by id."""
    if not folder.exists() or not list(folder.iterdir()):
        write_root(folder, docs, num_perm=minhash.num_perm, ngram=minhash.ngram)
    root = Root(spark, str(folder))
    rows = decisions_of(
        root,
        kept=root.read(FILTERED).where("outcome = 'kept'").select("id", "chunk"),
        settings=settings,
        minhash=minhash,
        order=WORK,
        rounds=ROUNDS,
        say=lambda line: None,
        published=tuple(against),
    )
    made = rows.collect()
    decisions = {row["id"]: row.asDict() for row in made}
    assert len(decisions) == len(made) == len(docs)
    return decisions


def kept(decisions: Decisions) -> set[str]:
    """Name the documents that stay."""
    return {page for page, row in decisions.items() if row["outcome"] == "kept"}


def check_witnesses(docs: Sequence[Doc], decisions: Decisions, settings: Dedup, published: Sequence[Doc] = ()) -> None:
    """Every drop names a kept document that comes before it, and really is what the reason says, as similar as it says."""
    near = settings.near_duplicates
    by_id = {doc.id: doc for doc in (*docs, *published)}
    for page, row in decisions.items():
        if row["outcome"] == "kept":
            assert row["duplicate_of"] is None and row["group_id"] == page
            continue
        witness = str(row["duplicate_of"])
        ours, theirs = by_id[page], by_id[witness]
        if theirs in published:
            assert row["duplicate_dump"] == "a"
        else:
            assert decisions[witness]["outcome"] == "kept" and row["duplicate_dump"] is None
            assert best_first(theirs) < best_first(ours)
            assert row["group_size"] == decisions[witness]["group_size"]
        if row["reason"] == "exact_url":
            assert ours.url_key == theirs.url_key and alike(ours, theirs, settings)
            if settings.min_url_similarity:
                assert row["similarity"] == pytest.approx(jaccard(ours, theirs))
        elif row["reason"] == "exact_text":
            assert text_hash(ours.text) == text_hash(theirs.text)
        elif row["reason"] == "exact_digest":
            assert ours.digest == theirs.digest
        else:
            assert near is not None
            similarity = measured(ours, theirs, near)
            assert row["similarity"] == pytest.approx(similarity) and similarity >= near.min_similarity
        assert row["group_id"] == witness
