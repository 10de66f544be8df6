"""Megadocs of a real crawl's pages: the same rows however the work is cut, the law that catches a lost text, and the way back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from jobs.engine.errors import LedgerError, RecipeError
from jobs.explain.story import explain
from jobs.megadocs import stage
from jobs.recipe.load import recipe_of
from jobs.recipe.recipe import Recipe
from jobs.report.write import write_report
from tests import runs
from tests.runs import Finished, rows
from tests.s3_server import BUCKET, READER, S3Server, environment
from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.reading import http_s3

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

SYNTHETIC = pa.schema([DOCUMENT_FIELDS.field(name) for name in ("id", "text", "parents", "nth", "carried")])
PAGES = {f"page-{n}": f"Page {n} has some words of its own, and then some more." for n in range(5)}


def synthetic(path: Path, texts: dict[str, tuple[str, int]], *, style: str = "plain", files: int = 1) -> str:
    """Write texts, each with its page and number, as a corpus of so many files."""
    path.mkdir(parents=True)
    made = [
        {
            "id": name,
            "text": f"Text {name}.",
            "parents": [{"root": "/pages", "id": page}],
            "nth": nth,
            "carried": [("style", style)],
        }
        for name, (page, nth) in texts.items()
    ]
    for number in range(files):
        pq.write_table(pa.Table.from_pylist(made[number::files], schema=SYNTHETIC), path / f"{number}.parquet")
    return str(path)


def pages(path: Path, *, files: int = 1) -> str:
    path.mkdir(parents=True)
    made = [{"id": name, "text": text, "url": f"https://example.org/{name}"} for name, text in PAGES.items()]
    for number in range(files):
        pq.write_table(pa.Table.from_pylist(made[number::files]), path / f"{number}.parquet")
    return str(path)


def recipe(given: str, texts: str, **megadocs: Any) -> Recipe:
    settings = {"synthetic": [texts], "weave": "stitch", "generations": 2, **megadocs}
    table = {"run": {"name": "woven", "dump": "MEGA", "input": [given]}, "megadocs": settings, "annotate": {"pii": False}}
    return recipe_of({**table, "publish": {"columns": ["parents", "nth", "carried"]}})


TEXTS = {f"{page}-{nth}": (page, nth) for page in list(PAGES)[:4] for nth in range(2)} | {
    "orphan": ("elsewhere", 0),
    "extra": ("page-0", 2),
}


def test_the_rows_are_the_same_however_the_work_is_cut(spark: "SparkSession", tmp_path: Path) -> None:
    found = []
    for files, chunk_pages in ((1, 100), (4, 2)):
        work = tmp_path / str(files)
        given, texts = pages(work / "pages", files=files), synthetic(work / "texts", TEXTS, files=files)
        made = recipe(given, texts, chunk_pages=chunk_pages)
        marker = runs.run(spark, made, work / "root", only="megadocs")["megadocs"]
        assert marker["ledger"]["dropped"] == {"few_texts": 1, "more_texts": 1}
        assert (marker["ledger"]["kept"], marker["ledger"]["failed"]) == (4, {"no_page": 1})
        assert marker["chunks"] == (1 if files == 1 else 3)
        text = json.dumps(rows(work / "root", "documents"), default=str)
        found.append(text.replace(str(work), ""))
    assert found[0] == found[1]
    assert '"text": "Text page-0-0.\\n\\nText page-0-1.\\n\\nPage 0 has' in found[0]


def test_a_text_that_is_lost_ends_the_run(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, texts = pages(tmp_path / "pages"), synthetic(tmp_path / "texts", TEXTS)
    weave = stage._weave

    def lossy(*arguments: Any) -> "DataFrame":
        return weave(*arguments).where("id != 'orphan#unwoven'")

    monkeypatch.setattr(stage, "_weave", lossy)
    with pytest.raises(LedgerError, match="megadocs: 15 records came in and 14 are accounted for"):
        runs.run(spark, recipe(given, texts), tmp_path / "root", only="megadocs")
    with pytest.raises(RecipeError, match=r"5 id\(s\) stand more than once among the pages and texts"):
        both = recipe(given, texts).as_json()
        both["run"]["input"] = [given, pages(tmp_path / "again")]
        runs.run(spark, recipe_of(both), tmp_path / "twice", only="megadocs")


def test_a_megadoc_leads_back_to_its_capture_and_new_texts_make_new_ones(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    corpus = ds.dataset(finished.root / "corpus", partitioning="hive").to_table(columns=["id"]).to_pylist()
    ids = sorted(row["id"] for row in corpus)[:3]
    texts = synthetic(tmp_path / "texts", {f"why-{n}": (id, 0) for n, id in enumerate(ids[:2])}, style="thought")
    made = recipe(str(finished.root), texts, weave="stretch", generations=1, style="thought", min_generations=1)
    root = tmp_path / "root"
    runs.run(spark, made, root)
    page = write_report(runs.context(spark, made, root))
    assert "no_page" not in Path(page).read_text("utf-8") and "few_texts" in Path(page).read_text("utf-8")
    published = rows(root, "corpus")
    assert [row["id"] for row in published] == [f"{id}#stretch" for id in ids[:2]]
    assert [parent["id"] for parent in published[0]["parents"]] == [ids[0], "why-0", ids[0]]
    told = "\n".join(explain(runs.context(spark, made, root), f"{ids[0]}#stretch"))
    captured = next(row for row in rows(finished.root, "documents") if row["id"] == ids[0])
    assert f"from {finished.root}\n{ids[0]}\n" in told
    assert f"file_path           {captured['file_path']}\n  offset              {captured['offset']}" in told
    assert f"from {texts}: no run is there any more, so the story of why-0 cannot be told further" in told

    synthetic(tmp_path / "more", {"why-2": (ids[2], 0)}, style="thought")
    (tmp_path / "more" / "0.parquet").rename(tmp_path / "texts" / "1.parquet")
    runs.run(spark, made, root)
    assert [row["id"] for row in rows(root, "corpus")] == [f"{id}#stretch" for id in ids]
    assert sorted(path.name for path in (root / "documents").glob("chunk=*")) == ["chunk=00001"]


@pytest.fixture
def s3a(spark: "SparkSession", s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let Spark find s3a://BUCKET/megadocs in a folder, as a connector would find it in the bucket; boto3 asks the server itself."""
    conf: Any = spark.sparkContext._jsc
    told = {
        "fs.s3a.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        f"fs.viewfs.mounttable.{BUCKET}.link./megadocs": tmp_path.as_uri(),
    }
    for name, value in told.items():
        conf.hadoopConfiguration().set(name, value)
    for name, value in environment(READER, endpoint=s3.endpoint).items():
        monkeypatch.setenv(name, value)
    http_s3._s3_client.cache_clear()
    yield tmp_path
    http_s3._s3_client.cache_clear()
    for name in told:
        conf.hadoopConfiguration().unset(name)


