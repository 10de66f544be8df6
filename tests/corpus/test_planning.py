import os
from pathlib import Path

import pytest

from tests.corpus.corpus import jsonl, packed, parquet
from tests.reading.range_server import served
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.errors import CorpusError, MissingColumn
from udfs.corpus.folders import _matches, corpus_files, folder_values
from udfs.corpus.planning import check_columns, ranges_of
from udfs.documents.file_row import FileRange
from udfs.reading.location import LocationError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_a_folder_gives_its_data_files_and_no_markers(tmp_path: Path) -> None:
    good = ["a.parquet", "b.jsonl", "dump=D/language=en/chunk=1/p.parquet", "e.JSON.gz", "f.ndjson.zst", "z.json.zstd"]
    touch(
        tmp_path,
        *good,
        "_SUCCESS",
        "_chunks/1.json",
        "README.md",
        ".hidden.parquet",
        "_temporary/0/c.parquet",
        "d.parquet.crc",
        "x.gz",
    )
    expected = tuple(sorted(str(tmp_path / name) for name in good))
    assert corpus_files(str(tmp_path)) == expected
    assert corpus_files(f"file://{tmp_path}/") == expected
    assert corpus_files(f"{tmp_path}/*.json*") == (str(tmp_path / "b.jsonl"), str(tmp_path / "z.json.zstd"))
    assert corpus_files(f"{tmp_path}/**/*.parquet") == (expected[0], str(tmp_path / good[2]))
    assert corpus_files(f"{tmp_path}/dump=*") == (str(tmp_path / good[2]),)
    assert corpus_files(str(tmp_path / "README.md")) == (str(tmp_path / "README.md"),)


def test_paths_are_absolute_and_a_name_with_wildcards_is_a_name_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a[1].jsonl", "a1.jsonl")
    monkeypatch.chdir(tmp_path)
    assert corpus_files("a[1].jsonl") == (str(tmp_path / "a[1].jsonl"),)
    assert corpus_files("a?.jsonl") == (str(tmp_path / "a1.jsonl"),)


@pytest.mark.parametrize("location", ["absent.jsonl", "absent/*.jsonl", "empty"])
def test_what_is_not_there_is_refused(tmp_path: Path, location: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LocationError, match=r"it does not exist|there is no Parquet or JSONL file there"):
        corpus_files(str(tmp_path / location))


def test_an_http_location_is_taken_as_a_file() -> None:
    assert corpus_files("https://host.example/a.jsonl?x=1") == ("https://host.example/a.jsonl?x=1",)


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("a/b/c", "a/*/c", True),
        ("a/b/c", "a/*", False),
        ("a/b/c", "a/**", True),
        ("a/c", "a/**/c", True),
        ("a/b/c/d", "**/d", True),
    ],
)
def test_a_star_stays_within_a_folder_and_two_cross_them(path: str, pattern: str, fits: bool) -> None:
    assert _matches(path.split("/"), pattern.split("/")) is fits


def test_folders_name_values() -> None:
    assert folder_values("s3://b/corpus/dump=A%2FB/language=__HIVE_DEFAULT_PARTITION__/chunk=c=1/x=y.parquet") == {
        "dump": "A/B",
        "chunk": "c=1",
    }


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_compressed_file_is_one_range(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(packed(os.urandom(5000), kind))
    assert ranges_of(str(path), split_bytes=1000) == (FileRange(str(path), 0, 0, path.stat().st_size),)


def test_a_plain_file_is_cut_by_bytes_and_a_small_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 2500)
    assert ranges_of(str(path), split_bytes=1000, chunk=4) == (
        FileRange(str(path), 4, 0, 1000),
        FileRange(str(path), 4, 1000, 2000),
        FileRange(str(path), 4, 2000, 2500),
    )
    assert ranges_of(str(path), split_bytes=2500) == (FileRange(str(path), 0, 0, None),)


def test_planning_a_small_remote_file_is_one_request(tmp_path: Path) -> None:
    parquet(tmp_path / "a.parquet", {"text": ["A"]})
    with served(tmp_path) as server:
        ranges_of(f"{server.base}/a.parquet", split_bytes=1 << 20)
        assert len(server.requests) == 1


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    path = str(parquet(tmp_path / "a.parquet", {"text": ["A"], "meta": [{"url": "u"}]}))
    check_columns(path, CorpusColumns())
    check_columns(path, CorpusColumns(url=("meta.url",), carry=("meta", "meta.url")))
    for columns, role in (
        (CorpusColumns(text=("content",)), "text"),
        (CorpusColumns(url=("meta.uri",)), "url"),
        (CorpusColumns(carry=("score",)), "carry"),
    ):
        with pytest.raises(
            MissingColumn, match=rf"a.parquet has no column .* Its columns are meta, text: name one of them as {role}"
        ):
            check_columns(path, columns)


def test_of_json_lines_the_first_rows_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"broken\n" + jsonl([{"url": "u"}, {"text": None, "meta": {"id": 1}}]))
    check_columns(str(path), CorpusColumns(id=("meta.id",)))
    with pytest.raises(
        MissingColumn, match=r"no column 'content' or 'body'.*Its columns are meta, text, url: name one of them as text"
    ):
        check_columns(str(path), CorpusColumns(text=("content", "body")))
    path.write_bytes(b"broken\n")
    check_columns(str(path), CorpusColumns())  # says nothing: each of its rows will


def test_what_folders_give_is_a_column_too(tmp_path: Path) -> None:
    (tmp_path / "crawl=C").mkdir()
    path = parquet(tmp_path / "crawl=C" / "a.parquet", {"text": ["A"]})
    check_columns(str(path), CorpusColumns(dump=("crawl",)))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(CorpusError, match="it is no Parquet file"):
        check_columns(str(tmp_path / "a.parquet"), CorpusColumns())
    with pytest.raises(LocationError, match="it does not exist"):
        check_columns(str(tmp_path / "absent.parquet"), CorpusColumns())
