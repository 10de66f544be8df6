"""A row that raises says so in its column `error`, and its neighbours go on."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from udfs.edits.edit_batches import apply_edits
from udfs.edits.edited_batches import CUT_SCHEMA, EDITS, MERGED_SCHEMA, Cuts, Keys, merge_layers
from udfs.edits.row_error import row_error
from udfs.passages.bloom_paragraphs import NGRAM_SCHEMA, Ngrams, SeenBefore, cut_paragraphs
from udfs.passages.ccnet_line import LINE_SCHEMA, line_keys
from udfs.passages.repeated_windows import ANCHOR_SCHEMA, WINDOW_SCHEMA, Anchors, Windows
from udfs.similarity.shingle_prefix import PrefixKeys, each_shingle
from udfs.similarity.shingles import SHINGLE_SCHEMA, compare_batches, shingle_batches

LAYERS = pa.list_(EDITS)
GOOD = "one two three four five six"
BEYOND = {"start": 90, "end": 95, "replacement": "", "kind": "c4_lines"}
ERROR = (
    "ValueError: edit c4_lines of [90, 95) does not fit a text of 27 characters: the edits were measured on another text, and "
    "applying them would garble this one; run annotate again for its document"
)


def rows(batches: Any) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.to_pylist()]


def test_shingles_that_cannot_be_made_are_null_and_say_why() -> None:
    edits = pa.array([None, [BEYOND], None, []], EDITS)
    batch = pa.record_batch({"class": [1, 2, 3, 4], "text": [GOOD, GOOD, None, GOOD], "edits": edits})
    (made,) = shingle_batches(5)(iter([batch]))
    assert made.schema == SHINGLE_SCHEMA
    first, bad, absent, last = made.to_pylist()
    assert (first["class"], first["error"], first["shingles"]) == (1, None, last["shingles"])
    assert len(first["shingles"]) == 16
    assert bad == {"class": 2, "shingles": None, "error": ERROR}
    assert (absent["class"], absent["shingles"], absent["error"].split(":")[0]) == (3, None, "TypeError")


def test_of_a_pair_without_shingles_nothing_is_known() -> None:
    known = np.array([1, 2, 3], np.int64).tobytes()
    sets = {"s_a": pa.array([known, None, known, None], pa.binary()), "s_b": pa.array([known, known, None, None], pa.binary())}
    compared = rows(compare_batches(iter([pa.record_batch({"a": range(4), "b": range(4, 8), "lsh": [True] * 4, **sets})])))
    assert [(row["common"], row["n_a"], row["n_b"]) for row in compared] == [
        (3, 3, 3),
        (None, None, 3),
        (None, 3, None),
        (None, None, None),
    ]


def test_a_document_without_shingles_meets_nobody() -> None:
    batch = pa.record_batch(
        {
            "class": [1, 2],
            "shingles": pa.array([None, np.array([1, 2], np.int64).tobytes()], pa.binary()),
            "keys": pa.array([[7], [7]], pa.list_(pa.int64())),
        }
    )
    keys = PrefixKeys(np.zeros(0, np.int64), np.zeros(0, np.int64), min_similarity=0.75, measure="jaccard")
    assert {row["class"] for row in rows(keys(iter([batch])))} == {2}
    assert [row["shingle"] for row in rows(each_shingle(iter([batch])))] == [1, 2]


def layered(**more: Any) -> pa.RecordBatch:
    layers = pa.array([[[]], [[BEYOND]], None, [None, []]], LAYERS)
    named = {"id": ["a", "b", "c", "d"], "nr": [1, 2, 3, 4], "chunk": ["x"] * 4}
    return pa.record_batch({**named, "text": [GOOD, GOOD, None, GOOD], "layers": layers, **more})


def test_edits_beyond_a_text_that_is_only_searched_are_no_error_of_the_search() -> None:
    """Where a text ends before an edit, EditedText has nothing to leave out; publish is where such an edit fails."""
    found = rows(Keys(line_keys, LINE_SCHEMA)(iter([layered()])))
    assert [row["error"] is None for row in found] == [True, True, False, True]


@pytest.mark.parametrize(
    ("measure", "schema", "more"),
    [
        (line_keys, LINE_SCHEMA, {}),
        (Ngrams(1, 3, 4), NGRAM_SCHEMA, {}),
        (Anchors(4), ANCHOR_SCHEMA, {}),
        (Windows(4), WINDOW_SCHEMA, {"anchors": pa.array([[1]] * 4, pa.list_(pa.int64()))}),
    ],
)
def test_a_text_whose_passages_cannot_be_found_says_why(measure: Any, schema: pa.Schema, more: dict[str, Any]) -> None:
    made = rows(Keys(measure, schema)(iter([layered(**more)])))
    assert [row["nr"] for row in made] == [1, 2, 3, 4]
    assert [row["error"] is None for row in made] == [True, True, False, True]
    lists = schema.names[-2]
    assert [row[lists] is None for row in made] == [False, False, True, False]


def test_the_filter_passes_over_a_text_without_ngrams() -> None:
    keys = pa.RecordBatch.from_pylist(rows(Keys(Ngrams(1, 3, 1), NGRAM_SCHEMA)(iter([layered()]))), schema=NGRAM_SCHEMA)
    seen = rows(SeenBefore(0.8, 1 << 12, 3)(iter([keys])))
    assert [(row["nr"], row["marks"]) for row in seen] == [(1, []), (2, [0]), (4, [0])]


def test_a_text_that_cannot_be_cut_says_why() -> None:
    marks = pa.array([[0], [], [0], [7]], pa.list_(pa.int32()))
    made = rows(Cuts(cut_paragraphs, "k")(iter([layered(marks=marks, reason=pa.array([None] * 4, pa.string()))])))
    assert [(row["id"], row["reason"], row["error"] and row["error"].split(":")[0]) for row in made] == [
        ("a", "nothing_left", None),
        ("b", None, None),
        ("c", None, "TypeError"),
        ("d", None, "IndexError"),
    ]
    assert made[3] == dict.fromkeys(CUT_SCHEMA.names) | {"id": "d", "error": "IndexError: list index out of range"}


def test_layers_that_cannot_be_merged_say_why() -> None:
    made = rows(merge_layers(iter([layered()])))
    assert [(row["id"], row["chunk"], row["error"]) for row in made] == [
        ("a", "x", None),
        ("b", "x", None),
        ("c", "x", "TypeError: 'NoneType' object is not iterable"),
        ("d", "x", None),
    ]
    assert made[2] == dict.fromkeys(MERGED_SCHEMA.names) | {"id": "c", "chunk": "x", "error": made[2]["error"]}


def published(*, guarded: bool) -> pa.RecordBatch:
    columns = {
        "id": ["a", "b", "c"],
        "text": [GOOD, GOOD, GOOD],
        "token_count": pa.array([6, 6, 6], pa.int64()),
        "edits": pa.array([[BEYOND | {"start": 0, "end": 4}], [BEYOND], None], EDITS),
        "cuts": pa.array([None, None, [[BEYOND | {"start": 0, "end": 4}]]], pa.list_(EDITS)),
    }
    return pa.record_batch(columns | ({"error": pa.array([None] * 3, pa.string())} if guarded else {}))


def test_a_text_that_cannot_be_published_is_there_without_text_and_says_why() -> None:
    made = rows(apply_edits(iter([published(guarded=True), published(guarded=True).slice(0, 0)])))
    assert made == [
        {"id": "a", "text": GOOD[4:], "token_count": 6, "error": None},
        {"id": "b", "text": None, "token_count": None, "error": ERROR},
        {"id": "c", "text": GOOD[4:], "token_count": 5, "error": None},
    ]


def test_without_a_place_for_the_error_it_is_raised() -> None:
    with pytest.raises(ValueError, match="does not fit a text of 27 characters"):
        rows(apply_edits(iter([published(guarded=False)])))


def test_an_error_can_be_stored_whatever_it_says() -> None:
    assert row_error(ValueError("a\0b\ud800" + "x" * 900)) == "ValueError: ab?" + "x" * 485
