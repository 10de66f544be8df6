"""A recipe with [extract.index_filter] reads the records that the index chooses, through the runner, and accounts for every one of them."""

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.crawl.cc_index import COLUMNS
from jobs.crawl.index_filter import choose, selection_key
from jobs.crawl.plan import make_plan
from jobs.crawl.settings import IndexFilter
from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from jobs.engine.runner import check_recipe
from jobs.extract import STAGE
from jobs.recipe.recipe import Recipe
from tests.crawl.cc_index import SCHEMA, index_rows, write_index
from tests.documents.test_documents import http, member
from tests.reading.range_server import served
from tests.runs import PROJECT, changed, context, markers, rows, run, tiny
from udfs.reading.coalesce import coalesce

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

HTML = "content_mime_detected = 'text/html' AND fetch_status = 200 AND content_truncated IS NULL"
GERMAN = f"content_languages LIKE 'deu%' AND {HTML}"
REAL = ("cc-sample-00001.warc.gz", "cc-sample-00002.warc.gz")
ISO_639_3 = {"en": "eng", "pl": "pol", "ja": "jpn", "de": "deu", "zh": "zho", "ru": "rus"}
PAGES = 20  # in a WARC; every third is German, every fifth is no HTML


def some_warcs(folder: Path, count: int = 3) -> tuple[list[Path], dict[str, str], list[dict[str, Any]]]:
    """Write small WARCs and return them, each record's language, and the rows of their index."""
    folder.mkdir(parents=True, exist_ok=True)
    warcs, languages = [], {}
    for name in (f"w{n}.warc.gz" for n in range(count)):
        body = b""
        for n in range(PAGES):
            page = http(f"<p>Page {n} of {name}: {'some plain words. ' * 20}</p>".encode())
            identifier = f"{name}-{n}"
            languages[f"<urn:uuid:{identifier}>"] = "deu" if n % 3 == 0 else "eng,deu"
            headers = {"Content_Type": "application/http; msgtype=response"}
            headers["WARC_Identified_Payload_Type"] = "application/pdf" if n % 5 == 0 else "text/html"
            url = f"http://www.site.example/{name}/{n}"
            body += member("request", b"GET", url=url, identifier=f"{identifier}-request")
            body += member("response", page, url=url, identifier=identifier, **headers)
        (folder / name).write_bytes(body)
        warcs.append(folder / name)
    return warcs, languages, [row for warc in warcs for row in index_rows(warc, languages=languages)]


def selecting(warcs: list[Path], index: Path, where: str = GERMAN, **run: Any) -> Recipe:
    return selected(tiny(warcs, **run), IndexFilter(index=(str(index),), where=where, max_gap_mb=0))


def selected(recipe: Recipe, index_filter: IndexFilter) -> Recipe:
    return changed(recipe, extract={"index_filter": index_filter})


def test_the_columns_are_those_of_the_index_in_its_order() -> None:
    known = dict(column.split() for column in COLUMNS.split(", "))
    types = {"string": "string", "int32": "int", "int16": "short", "binary": "binary", "timestamp[ms]": "timestamp"}
    assert known == {field.name: types[str(field.type)] for field in SCHEMA} | {"crawl": "string", "subset": "string"}


def test_a_run_reads_what_the_index_chooses_and_its_ledger_balances(spark: "SparkSession", tmp_path: Path) -> None:
    warcs, _, index = some_warcs(tmp_path / "in")
    where = f"{GERMAN} AND crawl = 'CC-MAIN-2026-43' AND subset = 'warc'"
    recipe = selecting(warcs, write_index(tmp_path, index), where, chunk_files=1)
    stages = run(spark, recipe, tmp_path / "root")
    chosen = {f"<urn:uuid:{warc.name}-{n}>" for warc in warcs for n in range(0, PAGES, 3) if n % 5}
    documents = rows(tmp_path / "root", "documents")
    assert {row["id"] for row in documents} == chosen
    assert stages["extract"]["ledger"]["in"] == len(chosen) == sum(count_out(m) for m in (stages["extract"]["ledger"],))
    files = stages["extract"]["files"]
    sizes = sum(warc.stat().st_size for warc in warcs)
    assert files["bytes_records"] + files["bytes_skipped"] + files["bytes_unchosen"] == sizes
    assert files["requests"] == len(chosen)  # no two German pages are neighbours, and no gap is read through

    full = run(spark, tiny(warcs), tmp_path / "full", only="extract")
    assert full["extract"]["ledger"]["in"] == PAGES * len(warcs)
    assert documents == [row for row in rows(tmp_path / "full", "documents") if row["id"] in chosen]


