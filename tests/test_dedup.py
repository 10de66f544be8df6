"""Dedup against the sequential pass it promises to equal (law 5)."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.dedup import decisions_of
from jobs.recipe import Dedup, MinHash
from jobs.root import Root
from tests.small_root import Doc, write_root
from udfs.minhash import jaccard, shingle_hashes, signature, text_hash

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
MINHASH = MinHash(ngram=2, bands=16, rows=2, verify=0.6)
SETTINGS = Dedup(minhash=MINHASH, survivor=("quality_score DESC", "character_count DESC", "date ASC"))


def sequential(docs: Sequence[Doc], settings: Dedup) -> dict[str, bool]:
    """Pass over the documents in survivor order; drop one iff some kept earlier one is its copy or a candidate above the threshold."""
    minhash = settings.minhash
    assert minhash is not None

    def order(doc: Doc) -> tuple[object, ...]:
        return (doc.quality is None, -(doc.quality or 0.0), -len(doc.text), doc.date, doc.id)

    shingles = {d.id: shingle_hashes(d.text, minhash.ngram) for d in docs}
    width = 4 * minhash.rows
    bands: dict[str, set[tuple[int, bytes]]] = {}
    for doc in docs:
        sketch = signature(shingles[doc.id], minhash.bands * minhash.rows, minhash.seed) or b""
        bands[doc.id] = {(at, sketch[at * width : (at + 1) * width]) for at in range(minhash.bands) if sketch}
    kept: list[Doc] = []
    for doc in sorted(docs, key=order):
        if not any(
            (settings.exact_url and k.url_key == doc.url_key)
            or (settings.exact_text and text_hash(k.text) == text_hash(doc.text))
            or (bands[k.id] & bands[doc.id] and jaccard(shingles[k.id], shingles[doc.id]) >= minhash.verify)
            for k in kept
        ):
            kept.append(doc)
    survivors = {k.id for k in kept}
    return {doc.id: doc.id in survivors for doc in docs}


def word(number: int) -> str:
    """Spell a number in letters: MinHash takes all digits for one."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def corpus(seed: int, *, groups: int) -> list[Doc]:
    """Make families of texts: chains (each edits the last), stars (each edits the first), copies, shared URLs, and loners."""
    rng = random.Random(seed)
    docs: list[Doc] = []

    def edited(words: list[str], share: float) -> list[str]:
        return [f"new{word(rng.randrange(10**6))}" if rng.random() < share else old for old in words]

    for group in range(groups):
        words = [word(rng.randrange(10**6)) for _ in range(rng.randrange(1, 60))]
        family = [words]
        shape = rng.choice(("chain", "star", "copies", "loner"))
        for _ in range(0 if shape == "loner" else rng.randrange(1, 12)):
            source = family[-1] if shape == "chain" else words
            family.append(list(words) if shape == "copies" else edited(source, rng.choice((0.0, 0.05, 0.1, 0.2))))
        for member, text in enumerate(family):
            url = f"u{rng.randrange(groups)}" if rng.random() < 0.15 else f"u{group}-{member}"
            quality = rng.choice((None, 0.1, 0.5, 0.5, 0.9))
            docs.append(Doc(id=f"<{seed}-{group}-{member}>", text=" ".join(text), url_key=url, quality=quality))
    rng.shuffle(docs)
    return docs


def dedup(spark: "SparkSession", folder: Path, docs: Sequence[Doc], settings: Dedup) -> dict[str, dict[str, object]]:
    """Run the stage's own steps over a root made by hand and return its decisions by id."""

    assert settings.minhash is not None
    write_root(folder, docs, num_perm=settings.minhash.bands * settings.minhash.rows, ngram=settings.minhash.ngram)
    rows = decisions_of(Root(spark, str(folder)), settings=settings, work="dedup/test", say=lambda line: None)
    return {row["id"]: row.asDict() for row in rows.collect()}


