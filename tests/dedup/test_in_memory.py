"""A small dedup in the driver's memory gives the rows of the distributed join, and declines what is too much."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from jobs.dedup import in_memory
from jobs.dedup.all_pairs import Member, met_as_captures
from jobs.dedup.one_pass import Left
from jobs.dedup.order import in_one_partition
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.engine.errors import LedgerError
from jobs.engine.root import Root
from jobs.filter.stage import DECISIONS as FILTERED
from jobs.recipe.minhash import MinHash
from tests.dedup.oracle import MINHASH, SETTINGS, best_first, check_witnesses, corpus, dedup, kept, sequential
from tests.dedup.small_root import Doc, write_root

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

KEYS = {"exact_url": "best", "exact_text": True, "exact_digest": True}


def decided(spark: "SparkSession", folder: Path, settings: Dedup, say: Callable[[str], None]) -> "DataFrame | None":
    root = Root(spark, str(folder))
    before = root.read(FILTERED).where("outcome = 'kept'").select("id", "chunk")
    return in_memory.decide(root, kept=before, settings=settings, minhash=MINHASH, say=say)


@pytest.mark.spark
@pytest.mark.parametrize(
    ("seed", "settings"),
    [
        (1, SETTINGS),
        (2, SETTINGS.model_copy(update={"exact_digest": True, "min_url_similarity": 0.0})),
        (3, SETTINGS.model_copy(update={"exact_text": False, "mode": "annotate"})),
        (4, SETTINGS.model_copy(update={"near_duplicates": NearDuplicates(measure="containment", min_similarity=0.8)})),
        (5, SETTINGS.model_copy(update={"near_duplicates": None})),
    ],
    ids=["jaccard", "digests", "annotate", "containment", "exact"],
)
def test_the_rows_are_those_of_the_join_and_what_stays_is_the_definition(
    spark: "SparkSession", tmp_path: Path, seed: int, settings: Dedup
) -> None:
    docs = corpus(seed, groups=40)
    joined = dedup(spark, tmp_path, docs, settings)
    said: list[str] = []
    found = decided(spark, tmp_path, settings, said.append)
    assert found is not None
    rows = {row["id"]: row.asDict() for row in found.collect()}
    assert rows == joined
    drop = settings.model_copy(update={"mode": "drop"})
    stays = kept(rows) if settings.mode == "drop" else {page for page, row in rows.items() if row["duplicate_of"] is None}
    assert stays == sequential(sorted(docs, key=best_first), drop) and len(stays) < len(docs)
    if settings.mode == "drop":
        check_witnesses(docs, rows, settings)
    assert said[0].startswith("  in memory: ") and said[0].endswith(f"{len(docs) - len(stays):,} dropped")


@pytest.mark.spark
def test_a_sort_by_one_task_has_the_survivor_order_and_reads_no_row_twice(spark: "SparkSession", tmp_path: Path) -> None:
    docs = corpus(6, groups=10)
    write_root(tmp_path, docs, num_perm=MINHASH.num_perm)
    root = Root(spark, str(tmp_path))
    before = root.read(FILTERED).where("outcome = 'kept'").select("id", "chunk")
    rows = in_one_partition(root, kept=before, settings=SETTINGS, minhash=MINHASH)
    plan: Any = rows._jdf.queryExecution().executedPlan()
    assert "rangepartitioning" not in plan.toString() and "SinglePartition" in plan.toString()
    assert [row["id"] for row in rows.select("id").collect()] == [doc.id for doc in sorted(docs, key=best_first)]


@pytest.mark.spark
def test_too_much_is_left_to_the_join_and_a_text_that_is_gone_ends_the_run(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    texts = ["the ferry leaves at nine and carries no cars", "the ferry leaves at nine and carries no cars today"]
    write_root(tmp_path, [Doc(f"<{n}>", text, f"u{n}") for n, text in enumerate(texts)], num_perm=MINHASH.num_perm)
    for name, most in (("TAIL", 0), ("SHINGLE_HASHES", 3)):
        with monkeypatch.context() as patched:
            patched.setattr(in_memory, name, most)
            assert decided(spark, tmp_path, SETTINGS, print) is None, name
    shutil.rmtree(tmp_path / "documents/chunk=00000")
    lost = [Doc("<2>", "another page", "u2")]
    write_root(tmp_path / "other", lost, num_perm=MINHASH.num_perm)
    shutil.copytree(tmp_path / "other/documents/chunk=00000", tmp_path / "documents/chunk=00000")
    found = in_memory.Documents(
        ids=["<0>", "<1>"], chunks=["00000", "00000"], shingles=[8, 9], left=[Left(0, None, 0, None)], buckets=[]
    )
    with pytest.raises(
        LedgerError, match=r"of 2 documents of this run that are to be compared, 0 have a text \(chunks 00000\)"
    ):
        in_memory._sets(Root(spark, str(tmp_path)), found, [0, 1], ngram=2)


def test_documents_that_share_a_value_are_in_a_group_and_one_of_each_text_is_in_buckets() -> None:
    table = pa.table(
        {
            "id": ["a", "b", "c", "d"],
            "chunk": ["0"] * 4,
            "url_key": pa.array(["u", None, "u", "v"], pa.string()),
            "text_hash": ["t", "t", "s", None],
            "digest": pa.array([None, None, None, "x"], pa.string()),
            "shingle_count": [3, 3, 4, None],
            "bands": pa.array([[7, 8], [7, 8], [8, 9], None], pa.list_(pa.int64())),
        }
    )
    found = in_memory._documents(table, SETTINGS.model_copy(update=KEYS))
    assert found.left == [Left(0, 0, 0, None), Left(1, None, 0, None), Left(2, 0, 2, None), Left(3, None, 3, None)]
    assert found.buckets == [[Member(8, 0, 3), Member(8, 2, 4)]]


def test_few_documents_fit_unless_an_index_or_the_newest_capture_is_asked() -> None:
    def fits(settings: Dedup, documents: int, bands: int) -> bool:
        return in_memory.fits(settings, minhash=MinHash(bands=bands, rows=4), documents=documents)

    assert fits(SETTINGS, 20_000, 25) and not fits(SETTINGS, 20_000, 26) and not fits(SETTINGS, 20_001, 2)
    assert fits(SETTINGS.model_copy(update={"near_duplicates": None}), 20_000, 26)
    assert in_memory.fits(SETTINGS, minhash=None, documents=20_000)
    assert not fits(SETTINGS.model_copy(update={"index": "/index"}), 1, 2)
    assert not fits(SETTINGS.model_copy(update={"exact_url": "newest"}), 1, 2)


def test_captures_of_one_url_are_not_paired_when_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.dedup.all_pairs.TAIL", 1)
    assert met_as_captures(Left(number, 7, number, None) for number in range(5)) == {
        (one, two) for one in range(5) for two in range(one + 1, 5)
    }
    assert met_as_captures(Left(number, 7, number, None) for number in range(6)) is None