def count_out(ledger: dict[str, Any]) -> int:
    total: int = ledger["kept"] + sum(ledger["dropped"].values()) + sum(ledger["failed"].values())
    return total


def test_a_rerun_finds_its_chunks_new_input_adds_some_and_another_predicate_is_refused(
    spark: "SparkSession", tmp_path: Path
) -> None:
    warcs, _, index = some_warcs(tmp_path / "in")
    place, root = write_index(tmp_path, index), tmp_path / "root"
    run(spark, selecting(warcs[:2], place), root, only="extract")
    before = markers(root)
    run(spark, selecting(warcs[:2], place), root, only="extract")
    assert markers(root) == before
    run(spark, selecting(warcs, place), root, only="extract")
    assert {name: when for name, when in markers(root).items() if name in before} == before
    assert len(markers(root)) == len(before) + 1
    with pytest.raises(
        RecipeError, match=r"finished chunk\(s\) of records chosen by where = .*deu.*, and the recipe says where = .*eng"
    ):
        run(spark, selecting(warcs, place, "content_languages LIKE 'eng%'"), root, only="extract")
    with pytest.raises(
        RecipeError, match=r"and the recipe says no \[extract\.index_filter\]: its corpus would be of two selections"
    ):
        run(spark, tiny(warcs), root, only="extract")
    assert len(rows(root, "documents")) == 3 * len([n for n in range(0, PAGES, 3) if n % 5])


def test_a_plan_of_which_nothing_is_done_follows_a_changed_predicate(spark: "SparkSession", tmp_path: Path) -> None:
    warcs, _, index = some_warcs(tmp_path / "in")
    place, root = write_index(tmp_path, index), tmp_path / "root"
    run(spark, selecting(warcs, place, "true"), root, only="extract")
    for marker in root.glob("documents/_chunks/*.json"):  # killed before the first chunk was done
        marker.unlink()
    run(spark, selecting(warcs, place), root, only="extract")
    assert {chunk.name for chunk in root.glob("plan/*.json")} == {"00000.json"}
    assert len(list(root.glob("plan/selected/*"))) == 1


