"""What repeated passages are made of: word boundaries, n-gram hashes, the filter and its size, the cuts, edits over edits."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jobs.engine.errors import RecipeError
from jobs.passages.paragraphs import check_memory
from jobs.passages.settings import Bff, Passages
from tests.passages.reference import without_seen_paragraphs
from udfs.edits.edit import Edit, apply
from udfs.edits.edited_text import EditedText, merged
from udfs.passages.bloom_paragraphs import Ngrams, SeenBefore, cut_paragraphs, paragraphs
from udfs.passages.ccnet_line import cut_lines, line_key, normalised
from udfs.passages.repeated_windows import CutWindows, anchors
from udfs.similarity.bloom_filter import BloomFilter, bits_for, false_positives, hash_count
from udfs.similarity.ngram_hashes import ngram_hashes
from udfs.words.bounds import split, words

TEXT = st.text("ab \n\r😀é\U0001d538", max_size=30)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        # the examples of Rust's unicode-segmentation for split_word_bounds, and of UAX #29
        ('The quick ("brown")  fox', ["The", " ", "quick", " ", "(", '"', "brown", '"', ")", "  ", "fox"]),
        (
            'The quick ("brown") fox can\'t jump 32.3 feet, right?',
            [
                "The",
                " ",
                "quick",
                " ",
                "(",
                '"',
                "brown",
                '"',
                ")",
                " ",
                "fox",
                " ",
                "can't",
                " ",
                "jump",
                " ",
                "32.3",
                " ",
                "feet",
                ",",
                " ",
                "right",
                "?",
            ],
        ),
        ("a\r\nb\n", ["a", "\r\n", "b", "\n"]),
        ("3.14 a_b 1,000", ["3.14", " ", "a_b", " ", "1,000"]),
        ("🇫🇷🇩🇪👩\u200d👧", ["🇫🇷", "🇩🇪", "👩\u200d👧"]),
        ("水车カタカナ", ["水", "车", "カタカナ"]),
        ("", []),
    ],
)
def test_words_end_where_unicode_says(text: str, segments: list[str]) -> None:
    assert split(text) == segments


def test_words_know_their_places_and_leave_white_space_out() -> None:
    found = words("😀 né\u00a0\r\n, x")
    assert [(start, end) for start, end in zip(found.starts, found.ends, strict=True)] == [(0, 1), (2, 4), (7, 8), (9, 10)]
    assert len(set(found.low.tolist())) == len(set(found.high.tolist())) == 4


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 6))
def test_two_ngrams_have_one_hash_if_and_only_if_they_are_equal(values: list[int], n: int) -> None:
    ids = words("a b c d").low
    hashes = ngram_hashes(ids[np.array(values, int)] if values else ids[:0], n).tolist()
    grams = [tuple(values[at : at + n]) for at in range(len(values) - n + 1)]
    assert len(hashes) == len(grams)
    assert len(set(zip(hashes, grams, strict=True))) == len(set(grams)) == len(set(hashes))


@pytest.mark.parametrize("rate", [0.1, 0.01, 1e-4])
def test_a_filter_of_the_size_that_the_formula_gives_forgets_nothing_and_errs_at_the_rate(rate: float) -> None:
    count = 20_000
    bits = bits_for(count, rate)
    assert false_positives(bits, count) <= rate < false_positives(bits - 1, count)
    draw = np.random.default_rng(7)
    items = draw.integers(0, 1 << 64, 3 * count, np.uint64)
    filter_ = BloomFilter(bits, hash_count(bits, count))
    filter_.add(items[:count])
    assert filter_.contain(items[:count]).all()
    wrong = int(filter_.contain(items[count:]).sum())
    assert abs(wrong - 2 * count * rate) < 5 * (2 * count * rate) ** 0.5 + 1


def test_a_filter_for_a_million_at_one_percent_has_the_textbook_size() -> None:
    bits = bits_for(1_000_000, 0.01)
    assert (bits, hash_count(bits, 1_000_000)) == (9_592_956, 7)  # the optimum without rounding k is 9.585 bits an item


def test_a_paragraph_is_tested_whole_before_it_is_put_in_and_one_that_goes_is_not_put_in() -> None:
    texts = {"a": "x y z\nx y z w", "b": "x y z\nz w v\nz w v"}
    ngrams, pass_ = Ngrams(2, 2, 1), SeenBefore(0.5, 10_000, 5)
    filter_ = BloomFilter(10_000, 5)
    decided = [
        pass_.document(filter_, [ngrams.of(texts[id_][start:end]) for start, end in paragraphs(texts[id_])]) for id_ in "ab"
    ]
    # "z w" goes in neither with a's second paragraph, which goes (2 of 3), nor before b's second (0 of 2) is tested
    assert decided == [
        {"marks": [1], "ngrams_seen": 2, "ngrams": 5},
        {"marks": [0, 2], "ngrams_seen": 4, "ngrams": 6},
    ]


def test_a_share_of_exactly_the_threshold_stays() -> None:
    ngrams, filter_ = Ngrams(1, 1, 1), BloomFilter(10_000, 5)
    filter_.add(ngrams.of("a b c d"))
    lists = [ngrams.of("a b c d e"), ngrams.of("\na b c d e")]
    assert SeenBefore(0.8, 10_000, 5).document(filter_, lists)["marks"] == [1]  # 4 of 5, then 5 of 5
    assert without_seen_paragraphs({"x": "a b\n\nb a"}, n=(13, 13), threshold=0.8) == {"x": "a b\n\nb a"}


@pytest.mark.parametrize(
    ("line", "same"),
    [("  IT’S 25 °C. ", "it's 99 °c.".replace("'", "")), ("a\x07b…", "ab"), ("٣ eggs", "0 eggs"), ("“水”", "水"), ("\t", "")],
)
def test_lines_are_compared_as_ccnet_compares_them(line: str, same: str) -> None:
    assert normalised(line) == normalised(same) and line_key(line) == line_key(same)


def test_ascii_punctuation_and_inner_space_tell_lines_apart() -> None:
    assert len({line_key(line) for line in ("a b", "a  b", "a b.", "(a b)", "ab")}) == 5
    # the first 8 bytes of SHA-1 of "", little-endian
    assert line_key("") == int.from_bytes(bytes.fromhex("da39a3ee5e6b4b0d"), "little", signed=True)


@given(TEXT, st.sets(st.integers(0, 8)))
def test_cutting_lines_leaves_what_joining_the_others_gives(text: str, chosen: set[int]) -> None:
    lines = text.split("\n")
    marks = sorted(mark for mark in chosen if mark < len(lines))
    kept = [line for number, line in enumerate(lines) if number not in marks]
    assert without(text, cut_lines(text, marks)) == "\n".join(kept)


@given(TEXT, st.sets(st.integers(0, 8)))
def test_cutting_paragraphs_takes_each_with_the_break_before_it(text: str, chosen: set[int]) -> None:
    spans = paragraphs(text)
    assert "".join(text[start:end] for start, end in spans) == text
    marks = sorted(mark for mark in chosen if mark < len(spans))
    kept = "".join(text[start:end] for number, (start, end) in enumerate(spans) if number not in marks)
    assert without(text, cut_paragraphs(text, marks)) == kept


@pytest.mark.parametrize(
    ("text", "marks", "left"),
    [
        ("one a b two", [1], "one two"),
        ("one\na b\ntwo", [1], "one\ntwo"),
        ("one\na b two", [1], "one\ntwo"),
        ("one a b\ntwo", [1], "one\ntwo"),
        ("  a b two", [0], "two"),
        ("one\r\na b", [1], "one"),
        ("a b a b", [0, 1, 2], ""),
        ("😀 a b c 😀", [1, 2], "😀 😀"),
    ],
)
def test_a_run_of_words_goes_with_the_white_space_that_would_stand_twice(text: str, marks: list[int], left: str) -> None:
    assert without(text, CutWindows(2)(text, marks)) == left


@given(st.lists(st.integers(0, 2), min_size=2, max_size=60), st.integers(2, 9))
def test_equal_windows_have_equal_anchors_at_one_place_in_them(values: list[int], size: int) -> None:
    ids = words("a b c").low[np.array(values)]
    runs, places = anchors(ids, size)
    seen: dict[tuple[int, ...], tuple[int, int]] = {}
    assert len(places) == max(0, len(values) - size + 1)
    for at, place in enumerate(places.tolist()):
        known = (int(runs[place]), place - at)
        assert seen.setdefault(tuple(values[at : at + size]), known) == known


def test_one_anchor_stands_for_many_windows() -> None:
    draw = random.Random(5)
    found = words(" ".join(str(draw.random()) for _ in range(2000))).low
    _, places = anchors(found, 50)
    assert len(places) == 1951 and 100 < len(set(places.tolist())) < 200  # 2 of 27 places, as winnowing has it


@given(TEXT, st.integers(0, 2**32))
def test_a_span_of_the_edited_text_is_the_span_of_the_original_that_leaves_the_rest(text: str, seed: int) -> None:
    draw = random.Random(seed)
    edits = some_edits(draw, len(text), replacements=("", "\n", "#"))
    seen = EditedText(text, edits)
    assert seen.text == apply(text, edits)
    if not seen.text:
        return
    start = draw.randrange(len(seen.text))
    end = draw.randint(start + 1, len(seen.text))
    cut = Edit(*seen.original(start, end), "", "cut")
    both = merged([edits, [cut]])
    assert apply(text, both) == seen.text[:start] + seen.text[end:]
    assert all(one.end <= two.start for one, two in itertools.pairwise(both))


@given(st.integers(0, 2**32))
def test_of_an_edit_that_a_later_one_covers_in_part_the_rest_is_still_made(seed: int) -> None:
    draw = random.Random(seed)
    text = "".join(chr(0x1F600 + place) for place in range(30))
    under, over = some_edits(draw, 30, replacements=("X",)), some_edits(draw, 30, replacements=("",))
    both = merged([under, over])
    covered = {place for edit in (*under, *over) for place in range(edit.start, edit.end)}
    assert "".join(char for char in apply(text, both) if char != "X") == "".join(
        char for place, char in enumerate(text) if place not in covered
    )
    whole = [edit for edit in under if all(any(o.start <= p < o.end for o in over) for p in range(edit.start, edit.end))]
    assert apply(text, both).count("X") == len(under) - len(whole)


def some_edits(draw: random.Random, length: int, *, replacements: tuple[str, ...]) -> list[Edit]:
    bounds = sorted(draw.sample(range(length + 1), 2 * draw.randint(0, min(3, (length + 1) // 2))))
    return [Edit(start, end, draw.choice(replacements), "line") for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


def without(text: str, spans: list[tuple[int, int]]) -> str:
    return apply(text, [Edit(start, end, "", "cut") for start, end in spans])


def test_a_section_that_cuts_nothing_and_ngrams_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="names no way to find passages"):
        Passages()
    with pytest.raises(ValidationError, match="min_ngram = 14 is more than max_ngram = 13"):
        Bff(min_ngram=14)


def test_filters_that_do_not_fit_into_memory_stop_the_stage() -> None:
    check_memory(bits=8 << 20, items=1, at_once=4, settings=Bff(shards=4, max_memory_mb=4))
    with pytest.raises(RecipeError, match=r"4 at once on an executor are 4 MB, over max_memory_mb = 3"):
        check_memory(bits=8 << 20, items=1, at_once=4, settings=Bff(shards=4, max_memory_mb=3))
