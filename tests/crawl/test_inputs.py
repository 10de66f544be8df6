"""Inputs by the names that people and programs write: addresses, lists from other editors, names that look like globs."""

import os
from pathlib import Path

import pytest

from jobs.crawl.inputs import list_inputs
from jobs.engine.errors import RecipeError
from udfs.reading.location import LocationError


def touch(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"WARC/1.0\r\n")
    return str(path)


@pytest.mark.parametrize("name", ["[1].warc.gz", "a*b.warc.gz", "what?.warc.gz", "100%25.warc.gz", "für a#b.warc.gz"])
def test_a_file_of_just_the_name_is_meant_before_any_glob(tmp_path: Path, name: str) -> None:
    there = touch(tmp_path / name)
    touch(tmp_path / "1.warc.gz")
    touch(tmp_path / "aXb.warc.gz")
    assert list_inputs([there]) == [there]


def test_a_glob_passes_over_folders(tmp_path: Path) -> None:
    below = touch(tmp_path / "sub/a.warc.gz")
    assert list_inputs([f"{tmp_path}/**"]) == [below]


def test_an_address_of_a_file_has_several_spellings_and_escapes(tmp_path: Path) -> None:
    there = touch(tmp_path / "a b#1.warc.gz")
    escaped = f"{tmp_path}/a%20b%231.warc.gz"
    assert {tuple(list_inputs([f"{start}{escaped}"])) for start in ("file:", "file://", "file://localhost", "FILE://")} == {
        (there,)
    }
    assert list_inputs([f"file://{tmp_path}/a%20*"]) == [there]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("file://elsewhere/a.warc.gz", "a file of the machine 'elsewhere'"),
        ("file:a.warc.gz", "has the whole path"),
        ("gopher://x/a.warc.gz", "and no other place"),
        ("", "the shell empty"),
        ("s3://commoncrawl/*.warc.gz", "on disk only"),
    ],
)
def test_what_no_file_can_be_is_refused(item: str, told: str) -> None:
    with pytest.raises((RecipeError, LocationError), match=told):
        list_inputs([item])


def test_a_folder_is_no_input_and_the_message_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(LocationError) as caught:
        list_inputs([f"{tmp_path}/"])
    assert str(caught.value) == f"{tmp_path}: it is a folder. Name the files in it: {tmp_path}/*.warc.gz."


def test_a_pipe_is_no_input(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LocationError, match="a pipe or a device"):
        list_inputs([str(tmp_path / "pipe")])


def test_a_name_that_is_not_utf_8_is_refused_and_shown_with_escapes(tmp_path: Path) -> None:
    bad = os.fsdecode(os.fsencode(tmp_path) + b"/f\xfcr.warc.gz")
    Path(bad).write_bytes(b"")
    for item in (bad, f"{tmp_path}/*.warc.gz"):
        with pytest.raises(LocationError, match=r"f\\xfcr\.warc\.gz: its name is not UTF-8, .* Rename the file"):
            list_inputs([item])


def test_a_list_may_begin_with_a_byte_order_mark_and_end_its_lines_as_windows_does(tmp_path: Path) -> None:
    names = [touch(tmp_path / name) for name in ("a.warc.gz", "für b.warc.gz")]
    paths = tmp_path / "list.paths"
    paths.write_bytes(b"\xef\xbb\xbfa.warc.gz\r\n\r\n  f\xc3\xbcr b.warc.gz \r\n")
    assert list_inputs([str(paths)]) == names
    paths.write_text(f"{Path(names[0]).as_uri()}\n {names[1]}\n", "utf-8")
    assert list_inputs([str(paths)]) == names


def test_a_list_in_another_charset_is_named_with_the_line(tmp_path: Path) -> None:
    paths = tmp_path / "list.paths"
    paths.write_bytes("a.warc.gz\nschön.warc.gz\n".encode("latin-1"))
    with pytest.raises(RecipeError) as caught:
        list_inputs([str(paths)])
    assert str(caught.value).startswith(f"paths file {paths} is not UTF-8, at line 2 (sch\\xf6n.warc.gz): nothing was run.")
    paths.write_bytes("a.warc.gz\n".encode("utf-16"))
    with pytest.raises(RecipeError, match="is UTF-16 and not UTF-8"):
        list_inputs([str(paths)])
