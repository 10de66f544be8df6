"""Inputs become locations, and what cannot be read stops the run before any work."""

import gzip
from pathlib import Path

import pytest

from jobs.crawl.inputs import COMMON_CRAWL, list_inputs
from jobs.engine.errors import RecipeError
from jobs.engine.plan import check_access


def touch(path: Path, body: bytes = b"WARC/1.0\r\n") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return str(path)


def test_files_and_globs_are_listed_in_order_each_once(tmp_path: Path) -> None:
    a, b, c = (touch(tmp_path / name) for name in ("a.warc.gz", "b.warc.gz", "c.warc.gz"))
    assert list_inputs([c, str(tmp_path / "*.warc.gz"), a]) == [c, a, b]


def test_a_paths_file_lists_what_lies_beside_it_or_in_the_crawl(tmp_path: Path) -> None:
    near = touch(tmp_path / "near.warc.gz")
    paths = tmp_path / "warc.paths.gz"
    paths.write_bytes(gzip.compress(b"near.warc.gz\ncrawl-data/CC-MAIN-2026-43/x.warc.gz\ns3://other/y.warc.gz\n\n"))
    assert list_inputs([str(paths)]) == [near, f"{COMMON_CRAWL}crawl-data/CC-MAIN-2026-43/x.warc.gz", "s3://other/y.warc.gz"]


def test_a_crawl_id_is_the_paths_file_of_that_crawl(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def listed(location: str) -> list[str]:
        asked.append(location)
        return ["s3://commoncrawl/a.warc.gz"]

    monkeypatch.setattr("jobs.crawl.inputs._paths_file", listed)
    assert list_inputs(["CC-MAIN-2026-43"]) == ["s3://commoncrawl/a.warc.gz"]
    assert asked == ["s3://commoncrawl/crawl-data/CC-MAIN-2026-43/warc.paths.gz"]


def test_a_glob_without_a_match_is_named() -> None:
    with pytest.raises(RecipeError, match=r"input '/nowhere/\*\.warc\.gz' matches no file: nothing was run"):
        list_inputs(["/nowhere/*.warc.gz"])


def test_no_input_is_said_plainly() -> None:
    with pytest.raises(RecipeError, match="there is nothing to run"):
        list_inputs([])


def test_every_local_file_that_is_missing_is_named(tmp_path: Path) -> None:
    there = touch(tmp_path / "there.warc.gz")
    with pytest.raises(RecipeError) as caught:
        check_access([there, str(tmp_path / "one"), str(tmp_path / "two")])
    assert "2 of 3 inputs looked at cannot be read; nothing was run." in str(caught.value)
    assert str(tmp_path / "one") in str(caught.value) and str(tmp_path / "two") in str(caught.value)
