"""What the recipe of a corpus says, and which files it names: no Spark."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.engine.corpus_plan import check_new, list_inputs, split_corpus
from jobs.engine.errors import RecipeError
from jobs.read import STAGE
from jobs.recipe.load import load_recipe
from tests.runs import PROJECT
from tests.whole_runs.corpora import write_jsonl
from udfs.corpus.columns import CorpusColumns
from udfs.documents.file_row import FileRange
from udfs.reading.location import LocationError


def test_the_recipe_of_the_docs_has_ten_lines_and_reads_other_columns(tmp_path: Path) -> None:
    (recipe,) = re.findall(r"```toml\n(.*?)```", (PROJECT / "docs/read.md").read_text("utf-8"), re.DOTALL)
    assert len([line for line in recipe.split("\n") if line]) == 10
    (tmp_path / "mine.toml").write_text(recipe, "utf-8")
    settings = load_recipe(tmp_path / "mine.toml").of(STAGE)
    assert settings.columns() == CorpusColumns(text=("content",), carry=("license", "metadata.source"))


def test_a_recipe_with_two_sources_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text('[run]\nname = "two"\ndump = "D"\ninput = ["x"]\n[extract]\n[read]\n')
    with pytest.raises(RecipeError, match=r"\[extract\].*\[read\]"):
        load_recipe(path)


def test_a_finished_root_gives_its_corpus_and_one_that_has_not_published_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    folder = root / "corpus/dump=D/language=en/chunk=00000"
    folder.mkdir(parents=True)
    write_jsonl([{"text": "Words."}], folder / "part.jsonl")
    (root / "recipe.json").write_text("{}")
    for published in ((), ("corpus",)):
        with pytest.raises(RecipeError, match="is the root of a run that has not published its corpus, so nothing was run"):
            list_inputs([str(root)])
        for name in published:
            (root / name).mkdir(exist_ok=True)
    (root / "corpus/_stage.json").write_text("{}")
    assert list_inputs([str(root), str(folder)]) == [str(folder / "part.jsonl")]
    with pytest.raises(LocationError, match="absent: it does not exist"):
        list_inputs([str(tmp_path / "absent")])


def test_of_new_files_three_are_looked_at_and_a_broken_one_among_good_ones_is_left_to_the_run(tmp_path: Path) -> None:
    good = str(write_jsonl([{"text": "Words."}], tmp_path / "a.jsonl"))
    other, broken = str(tmp_path / "b.parquet"), str(tmp_path / "c.parquet")
    pq.write_table(pa.table({"content": ["Words."]}), other)
    Path(broken).write_bytes(b"none")
    check_new([], CorpusColumns(), alone=True)
    check_new([broken, good, broken], CorpusColumns(), alone=True)
    check_new([broken], CorpusColumns(), alone=False)
    check_new([good, other, good, good, good], CorpusColumns(), alone=True)  # the second of five is not looked at
    with pytest.raises(RecipeError, match=r"c.parquet: it is no Parquet file.*; nothing was run"):
        check_new([broken, broken], CorpusColumns(), alone=True)
    with pytest.raises(RecipeError, match=r"b.parquet has no column 'text'.* Its columns are content: .*; nothing was run"):
        check_new([good, broken, other], CorpusColumns(), alone=False)


def test_a_local_file_over_the_size_is_cut_and_a_remote_one_only_if_the_recipe_says_so(tmp_path: Path) -> None:
    path = write_jsonl([{"text": "x" * 1000}] * 3000, tmp_path / "a.jsonl")
    size = path.stat().st_size
    whole = FileRange(str(path), 7, attempt=2, version="v")
    large = tmp_path / "large.jsonl"
    with large.open("wb") as file:
        file.truncate(257 << 20)
    cuts = [(part.start, part.end) for part in split_corpus(FileRange(str(large), 7), megabytes=0.0)]
    assert cuts == [(0, 256 << 20), (256 << 20, 257 << 20)]
    assert split_corpus(whole, megabytes=0.0) == (FileRange(str(path), 7, 0, None, attempt=2, version="v"),)
    parts = split_corpus(whole, megabytes=1.0)
    assert [(part.start, part.end, part.chunk, part.attempt, part.version) for part in parts] == [
        (0, 1 << 20, 7, 2, "v"),
        (1 << 20, 2 << 20, 7, 2, "v"),
        (2 << 20, size, 7, 2, "v"),
    ]
    remote = FileRange("s3://bucket/a.jsonl", 7)
    assert split_corpus(remote, megabytes=0.0) == (remote,)


def test_a_corpus_may_be_named_by_an_address_with_escapes_and_by_a_name_that_looks_like_a_glob(tmp_path: Path) -> None:
    root = tmp_path / "a [b] c%20d"
    folder = root / "corpus/dump=D/language=en/chunk=00000"
    folder.mkdir(parents=True)
    write_jsonl([{"text": "Words."}], folder / "part.jsonl")
    (root / "recipe.json").write_text("{}")
    (root / "corpus/_stage.json").write_text("{}")
    found = [str(folder / "part.jsonl")]
    assert list_inputs([str(root)]) == list_inputs([root.as_uri()]) == list_inputs([str(folder / "part.jsonl")]) == found
    with pytest.raises(RecipeError, match="an input is empty"):
        list_inputs([""])
    with pytest.raises(LocationError, match="a file of the machine 'elsewhere'"):
        list_inputs(["file://elsewhere/corpus"])
