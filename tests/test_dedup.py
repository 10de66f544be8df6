"""Dedup against the sequential pass it promises to equal (law 5)."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import dedup_index
from jobs.dedup import decisions_of
from jobs.dedup_index import Published
from jobs.recipe import Dedup, MinHash, RecipeError
from jobs.root import Root
from tests.small_root import Doc, write_root
from udfs.minhash import shingle_hashes, signature, text_hash

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
MINHASH = MinHash(ngram=2, bands=16, rows=2, verify=0.6)
SETTINGS = Dedup(minhash=MINHASH, survivor=("quality_score DESC", "character_count DESC", "date ASC"))
Decisions = Mapping[str, Mapping[str, object]]


def best_first(doc: Doc) -> tuple[object, ...]:
    """Order documents as SETTINGS does."""
    return (doc.quality is None, -(doc.quality or 0.0), -len(doc.text), doc.date, doc.id)


def measured(doc: Doc, witness: Doc, minhash: MinHash) -> float:
    """Measure how much of a document, or of both, two have in common."""
    ours, theirs = (set(shingle_hashes(d.text, minhash.ngram).tolist()) for d in (doc, witness))
    return len(ours & theirs) / (len(ours) if minhash.measure == "containment" else len(ours | theirs))


def bands(doc: Doc, minhash: MinHash) -> set[tuple[int, bytes]]:
    """Cut a document's signature into bands."""
    width = 4 * minhash.rows
    sketch = signature(shingle_hashes(doc.text, minhash.ngram), minhash.num_perm, minhash.seed) or b""
    return {(at, sketch[at * width : (at + 1) * width]) for at in range(minhash.bands) if sketch}


def sequential(docs: Sequence[Doc], settings: Dedup) -> set[str]:
    """Keep, in the order given, a document unless a kept earlier one is its copy or a candidate at or above the threshold."""
    minhash = settings.minhash
    assert minhash is not None
    cut = {doc.id: bands(doc, minhash) for doc in docs}
    kept: list[Doc] = []
    for doc in docs:
        if not any(
            (settings.exact_url == "best" and k.url_key == doc.url_key)
            or (settings.exact_text and text_hash(k.text) == text_hash(doc.text))
            or (settings.exact_digest and k.digest is not None and k.digest == doc.digest)
            or (cut[k.id] & cut[doc.id] and measured(doc, k, minhash) >= minhash.verify)
            for k in kept
        ):
            kept.append(doc)
    return {doc.id for doc in kept}


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
    spark: "SparkSession", folder: Path, docs: Sequence[Doc], settings: Dedup, against: Sequence[Published] = ()
) -> Decisions:
    """Run the stage's own steps over a root made by hand and return its decisions by id."""
    assert settings.minhash is not None
    if not folder.exists() or not list(folder.iterdir()):
        write_root(folder, docs, num_perm=settings.minhash.num_perm, ngram=settings.minhash.ngram)
    root = Root(spark, str(folder))
    rows = decisions_of(root, settings=settings, work="dedup/test", say=lambda line: None, published=tuple(against))
    decisions = {row["id"]: row.asDict() for row in rows.collect()}
    assert len(decisions) == rows.count() == len(docs)
    return decisions


def kept(decisions: Decisions) -> set[str]:
    """Name the documents that stay."""
    return {page for page, row in decisions.items() if row["outcome"] == "kept"}


def check_witnesses(docs: Sequence[Doc], decisions: Decisions, settings: Dedup, published: Sequence[Doc] = ()) -> None:
    """Every drop names a kept document that comes before it, and really is what the reason says, as similar as it says."""
    assert settings.minhash is not None
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
            assert ours.url_key == theirs.url_key
        elif row["reason"] == "exact_text":
            assert text_hash(ours.text) == text_hash(theirs.text)
        elif row["reason"] == "exact_digest":
            assert ours.digest == theirs.digest
        else:
            similarity = measured(ours, theirs, settings.minhash)
            assert row["similarity"] == pytest.approx(similarity) and similarity >= settings.minhash.verify
        assert row["group_id"] == witness


