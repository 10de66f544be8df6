"""The laws of weave over any Unicode text: every page once, the same texts in simple and stitch, the page back byte for byte."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.megadocs.cut import cut
from udfs.megadocs.group import Group, WeaveSettings, group_rows
from udfs.megadocs.weave import Parent, Piece, Woven, in_order, stitched, stretched, text_of
from udfs.signals.tokens import token_count

GENERATIONS = st.sampled_from([2, 8, 32])
TEXTS = st.one_of(st.text(min_size=1, max_size=80), st.text(alphabet="<think>\n/ é漢🙂", min_size=1, max_size=80))
PAGE = Piece("/real", "page", "A page of its own words.")
STITCH = WeaveSettings("stitch", generations=2, min_generations=2)
FACTS = {"url": "https://example.org/", "dump": "D"}


def pieces(texts: list[str]) -> tuple[Piece, ...]:
    return tuple(Piece("/synthetic", f"text-{number}", text, number) for number, text in enumerate(texts))


@st.composite
def groups(draw: st.DrawFn) -> tuple[Group, int]:
    """Draw a page and some texts of it, at times more or fewer than G, with numbers that need not differ."""
    generations = draw(GENERATIONS)
    texts = draw(st.lists(TEXTS, max_size=generations + 2))
    numbers = draw(st.lists(st.integers(0, generations), min_size=len(texts), max_size=len(texts)))
    of = tuple(replace(piece, nth=nth) for piece, nth in zip(pieces(texts), numbers, strict=True))
    return Group(replace(PAGE, text=draw(TEXTS)), FACTS, of, {}), generations


def rows(group: Group, settings: WeaveSettings) -> list[dict[str, Any]]:
    return list(group_rows(group, settings=settings))


def verbatim(made: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count the ids and the texts that stand in documents, as their spans cut them out."""
    return Counter(
        (parent["id"], row["text"][parent["start"] : parent["end"]])
        for row in made
        if row["outcome"] == "extracted"
        for parent in row["parents"]
    )


@given(groups(), st.sampled_from(["stitch", "stretch", "simple"]), st.sampled_from(["last", "first"]))
def test_each_piece_stands_in_one_row(drawn: tuple[Group, int], weave: Any, real: Any) -> None:
    group, generations = drawn
    settings = WeaveSettings(weave, generations, min_generations=1, real=real)
    made = rows(group, settings)
    named = Counter(name for row in made for name in {parent["id"] for parent in row["parents"]})
    assert named == Counter(["page", *(piece.id for piece in group.texts)])
    assert all((row["outcome"] == "extracted") == ("reason" not in row) for row in made)
    assert len({row["id"] for row in made}) == len(made)


@given(groups(), st.integers(0, 2), st.sampled_from(["generation", "hash"]), st.sampled_from(["last", "first", "none"]))
def test_simple_and_stitch_have_the_same_texts(drawn: tuple[Group, int], least: int, order: Any, real: Any) -> None:
    group, generations = drawn
    settings = WeaveSettings("stitch", generations, min_generations=least, order=order, real=real)
    stitch, simple = rows(group, settings), rows(group, replace(settings, weave="simple"))
    assert verbatim(stitch) == verbatim(simple)
    texts = {piece.id: piece.text for piece in (group.page, *group.texts)}
    assert all(texts[name] == text for name, text in verbatim(stitch))
    assert max(verbatim(stitch).values(), default=1) == 1
    left = [[(row["parents"], row["reason"]) for row in made if row["outcome"] != "extracted"] for made in (stitch, simple)]
    assert left[0] == left[1]


@given(TEXTS, GENERATIONS, st.data())
def test_stitch_has_the_tokens_of_its_texts_and_separators(page: str, generations: int, data: st.DataObject) -> None:
    words = st.text(alphabet="abc de").map(lambda text: f"a{text}a")  # white space at an end would join the separator
    texts = pieces(data.draw(st.lists(words, min_size=generations, max_size=generations)))
    real = Piece("/real", "page", f"a{page}")
    woven = stitched(real, texts, real="last", separator="\n\n")
    apart = sum(token_count(piece.text) for piece in (*texts, real))
    assert token_count(woven.text) == apart + generations * (token_count("a\n\na") - 2 * token_count("a"))


