"""Law 6 of passages, read off Spark's plans: a chunk's texts stay where they were read, and only a very large chunk's are shuffled."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine import facts_of_texts
from jobs.engine.root import Root
from jobs.passages import texts
from jobs.passages.settings import CcnetLines, Passages
from tests.passages.root import CHUNKS, passages_job, random_texts, write_deduped
from tests.whole_runs.test_run import exchanges
from udfs.edits.edited_batches import CUT_SCHEMA

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.mark.parametrize(("few_chunks", "rows"), [(16, 200_000), (0, 200_000), (16, -1)])
def test_no_way_of_finding_passages_shuffles_text_unless_a_chunk_has_too_many_documents_for_the_driver(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_chunks: int, rows: int
) -> None:
    monkeypatch.setattr(texts, "FEW_CHUNKS", few_chunks)
    monkeypatch.setattr(facts_of_texts, "BROADCAST_ROWS", rows)
    write_deduped(tmp_path, random_texts(6), c4_lines=True)
    job = passages_job(Root(spark, str(tmp_path)), Passages(ccnet_lines=CcnetLines()))
    texts.write_order(job, "passages/f")
    spark.createDataFrame([], from_arrow_schema(CUT_SCHEMA)).write.parquet(
        str(tmp_path / f"passages/f/lines/cuts/chunk={CHUNKS[0]}")
    )
    work = texts.Work(job, "passages/f", fingerprint="f", name="later", before=("lines",))
    needed = spark.createDataFrame([(nr, [0]) for nr in range(40)], "nr bigint, marks array<int>")
    measured = texts.edited_texts(work, CHUNKS[0])
    cut = texts.edited_texts(work, CHUNKS[0], needed=needed)
    moved = [] if rows > 0 else ["Exchange"]
    for read in (measured, cut):
        assert exchanges(spark, read, "text") == moved
    assert measured.count() == 30