@pytest.fixture
def stepwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the way of large runs for small ones: leaders one by one, no pass in memory, finer keys for buckets of eight."""
    monkeypatch.setattr("jobs.dedup_round.MEETINGS", 0)
    monkeypatch.setattr("jobs.dedup_round.GROWTH", 2)
    monkeypatch.setattr("jobs.dedup_round.TAIL", -1)
    monkeypatch.setattr("jobs.dedup_round.GIANT", 4)
    monkeypatch.setattr("jobs.dedup_rekey.GIANT", 4)


@pytest.mark.parametrize(("seed", "partitions", "adaptive"), [(1, 1, "true"), (2, 4, "false"), (3, 7, "true")])
def test_the_join_keeps_what_one_pass_in_survivor_order_keeps(
    spark: "SparkSession", tmp_path: Path, seed: int, partitions: int, adaptive: str
) -> None:
    docs = corpus(seed, groups=40)
    expected = sequential(sorted(docs, key=best_first), SETTINGS)
    assert 0 < len(expected) < len(docs)
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    spark.conf.set("spark.sql.adaptive.enabled", adaptive)
    try:
        decisions = dedup(spark, tmp_path, docs, SETTINGS)
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", 4)
        spark.conf.set("spark.sql.adaptive.enabled", "true")
    assert kept(decisions) == expected
    check_witnesses(docs, decisions, SETTINGS)


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize(
    ("seed", "settings"),
    [
        (4, SETTINGS),
        (5, SETTINGS.model_copy(update={"exact_digest": True})),
        (6, SETTINGS.model_copy(update={"exact_text": False, "exact_url": "off"})),
        (7, SETTINGS.model_copy(update={"minhash": MINHASH.model_copy(update={"measure": "containment", "verify": 0.8})})),
    ],
)
def test_the_way_of_large_runs_ends_at_the_same(spark: "SparkSession", tmp_path: Path, seed: int, settings: Dedup) -> None:
    docs = corpus(seed, groups=30)
    decisions = dedup(spark, tmp_path, docs, settings)
    assert kept(decisions) == sequential(sorted(docs, key=best_first), settings)
    check_witnesses(docs, decisions, settings)
    assert len(list(tmp_path.glob("dedup/test/round=*"))) > 2
    assert list(tmp_path.glob("dedup/test/round=001/keys/*.parquet"))  # finer keys were made


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
    assert kept(decisions) == {"<a>", "<b>", "<c>"}


@pytest.mark.usefixtures("stepwise")
def test_a_chain_ends_although_every_round_decides_two(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of leaders would pass 64 bits in the second round if nothing capped it."""
    monkeypatch.setattr("jobs.dedup_round.GROWTH", 2**64)
    words = [word(100 + n) for n in range(200)]
    docs = [Doc(f"<{n:02d}>", " ".join(words[4 * n : 4 * n + 40]), f"u{n}", quality=1 - n / 100) for n in range(8)]
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert kept(decisions) == sequential(docs, SETTINGS)
    assert len(list(tmp_path.glob("dedup/test/round=*"))) > 2


def test_of_captures_of_one_url_the_newest_may_stay(spark: "SparkSession", tmp_path: Path) -> None:
    docs = [
        Doc("<good>", "one two three four", "u", quality=0.9, date="2026-01-01T00:00:00Z"),
        Doc("<new>", "five six seven eight", "u", quality=0.1, date="2026-01-03T00:00:00Z"),
        Doc("<copy>", "one two three four", "v", quality=0.5, date="2026-01-02T00:00:00Z"),
    ]
    best = dedup(spark, tmp_path / "best", docs, SETTINGS)
    newest = dedup(spark, tmp_path / "newest", docs, SETTINGS.model_copy(update={"exact_url": "newest"}))
    assert kept(best) == {"<good>"} and kept(newest) == {"<new>", "<copy>"}
    assert (newest["<good>"]["reason"], newest["<good>"]["duplicate_of"]) == ("exact_url", "<new>")


def test_annotation_drops_nothing_and_says_the_same(spark: "SparkSession", tmp_path: Path) -> None:
    docs = corpus(8, groups=10)
    dropped = dedup(spark, tmp_path / "drop", docs, SETTINGS)
    named = dedup(spark, tmp_path / "annotate", docs, SETTINGS.model_copy(update={"mode": "annotate"}))
    facts = ("duplicate_of", "similarity", "group_id", "group_size")
    assert {page: [row[f] for f in facts] for page, row in named.items()} == {
        page: [row[f] for f in facts] for page, row in dropped.items()
    }
    assert kept(named) == {doc.id for doc in docs} and {row["reason"] for row in named.values()} == {None}