@given(TEXTS, GENERATIONS, st.data())
def test_a_stretched_page_comes_back_byte_for_byte(page: str, generations: int, data: st.DataObject) -> None:
    gaps = data.draw(st.sets(st.integers(0, generations - 1)))
    thoughts = {gap: Piece("/synthetic", f"thought-{gap}", data.draw(TEXTS), gap) for gap in gaps}
    real = replace(PAGE, text=page)
    woven = stretched(real, thoughts, spans=cut(page, pieces=generations + 1), opening="<think>", closing="</think>")
    assert text_of(woven, "page").encode() == page.encode()
    assert {gap: text_of(woven, f"thought-{gap}") for gap in gaps} == {gap: one.text for gap, one in thoughts.items()}
    assert len(woven.text) == len(page) + sum(len(one.text) + len("<think></think>") for one in thoughts.values())


def test_a_thought_follows_its_piece() -> None:
    thoughts = {gap: Piece("/s", f"t{gap}", f"why {gap}", gap) for gap in (0, 1)}
    page = replace(PAGE, text="one two three four five")
    woven = stretched(page, thoughts, spans=cut(page.text, pieces=3), opening="[", closing="]")
    assert woven.text == "one two[why 0] three four[why 1] five"
    assert [parent.id for parent in woven.parents] == ["page", "t0", "page", "t1", "page"]


def test_a_gap_without_a_thought_has_no_markers() -> None:
    page = replace(PAGE, text="one two three")
    woven = stretched(page, {}, spans=cut(page.text, pieces=3), opening="[", closing="]")
    assert woven.text == page.text


def test_the_page_stands_last_first_or_nowhere() -> None:
    texts = pieces(["x", "y"])
    assert [stitched(replace(PAGE, text="P"), texts, real=real, separator=", ").text for real in ("last", "first", "none")] == [
        "x, y, P",
        "P, x, y",
        "x, y",
    ]
    assert stitched(replace(PAGE, text="P"), texts, real="last", separator=", ") == Woven(
        "x, y, P", (Parent("/synthetic", "text-0", 0, 1), Parent("/synthetic", "text-1", 3, 4), Parent("/real", "page", 6, 7))
    )


def test_the_order_by_hash_is_the_same_however_the_texts_come_and_another_with_another_seed() -> None:
    texts = pieces(["x"] * 20)
    by_chance = in_order(texts, by="hash", seed=1)
    assert in_order(reversed(texts), by="hash", seed=1) == by_chance != in_order(texts, by="hash", seed=2)
    assert in_order(reversed(texts), by="generation", seed=1) == list(texts)


def reasons(made: list[dict[str, Any]]) -> dict[str, str]:
    return {row["parents"][0]["id"]: row["reason"] for row in made if row["outcome"] != "extracted"}


def group(texts: tuple[Piece, ...], **more: Any) -> Group:
    return Group(PAGE, FACTS, texts, more.pop("gaps", {}), **more)


def test_a_page_with_few_texts_goes_with_them() -> None:
    assert reasons(rows(group(pieces(["x"])), STITCH)) == {"page": "few_texts", "text-0": "page_left_out"}
    assert reasons(rows(group(pieces(["x"])), replace(STITCH, min_generations=1))) == {}


def test_texts_beyond_the_generations_are_left_out() -> None:
    assert reasons(rows(group(pieces(["x", "y", "z"])), STITCH)) == {"text-2": "more_texts"}


def test_a_page_that_is_too_long_with_its_texts_is_left_out() -> None:
    found = reasons(rows(group(pieces(["", ""]), too_long=True), STITCH))
    assert found == {"page": "too_long", "text-0": "page_left_out", "text-1": "page_left_out"}


def test_a_thought_needs_a_gap_of_its_own() -> None:
    stretch = replace(STITCH, weave="stretch", min_generations=1)
    texts = tuple(Piece("/s", name, "why", nth) for name, nth in (("a", 0), ("b", 0), ("c", 2), ("d", 1), ("e", -1)))
    found = reasons(rows(group(texts, gaps={"d": 3}), stretch))
    assert found == {"b": "more_texts", "c": "no_gap", "d": "no_gap", "e": "no_gap"}


def test_a_page_of_few_tokens_is_not_stretched() -> None:
    short = replace(group(pieces(["why", "so"])), page=replace(PAGE, text="one two"))
    found = reasons(rows(short, replace(STITCH, weave="stretch")))
    assert found == {"page": "few_tokens", "text-0": "page_left_out", "text-1": "page_left_out"}


@pytest.mark.parametrize("weave", ["stitch", "simple"])
def test_a_document_without_the_page_has_none_of_its_facts(weave: Any) -> None:
    made = rows(group(pieces(["x", "y"])), replace(STITCH, weave=weave, real="none"))
    assert reasons(made) == {"page": "real_none"}
    assert all("url" not in row for row in made)
    with_page = rows(group(pieces(["x", "y"])), replace(STITCH, weave=weave))
    assert [row["id"] for row in with_page if row.get("url") is not None] == [f"page#{weave}"]
