"""The score of a run on the sample: full marks for what is right, whichever copy survives, and a count of the rest."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sample.capture import truth_row
from sample.make import captures
from sample.outcomes import Got, read_run
from sample.score import lines, score, token_f1

Row = dict[str, Any]


@pytest.fixture(scope="module")
def truth() -> list[Row]:
    return [truth_row(capture, warc_file="a.warc.gz") for capture in captures()]


def _published(row: Row) -> str:
    text = str(row["main_text"])
    for secret in row["pii"]:
        text = text.replace(secret, "…")
    return text


def _perfect(truth: list[Row]) -> list[Got]:
    return [
        Got(
            id=row["record_id"],
            outcome=row["expected"],
            reason=row["expected_reason"],
            duplicate_of=row["duplicate_of"],
            charset=row["charset"],
            language=row["language"],
            text=row["main_text"] or None,
            product=_published(row) if row["expected"] == "kept" else None,
        )
        for row in truth
        if row["expected"] != "unreadable"
    ]


def test_a_run_that_does_as_expected_scores_full_marks_in_thirty_lines(truth: list[Row]) -> None:
    result = score(truth, _perfect(truth))
    assert result.accuracy == 1.0
    assert result.reasons[0] == result.reasons[1] > 200
    assert result.duplicate_recall == result.duplicate_precision == (60, 60)
    assert (result.pii_left, result.unwanted_left, result.text_f1) == (0, 0, 1.0)
    assert len(lines(result)) <= 30


def test_another_survivor_of_the_same_group_is_as_good(truth: list[Row]) -> None:
    copy = next(row for row in truth if row["expected_reason"] == "exact_text")
    swapped = []
    for row in _perfect(truth):
        if row.id == copy["record_id"]:
            row = replace(row, outcome="kept", reason=None, duplicate_of=None)
        elif row.id == copy["duplicate_of"]:
            row = replace(row, outcome="dropped", reason="exact_text", duplicate_of=copy["record_id"])
        swapped.append(row)
    assert score(truth, swapped).accuracy == 1.0
    assert score(truth, swapped).duplicate_recall == (60, 60)


def test_what_a_run_gets_wrong_is_counted(truth: list[Row]) -> None:
    secret = next(row for row in truth if row["pii"])
    copy = next(row for row in truth if row["expected_reason"] == "near_duplicate" and row["kind"] == "near_duplicate")
    spam = next(row for row in truth if row["kind"] == "spam")
    rows = []
    for row in _perfect(truth):
        if row.id == secret["record_id"]:
            row = replace(row, product=" ".join(secret["pii"]), language="xx", charset="koi8-r")
        elif row.id == copy["record_id"]:
            row = replace(row, outcome="kept", reason=None, duplicate_of=None)
        elif row.id == spam["record_id"]:
            row = replace(row, duplicate_of=secret["record_id"], reason="near_duplicate")
        rows.append(row)
    result = score(truth, rows)
    assert result.pii_left == len(secret["pii"])
    assert result.duplicate_recall == (59, 60)
    assert result.duplicate_precision == (59, 60)
    assert result.languages[1] - result.languages[0] == 1
    assert result.charsets[1] - result.charsets[0] == 1
    assert result.reasons[1] - result.reasons[0] == 1
    wrong = {kind: story for kind, count, right, story in result.kinds if right < count}
    assert wrong == {"near_duplicate": "1 kept"}


def test_token_f1_counts_words_and_han_characters() -> None:
    assert token_f1("a b c d", "a b x y") == 0.5
    assert token_f1("石うす", "石うま") == pytest.approx(2 / 3)
    assert token_f1("", "a") == 0.0


def test_a_run_is_read_from_its_folders(tmp_path: Path) -> None:
    def write(path: str, rows: list[Row]) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / path)

    document = {"outcome": "extracted", "reason": None, "charset": "utf-8", "text": "t"}
    write(
        "documents/chunk=00000/kind=document/part-0.parquet",
        [
            {"id": "a"} | document,
            {"id": "b"} | document,
            {"id": "c"} | document | {"outcome": "dropped", "reason": "not_html"},
        ],
    )
    write("documents/chunk=00000/kind=file/part-0.parquet", [{"id": None} | document])
    write("signals/new/chunk=00000/part-0.parquet", [{"id": "a", "language": "en"}, {"id": "b", "language": "de"}])
    write("signals/old/chunk=00000/part-0.parquet", [{"id": "a", "language": "fr"}, {"id": "b", "language": "fr"}])
    (tmp_path / "signals/_chunks").mkdir()
    (tmp_path / "signals/_chunks/00000.json").write_text('{"sets": {"language": {"fingerprint": "f", "pass": "new"}}}')
    write(
        "decisions/filter/chunk=00000/part-0.parquet",
        [{"id": "a", "outcome": "kept", "reason": None}, {"id": "b", "outcome": "dropped", "reason": "few_words"}],
    )
    write("decisions/dedup/chunk=00000/part-0.parquet", [{"id": "a", "outcome": "kept", "reason": None, "duplicate_of": None}])
    write("corpus/dump=D/language=en/part-0.parquet", [{"id": "a", "text": "T"}])
    assert read_run(tmp_path) == [
        Got("a", "kept", charset="utf-8", language="en", text="t", product="T"),
        Got("b", "dropped", "few_words", charset="utf-8", language="de", text="t"),
        Got("c", "dropped", "not_html", charset="utf-8", text="t"),
    ]
