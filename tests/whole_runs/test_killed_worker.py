"""A file that kills the Python worker which reads it, and a page that kills the one which measures it, cost a run just themselves."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine import documents
from jobs.engine.root import Root
from tests.documents.test_documents import http, member
from tests.isolation.deadly import Deadly, DeadlyAnnotator
from tests.runs import PROJECT, run, tiny
from udfs.documents.file_row import FileRange
from udfs.documents.worker import ExtractFiles
from udfs.page.extractor import ExtractSettings
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import Annotator

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
PROSE = " ".join(f"The {n}th sentence of this page says something of its own about mills and rivers." for n in range(40))


@pytest.fixture(autouse=True)
def workers_find_the_tests(spark: "SparkSession", monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python workers import the deadly classes, which they would not find in their working folder."""
    monkeypatch.setitem(spark.sparkContext.environment, "PYTHONPATH", str(PROJECT))


def page(words: str) -> bytes:
    return http(f"<html><body><article><p>{words}</p></article></body></html>".encode())


def warc(path: Path, *pages: str) -> Path:
    path.write_bytes(b"".join(member("response", page(text), identifier=f"{path.stem}-{n}") for n, text in enumerate(pages)))
    return path


def test_a_file_that_kills_its_worker_is_failed_and_all_others_are_read(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(files: tuple[FileRange, ...], settings: ExtractSettings, dump: str, **options: Any) -> ExtractFiles:
        return Deadly(files=files, settings=settings, dump=dump, **options)

    monkeypatch.setattr("jobs.extract.stage.extract_files", deadly)
    inputs = [warc(tmp_path / f"{name}.warc.gz", PROSE, f"{PROSE} {name}") for name in ("a", "SIGKILL", "b")]
    marker = run(spark, tiny(inputs, chunk_files=3), tmp_path / "root", only="extract")["extract"]
    found = documents.documents(Root(spark, str(tmp_path / "root"))).select("id").collect()
    names = ("a.warc-0", "a.warc-1", "b.warc-0", "b.warc-1")
    assert sorted(row["id"] for row in found) == [f"<urn:uuid:{name}>" for name in names]
    assert marker["files"]["failed"] == [str(inputs[1])]
    assert (marker["ledger"]["in"], marker["ledger"]["kept"]) == (4, 4)
    told = documents.files(Root(spark, str(tmp_path / "root"))).where("outcome = 'failed'")
    how = "SIGKILL, as the kernel sends it where memory runs out"
    assert [tuple(row) for row in told.select("file_path", "reason", "error").collect()] == [
        (str(inputs[1]), "crashed", f"reading it killed the process: {how}")
    ]


def test_a_page_that_kills_the_measuring_is_failed_and_its_neighbours_are_measured(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(settings: AnnotateSettings, *, isolate: bool = False) -> Annotator:
        return DeadlyAnnotator(settings, isolate=isolate)

    monkeypatch.setattr("jobs.annotate.stage.annotate", deadly)
    source = warc(tmp_path / "pages.warc.gz", PROSE, f"{PROSE} SIGKILL", f"{PROSE} and more")
    run(spark, tiny([source]), tmp_path / "root", only="extract")
    ledgers = [run(spark, tiny([source]), tmp_path / "root", only=stage)[stage]["ledger"] for stage in ("annotate", "filter")]
    assert ledgers[0]["failed"] == {"annotate_error": 1}
    assert (ledgers[0]["kept"], ledgers[1]["in"]) == (2, 2)