def test_a_stale_index_is_told_in_the_ledger_and_the_report_of_files(spark: "SparkSession", tmp_path: Path) -> None:
    warcs, _, index = some_warcs(tmp_path / "in", count=2)
    wrong = next(row for row in index if row["warc_filename"] == "w0.warc.gz" and row["content_languages"] == "deu")
    wrong["warc_record_offset"] += 7
    for row in index:
        row["warc_record_offset"] += 7 * (row["warc_filename"] == "w1.warc.gz")
    recipe = selecting(warcs, write_index(tmp_path, index), "content_languages LIKE 'deu%'")
    stages = run(spark, recipe, tmp_path / "root", only="extract")
    assert stages["extract"]["files"]["failed"] == [str(warcs[1])]
    assert stages["extract"]["ledger"]["in"] == 7
    assert stages["extract"]["ledger"]["failed"] == {"not_found": 1}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("content_language = 'deu'", "content_language"),
        ("fetch_status", "gives smallint, not true or false"),
        ("max(fetch_status) = 200", "looks at all records at once"),
        ("rand() < 0.1", "chooses otherwise at every run"),
        ("fetch_status = = 200", "Syntax error"),
    ],
)
def test_a_predicate_that_does_not_fit_is_refused_with_the_columns(
    spark: "SparkSession", tmp_path: Path, where: str, told: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        check_recipe(context(spark, selecting([], Path("nowhere"), where), tmp_path / "root"))
    assert told in str(caught.value)
    assert "nothing was run" in str(caught.value)
    assert "content_languages, content_truncated, warc_record_id, warc_filename" in str(caught.value)


def test_an_index_that_names_no_input_is_refused_and_so_is_one_that_is_not_there(spark: "SparkSession", tmp_path: Path) -> None:
    warcs, _, index = some_warcs(tmp_path / "in", count=1)
    place = write_index(tmp_path, index)
    copy = tmp_path / "copy" / warcs[0].name
    copy.parent.mkdir()
    copy.write_bytes(warcs[0].read_bytes())
    root = Root(spark, str(tmp_path / "root"))
    for recipe, told in (
        (selecting([copy, *warcs], place), "are both 'w0.warc.gz' to the index"),
        (selecting([copy.rename(tmp_path / "v.warc.gz")], place), "no location of \\[run\\] input ends in one"),
        (selecting(warcs, place, "false"), "chooses no record"),
        (selecting(warcs, tmp_path / "absent"), "cannot be read by Spark"),
    ):
        with pytest.raises(RecipeError, match=told):
            make_plan(root, recipe.run, recipe.of(STAGE).index_filter)


@pytest.fixture(scope="module")
def real_index(shared_data: Path) -> list[dict[str, Any]]:
    """Index the two real WARCs; languages are those that the pages' own list gives."""
    folder = shared_data / "real/cc-sample"
    with gzip.open(folder / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    languages = {page["record_id"]: ISO_639_3.get(page["lang"], "und") for page in pages if page["lang"]}
    return [row for name in REAL for row in index_rows(folder / name, languages=languages)]


@pytest.mark.real
def test_chosen_records_of_real_warcs_give_the_rows_of_the_full_read(
    spark: "SparkSession", shared_data: Path, real_index: list[dict[str, Any]], tmp_path: Path
) -> None:
    folder, name = shared_data / "real/cc-sample", REAL[0]
    where = f"content_languages LIKE 'pol%' AND {HTML} OR content_mime_detected = 'application/rss+xml'"
    here = [row for row in real_index if row["warc_filename"] == name]
    chosen = [r for r in here if r["content_languages"] == "pol" or r["content_mime_detected"] == "application/rss+xml"]
    spans = [(row["warc_record_offset"], row["warc_record_length"]) for row in chosen]
    ranges = coalesce(spans, gap=1 << 18)
    assert 1 < len(ranges) < len(spans) < len(here)
    with served(folder) as server:
        recipe = tiny([], input=[f"{server.base}/{name}"])
        index_filter = IndexFilter(index=(str(write_index(tmp_path, real_index)),), where=where, max_gap_mb=0.25)
        recipe = selected(recipe, index_filter)
        plan = make_plan(Root(spark, str(tmp_path / "root")), recipe.run, index_filter)
        server.requests.clear()  # of the look whether the input is there
        extracted = run(spark, recipe, tmp_path / "root", only="extract")["extract"]
    assert plan.selection is not None
    warc = plan.selection.warcs[name]
    assert [request[1:] for request in server.requests if request[1:] != (0, 1)] == ranges
    assert (warc.requests, warc.bytes_requested) == (len(ranges), sum(stop - start for start, stop in ranges))
    assert (extracted["files"]["requests"], extracted["files"]["bytes_requested"]) == (warc.requests, warc.bytes_requested)
    assert extracted["ledger"]["in"] == len(chosen) == warc.records

    run(spark, tiny([folder / name], split_mb=8), tmp_path / "full", only="extract")
    ids = {row["warc_record_id"].decode() for row in chosen}
    full = [row | {"file_path": ""} for row in rows(tmp_path / "full", "documents") if row["id"] in ids]
    assert [row | {"file_path": ""} for row in rows(tmp_path / "root", "documents")] == full
    assert {row["outcome"] for row in full} == {"extracted", "dropped"}


@pytest.mark.real
def test_the_requests_and_bytes_of_the_docs_are_those_of_the_real_index(
    spark: "SparkSession", real_index: list[dict[str, Any]], tmp_path: Path
) -> None:
    place = write_index(tmp_path, real_index)
    stated = (PROJECT / "bench/results/index_filter.md").read_text("utf-8")
    for language in ("eng", "pol", "jpn"):
        where = f"content_languages LIKE '{language}%' AND {HTML}"
        root = Root(spark, str(tmp_path / language))
        for gap_mb in (0, 0.0625, 0.25, 1, 8):
            index_filter = IndexFilter(index=(str(place),), where=where, max_gap_mb=gap_mb)
            warcs = choose(root, index_filter, key=selection_key(spark, index_filter)).warcs.values()
            counts = [sum(w.records for w in warcs), sum(w.requests for w in warcs), sum(w.bytes_requested for w in warcs)]
            assert f"| {language} | {counts[0]} | {gap_mb} | {counts[1]} | {counts[2]:,} |" in stated
