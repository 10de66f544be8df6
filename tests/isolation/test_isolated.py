"""What kills the reader of a file, or the measuring of a document, costs that file or document alone."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.engine.models import fetch
from tests.corpus.corpus import fates
from tests.documents.test_documents import SETTINGS as EXTRACT
from tests.documents.test_documents import http, member
from tests.isolation.deadly import Deadly, DeadlyAnnotator, DeadlyCorpus, echo
from tests.page.test_sandbox import children_of, is_running
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import ReadFiles
from udfs.documents.file_row import FileRange
from udfs.documents.worker import ExtractFiles
from udfs.isolation.isolated import ChildDied, Isolated
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import Annotator

CACHE = Path(__file__).parents[2] / ".cache" / "models"


def children() -> set[int]:
    return {pid for pid in children_of(os.getpid()) if is_running(pid)}


def words(*values: str) -> pa.RecordBatch:
    return pa.record_batch({"word": list(values)})


def run(function: ExtractFiles | ReadFiles) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Read all files in one batch; return the documents of those that were read, and the file rows by name."""
    rows = [row for batch in function(iter([pa.record_batch({"id": range(len(function.files))})])) for row in batch.to_pylist()]
    told = {row["file"]["file_path"]: row["file"] for row in rows if row["file"]}
    good = {path for path, file in told.items() if file["outcome"] == "read"}
    documents = [row["document"] for row in rows if row["document"] and row["document"]["file_path"] in good]
    return documents, {Path(path).name: file for path, file in told.items()}


@pytest.mark.parametrize("word", ["SIGSEGV", "memory"])
def test_a_warc_that_kills_its_reader_is_failed_and_its_neighbours_are_read(tmp_path: Path, word: str) -> None:
    paths = [tmp_path / f"{name}.warc.gz" for name in ("a", word, "b")]
    for path in paths:
        path.write_bytes(b"".join(member("response", http(), identifier=f"{path.name}-{n}") for n in range(3)))
    files = tuple(FileRange(str(path), 3) for path in paths)
    expected, _ = run(ExtractFiles(files[::2], EXTRACT, "D"))
    before = children()
    documents, told = run(Deadly(files, EXTRACT, "D", isolate=True))
    assert documents == expected
    assert len(documents) == 6
    assert [(name, file["outcome"], file["reason"]) for name, file in told.items()] == [
        ("a.warc.gz", "read", None),
        (f"{word}.warc.gz", "failed", "crashed"),
        ("b.warc.gz", "read", None),
    ]
    crash = told[f"{word}.warc.gz"]
    assert crash["error"] == f"reading it killed the process: {'out of memory' if word == 'memory' else word}"
    assert (crash["chunk"], crash["start"], crash["end"], crash["records"]) == (3, 0, None, [])
    assert children() == before


def test_a_corpus_file_that_kills_its_reader_is_failed_and_its_neighbours_are_read(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.jsonl" for name in ("a", "SIGKILL", "b")]
    for path in paths:
        path.write_bytes(b'{"text": "A"}\n{"text": "B"}\n')
    documents, told = run(DeadlyCorpus(tuple(FileRange(str(path), 3) for path in paths), "D", CorpusColumns(), isolate=True))
    assert fates(documents) == [("extracted", None, "A"), ("extracted", None, "B")] * 2
    assert [(name, file["reason"]) for name, file in told.items()] == [
        ("a.jsonl", None),
        ("SIGKILL.jsonl", "crashed"),
        ("b.jsonl", None),
    ]
    assert (
        told["SIGKILL.jsonl"]["error"] == "reading it killed the process: SIGKILL, as the kernel sends it where memory runs out"
    )


def test_a_document_that_kills_the_measuring_has_an_error_and_its_neighbours_their_rows() -> None:
    model = fetch("lid.176.ftz", folder=CACHE)
    settings = AnnotateSettings(language_model=model.path, language_sha256=model.sha256)
    texts = [f"The mill of number {number} stands at the river." for number in range(12)]
    texts[7], texts[8] = "SIGSEGV", "exit"
    batch = pa.record_batch({"id": [str(number) for number in range(12)], "text": texts})
    rows = [row for part in DeadlyAnnotator(settings, isolate=True)(iter([batch])) for row in part.to_pylist()]
    expected = [row for part in Annotator(settings)(iter([batch])) for row in part.to_pylist()]
    for number, error in ((7, "SIGSEGV"), (8, "exit code 3 last words")):
        expected[number] = dict.fromkeys(expected[number]) | {"id": str(number), "error": f"crashed: {error}"}
    assert rows == expected


def test_a_child_serves_many_batches_and_dies_with_its_owner() -> None:
    before = children()
    with Isolated(echo) as child:
        assert [part.to_pydict() for part in child.run(words("a", "b"))] == [{"word": ["a"]}, {"word": ["b"]}]
        serving = children()
        assert len(list(child.run(words()))) == 0
        assert [part.num_rows for part in child.run(words(*"x" * 1000))] == [1] * 1000
        assert children() == serving != before
    assert children() == before


@pytest.mark.parametrize(
    ("word", "how"),
    [
        ("SIGSEGV", "SIGSEGV"),
        ("SIGKILL", "SIGKILL, as the kernel sends it where memory runs out"),
        ("exit", "exit code 3 last words"),
        ("memory", "out of memory"),
    ],
)
def test_a_death_is_told_and_the_next_batch_gets_another_child(word: str, how: str) -> None:
    with Isolated(echo) as child:
        with pytest.raises(ChildDied) as died:
            list(child.run(words("a", word, "b")))
        assert str(died.value) == how
        assert [part.to_pydict() for part in child.run(words("c"))] == [{"word": ["c"]}]


def test_an_exception_of_the_function_is_raised_as_it_is() -> None:
    with Isolated(echo) as child:
        with pytest.raises(ValueError, match="not the page's fault"):
            list(child.run(words("raise")))
        assert len(list(child.run(words("c")))) == 1


def test_an_answer_that_nobody_reads_to_its_end_is_not_taken_for_the_next() -> None:
    with Isolated(echo) as child:
        first = child.run(words("a", "b", "c"))
        assert next(first).to_pydict() == {"word": ["a"]}
        first.close()  # type: ignore[attr-defined]
        del first
        gc.collect()
        assert [part.to_pydict() for part in child.run(words("d"))] == [{"word": ["d"]}]


def test_a_child_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Isolated(echo) as child, pytest.raises(ChildDied, match="exit code 1"):
        list(child.run(words("a")))