def test_a_killed_round_is_done_again_and_what_came_before_is_not(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = corpus(9, groups=20)

    def killed(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("jobs.dedup_round._between", killed)
        with pytest.raises(KeyboardInterrupt):
            dedup(spark, tmp_path, docs, SETTINGS)
    before = {path: path.stat().st_mtime_ns for name in ("order", "buckets") for path in tmp_path.glob(f"dedup/test/{name}/*")}
    decisions = dedup(spark, tmp_path, docs, SETTINGS)
    assert kept(decisions) == sequential(sorted(docs, key=best_first), SETTINGS)
    assert before and before == {path: path.stat().st_mtime_ns for path in before}


def test_a_dump_gives_way_to_published_ones_as_if_both_were_one_go(spark: "SparkSession", tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"scope": "global", "index": str(tmp_path / "index")})
    every = corpus(10, groups=60)
    docs = {"a": every[::2], "b": every[1::2]}
    decisions = {}
    for dump in ("a", "b"):
        root = Root(spark, str(tmp_path / dump))
        against = dedup_index.against(root, settings=settings, own=dump)
        assert [published.name for published in against] == {"a": [], "b": ["a"]}[dump]
        decisions[dump] = dedup(spark, tmp_path / dump, docs[dump], settings, against)
        ids = [(page,) for page in sorted(kept(decisions[dump]))]
        stays = spark.createDataFrame(ids, "id string")
        dedup_index.publish(root, "dedup/test", settings=settings, own=dump, kept=stays)
    in_one_go = sequential([*sorted(docs["a"], key=best_first), *sorted(docs["b"], key=best_first)], settings)
    assert kept(decisions["a"]) | kept(decisions["b"]) == in_one_go
    published = [doc for doc in docs["a"] if doc.id in in_one_go]
    check_witnesses(docs["b"], decisions["b"], settings, published)
    assert any(row["duplicate_dump"] == "a" for row in decisions["b"].values())
    # the first dump, run again, does not give way to the one that gave way to it
    assert dedup_index.against(Root(spark, str(tmp_path / "a")), settings=settings, own="a") == ()


def test_signatures_of_another_kind_are_not_compared(spark: "SparkSession", tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"scope": "global", "index": str(tmp_path / "index")})
    docs = corpus(11, groups=3)
    dedup(spark, tmp_path / "a", docs, settings)
    root = Root(spark, str(tmp_path / "a"))
    ids = spark.createDataFrame([(doc.id,) for doc in docs], "id string")
    dedup_index.publish(root, "dedup/test", settings=settings, own="a", kept=ids)
    other = settings.model_copy(update={"minhash": MINHASH.model_copy(update={"seed": 7})})
    with pytest.raises(RecipeError, match=r"dump a has signatures of another kind.*seed: 1 there, 7 here"):
        dedup_index.against(root, settings=other, own="b")


def test_finer_keys_leave_a_template_alone(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200 pages of one template, unlike each other, in the same buckets, each is compared with few."""
    monkeypatch.setattr("jobs.dedup_round.MEETINGS", 0)
    rng = random.Random(1)
    template = [word(n) for n in range(1000, 1070)]
    docs = [
        Doc(f"<{n:03d}>", " ".join([*template, *(word(rng.randrange(10**6)) for _ in range(30))]), f"u{n}") for n in range(200)
    ]
    docs.append(replace(docs[100], id="<twin>", url_key="v", text=docs[100].text + " more"))
    decisions = dedup(
        spark, tmp_path, docs, SETTINGS.model_copy(update={"minhash": MinHash(ngram=2, bands=32, rows=1, verify=0.75)})
    )
    assert {page: row["duplicate_of"] for page, row in decisions.items() if row["outcome"] == "dropped"} in (
        {"<twin>": "<100>"},
        {"<100>": "<twin>"},
    )
    compared = [spark.read.parquet(str(path)).count() for path in sorted(tmp_path.glob("dedup/test/round=*/compared"))]
    assert sum(compared) < 2_000  # of 20,100 pairs