def test_inputs_on_s3_are_woven_and_one_that_changes_there_is_noticed(
    spark: "SparkSession", s3: S3Server, s3a: Path, tmp_path: Path
) -> None:
    def put() -> None:
        for path in s3a.glob("*/*.parquet"):
            s3.client().put_object(Bucket=BUCKET, Key=f"megadocs/{path.relative_to(s3a)}", Body=path.read_bytes())

    pages(s3a / "pages"), synthetic(s3a / "texts", TEXTS)
    put()
    there = f"s3a://{BUCKET}/megadocs"
    made = recipe(f"{there}/pages", f"{there}/texts")
    marker = runs.run(spark, made, tmp_path / "root", only="megadocs")["megadocs"]
    assert (marker["ledger"]["kept"], marker["ledger"]["failed"]) == (4, {"no_page": 1})
    (row, *_) = [one for one in rows(tmp_path / "root", "documents") if one["outcome"] == "extracted"]
    assert [(one["root"], one["id"]) for one in row["parents"]] == [
        (f"{there}/texts", "page-0-0"),
        (f"{there}/texts", "page-0-1"),
        (f"{there}/pages", "page-0"),
    ]
    synthetic(s3a / "more", {"page-4-0": ("page-4", 0), "page-4-1": ("page-4", 1)})
    (s3a / "more/0.parquet").rename(s3a / "texts/1.parquet")
    put()
    assert runs.run(spark, made, tmp_path / "root", only="megadocs")["megadocs"]["ledger"]["kept"] == 5


def test_an_input_on_s3_is_refused_where_spark_has_no_connector(spark: "SparkSession", tmp_path: Path) -> None:
    given = pages(tmp_path / "pages")
    for made in (recipe("s3a://bucket/pages", given), recipe(given, "s3a://bucket/texts")):
        with pytest.raises(
            RecipeError, match=r"^s3a://bucket/.* its texts could not be read: .*nothing was run. Write s3a:// and add"
        ):
            runs.run(spark, made, tmp_path / "root", only="megadocs")
