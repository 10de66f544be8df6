"""What a style would cost a document, and which documents a cut leaves it, without Spark."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.rephrase.working import LISTED, PLAIN, corpus, work
from udfs.documents.file_row import FileRange
from udfs.rephrase.questions import CountQuestions
from udfs.rephrase.settings import Rephrase
from udfs.rephrase.sizes import LEAST, SIZES, LeastSizes, Sizes, least_of, size_of
from udfs.rephrase.style import KEY_BITS, Style

TEXTS = [f"The mill of town {n} ground rye. </page>\n\n" * (1 + n % 7) for n in range(40)]
THOUGHT = Style("thought", PLAIN.prompt, gaps=2, max_tokens=50)
STYLES = (replace(PLAIN, segment_tokens=20, max_tokens=100), replace(LISTED, segment_tokens=40), THOUGHT)
BITS = 4


@pytest.fixture
def planned(tmp_path: Path) -> FileRange:
    return corpus(tmp_path / "a.jsonl", [*TEXTS, None, "  "])


def styled(tmp_path: Path, *styles: Style) -> Rephrase:
    return work("http://localhost:1/v1", tmp_path, *styles)


def ids() -> "pa.RecordBatch":
    return pa.record_batch({"id": [0]})


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_the_bound_is_never_above_the_size_and_the_size_is_what_is_asked(style: Style, tmp_path: Path) -> None:
    for number, text in enumerate(TEXTS):
        size = size_of(style, text, model="small-1b")
        assert 0 < least_of(style, text) <= size
        one = corpus(tmp_path / f"{number}.jsonl", [text])
        asked = CountQuestions((one,), styled(tmp_path, style)).count(one)
        assert (
            asked["most_out"] + asked["prompt_bytes"] / 3
            <= size
            < asked["most_out"] + asked["prompt_bytes"] / 3 + asked["questions"]
        )


def test_a_short_text_in_one_segment_is_bounded_by_its_size_but_for_white_space() -> None:
    assert least_of(PLAIN, "Rye.") == size_of(PLAIN, "Rye.\n", model="m")


def test_a_text_that_cannot_be_cut_counts_with_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(text: str, most: int) -> list[str]:
        raise ValueError(text)

    monkeypatch.setattr("udfs.rephrase.style.segments", picky)
    assert size_of(PLAIN, "a text of its own", model="m") == least_of(PLAIN, "a text of its own")


def test_the_sums_of_cells_are_those_of_their_documents(planned: FileRange, tmp_path: Path) -> None:
    some = styled(tmp_path, *STYLES)
    summed: Counter[tuple[str, int]] = Counter()
    for style in STYLES:
        for number, text in enumerate(TEXTS):
            summed[style.name, style.key(f"p{number}", seed=0) >> (KEY_BITS - BITS)] += least_of(style, text)
    (batch,) = LeastSizes((planned,), some, BITS)([ids()])
    assert batch.schema == LEAST
    assert {(row["style"], row["cell"]): row["tokens"] for row in batch.to_pylist()} == summed


def test_documents_behind_the_last_cell_of_a_style_are_not_cut(planned: FileRange, tmp_path: Path) -> None:
    last = {"plain": 3, "listed": 15, "thought": -1}
    (batch,) = Sizes((planned,), styled(tmp_path, *STYLES), BITS, last)([ids()])
    assert batch.schema == SIZES
    found = Counter(row["style"] for row in batch.to_pylist())
    keys = [STYLES[0].key(f"p{number}", seed=0) for number in range(len(TEXTS))]
    assert found == {"plain": sum(key >> (KEY_BITS - BITS) <= 3 for key in keys), "listed": len(TEXTS)}


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    gone, some = FileRange(str(tmp_path / "gone.jsonl"), 0), styled(tmp_path)
    (row,) = LeastSizes((gone,), some, BITS).rows(gone)
    assert "gone.jsonl" in row["unreadable"]
    with pytest.raises(OSError, match=r"gone\.jsonl"):
        list(Sizes((gone,), some, BITS, {"plain": 15}).rows(gone))


def test_a_cut_takes_the_documents_before_it_in_the_order_of_a_share() -> None:
    names = sorted((f"p{n}" for n in range(200)), key=lambda name: (PLAIN.key(name, seed=3), name))
    cut = replace(PLAIN, cut=(PLAIN.key(names[50], seed=3), names[50]))
    assert [name for name in names if cut.takes(name, seed=3)] == names[:50]
    shared = [name for name in names if replace(PLAIN, share=0.25).takes(name, seed=3)]
    assert shared == names[: len(shared)] and 30 < len(shared) < 70
