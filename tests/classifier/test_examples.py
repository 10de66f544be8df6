"""Files to train on as other programs write them, and those that cannot be read."""

import gzip
from pathlib import Path

import pytest
import typer.testing

from jobs.classifier.examples import TrainError, corpus_examples, labelled_examples
from jobs.main import app


def test_a_byte_order_mark_belongs_to_no_text_and_to_no_column(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    files = {"a.txt": b"good\n", "b.jsonl": b'{"text": "good"}\n', "c.tsv": b"text\tlabel\ngood\thq\n"}
    for name, body in files.items():
        (tmp_path / name).write_bytes(mark + body)
    (tmp_path / "d.txt.gz").write_bytes(gzip.compress(mark + b"good\n"))
    every = [tmp_path / name for name in (*files, "d.txt.gz")]
    assert [text.strip() for _, text in corpus_examples(every, label="x")] == ["good"] * 4
    assert list(labelled_examples([tmp_path / "c.tsv"])) == [("__label__hq", "good")]


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("a.txt", "schön\n".encode("latin-1"), "is not UTF-8"),
        ("a.txt.gz", b"no gzip", "cannot be read"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "a"}\n' * 99, mtime=0)[:-12], "cannot be read"),
        ("a.parquet", b"no parquet", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, body: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(TrainError, match=f"{name} {told}"):
        list(corpus_examples([tmp_path / name], label="x"))


@pytest.mark.parametrize("given", [("--lr", "nan"), ("--lr", "-1"), ("--lr", "0"), ("--holdout", "1"), ("--holdout", "nan")])
def test_numbers_that_teach_nothing_are_refused(tmp_path: Path, given: tuple[str, str]) -> None:
    done = typer.testing.CliRunner().invoke(app, ["train", "--out", str(tmp_path / "m.bin"), *given])
    assert isinstance(done.exception, TrainError) and "nothing was trained" in str(done.exception)