@pytest.mark.parametrize(("seed", "partitions", "adaptive"), [(1, 1, "true"), (2, 4, "false"), (3, 7, "true")])
def test_the_join_keeps_what_one_pass_in_survivor_order_keeps(
    spark: "SparkSession", tmp_path: Path, seed: int, partitions: int, adaptive: str
) -> None:
    docs = corpus(seed, groups=40)
    expected = sequential(docs, SETTINGS)
    assert 0 < sum(expected.values()) < len(expected)
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    spark.conf.set("spark.sql.adaptive.enabled", adaptive)
    try:
        decisions = dedup(spark, tmp_path, docs, SETTINGS)
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", 4)
        spark.conf.set("spark.sql.adaptive.enabled", "true")
    assert {page: row["outcome"] == "kept" for page, row in decisions.items()} == expected
    check_witnesses(docs, decisions)


def check_witnesses(docs: Sequence[Doc], decisions: dict[str, dict[str, object]]) -> None:
    """Every drop names a kept document that really is what the reason says, and the similarity that it really has."""
    by_id = {doc.id: doc for doc in docs}
    for page, row in decisions.items():
        if row["outcome"] == "kept":
            assert row["duplicate_of"] is None and row["group_id"] == page
            continue
        witness = str(row["duplicate_of"])
        assert decisions[witness]["outcome"] == "kept"
        ours, theirs = by_id[page], by_id[witness]
        if row["reason"] == "exact_url":
            assert ours.url_key == theirs.url_key
        elif row["reason"] == "exact_text":
            assert text_hash(ours.text) == text_hash(theirs.text)
        else:
            measured = jaccard(shingle_hashes(ours.text, 2), shingle_hashes(theirs.text, 2))
            assert row["similarity"] == pytest.approx(measured) and measured >= MINHASH.verify
        assert row["group_id"] == witness and row["group_size"] == decisions[witness]["group_size"]


def test_a_chain_is_not_deleted_by_transitivity(spark: "SparkSession", tmp_path: Path) -> None:
    words = [word(100 + n) for n in range(40)]
    half = words[:6]
    docs = [
        Doc("<a>", " ".join(words), "a", quality=0.9),
        Doc("<b>", " ".join([*(f"b{w}" for w in half), *words[6:]]), "b", quality=0.8),
        Doc("<c>", " ".join([*(f"b{w}" for w in half), *words[6:-6], *(f"c{w}" for w in half)]), "c", quality=0.7),
    ]
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert [(page, decisions[page]["outcome"], decisions[page]["duplicate_of"]) for page in ("<a>", "<b>", "<c>")] == [
        ("<a>", "kept", None),
        ("<b>", "dropped", "<a>"),
        ("<c>", "kept", None),
    ]


def test_empty_texts_are_nobodys_duplicate(spark: "SparkSession", tmp_path: Path) -> None:
    docs = [Doc("<a>", "...", "a"), Doc("<b>", "!!!", "b"), Doc("<c>", "one two three", "c")]
    decisions = dedup(spark, tmp_path, docs, SETTINGS.model_copy(update={"exact_text": False}))
    assert {page: row["outcome"] for page, row in decisions.items()} == {"<a>": "kept", "<b>": "kept", "<c>": "kept"}


def test_a_chain_ends_although_every_round_decides_two(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of leaders would pass 64 bits at round 29 if nothing capped it; the chain here is short, the growth is not."""
    monkeypatch.setattr("jobs.dedup_round.GROWTH", 2**40)
    words = [word(100 + n) for n in range(200)]
    docs = [Doc(f"<{n:02d}>", " ".join(words[4 * n : 4 * n + 40]), f"u{n}", quality=1 - n / 100) for n in range(8)]
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert {page: row["outcome"] == "kept" for page, row in decisions.items()} == sequential(docs, SETTINGS)
    assert len(list(tmp_path.glob("dedup/test/round=*"))) > 2
