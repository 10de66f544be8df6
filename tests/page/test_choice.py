"""The choice between proposals: by agreement with the expected text, without asking trafilatura where that is high already."""

from collections.abc import Callable

import pytest

from udfs.page.choice import Choice, Expected, choose

ONE = "The rope of the ferry is tarred in autumn by two men."
TWO = "The toll is kept in a book that lies in the lower house."
THREE = "Whoever comes at night waits until the keeper has slept."
MENU = "Home\nNews\nAbout the bridge"
BOTH = f"{ONE}\n{TWO}"


def expected(text: str = BOTH, kind: str = "forum", html: str = "<p>") -> Expected:
    return Expected(html, text, kind)


def texts(**given: str) -> Callable[[], dict[str, str]]:
    return lambda: given


def refuse() -> dict[str, str]:
    raise AssertionError("trafilatura was asked")


def test_trafilatura_is_not_asked_where_resiliparse_has_what_is_expected() -> None:
    resiliparse = {"resiliparse": BOTH, "resiliparse_comments": f"{BOTH}\n{THREE}"}
    assert choose(expected(), resiliparse=resiliparse, trafilatura=refuse) == Choice(BOTH, "resiliparse")


@pytest.mark.parametrize(
    ("given", "resiliparse"),
    [
        (expected(html="<pre>x"), BOTH),
        (expected(f"{BOTH}\na | b"), f"{BOTH}\na b"),
        (expected(), BOTH.replace("ferry", "")),
        (expected(), f"{BOTH}\n{THREE}"),
    ],
    ids=["code", "table", "a word is missing", "too much"],
)
def test_trafilatura_is_asked_where_resiliparse_may_have_lost_something(given: Expected, resiliparse: str) -> None:
    with pytest.raises(AssertionError, match="was asked"):
        choose(given, resiliparse={"resiliparse": resiliparse}, trafilatura=refuse)


def test_the_proposal_that_agrees_most_is_taken_whoever_makes_it() -> None:
    resiliparse = {"resiliparse": ONE, "resiliparse_comments": ONE}
    assert choose(expected(), resiliparse=resiliparse, trafilatura=texts(trafilatura=BOTH)).proposal == "trafilatura"
    assert choose(expected(), resiliparse=resiliparse, trafilatura=texts(trafilatura=THREE)).proposal == "resiliparse"
    comments = texts(trafilatura=ONE, trafilatura_comments=BOTH)
    assert choose(expected(), resiliparse=resiliparse, trafilatura=comments).proposal == "trafilatura_comments"


def test_on_articles_lines_that_nobody_expects_are_left_out_and_counted_and_on_other_pages_they_stay() -> None:
    whole = f"{MENU}\n{ONE}\n{THREE}\n{TWO}\n{MENU}"
    for kind, chosen in (("article", Choice(BOTH, "trafilatura_agreed", 7)), ("forum", Choice(whole, "trafilatura"))):
        assert choose(expected(kind=kind), resiliparse={"resiliparse": ""}, trafilatura=texts(trafilatura=whole)) == chosen


def test_lines_of_trafilatura_are_broken_where_the_expected_text_breaks_them() -> None:
    found = choose(expected(), resiliparse={"resiliparse": ""}, trafilatura=texts(trafilatura=f"{ONE} {TWO}"))
    assert found == Choice(BOTH, "trafilatura")


def test_the_expected_text_is_taken_where_no_proposal_comes_near_it() -> None:
    found = choose(expected(), resiliparse={"resiliparse": ""}, trafilatura=texts(trafilatura=MENU))
    assert found == Choice(BOTH, "blocks")
    assert choose(expected(), resiliparse={"resiliparse": ""}, trafilatura=texts()) == Choice(BOTH, "blocks")


@pytest.mark.parametrize(
    ("trafilatura", "resiliparse", "chosen"),
    [
        (ONE, TWO, Choice(ONE, "trafilatura")),
        ("", TWO, Choice(TWO, "resiliparse")),
        ("", "", Choice("", "trafilatura")),
    ],
)
def test_where_nothing_is_expected_trafilatura_s_text_is_taken(trafilatura: str, resiliparse: str, chosen: Choice) -> None:
    asked = texts(trafilatura=trafilatura)
    assert choose(expected(""), resiliparse={"resiliparse": resiliparse}, trafilatura=asked) == chosen
