"""The choice between proposals: by agreement with the expected text, without asking trafilatura where that is high already."""

from collections.abc import Callable

import pytest

from udfs.page.choice import Choice, choose

ONE = "The rope of the ferry is tarred in autumn by two men."
TWO = "The toll is kept in a book that lies in the lower house."
THREE = "Whoever comes at night waits until the keeper has slept."
MENU = "Home\nNews\nAbout the bridge"
EXPECTED = f"{ONE}\n{TWO}"


def texts(**given: str) -> Callable[[], dict[str, str]]:
    return lambda: given


def refuse() -> dict[str, str]:
    raise AssertionError("trafilatura was asked")


def test_trafilatura_is_not_asked_where_resiliparse_agrees() -> None:
    resiliparse = {"resiliparse": EXPECTED, "resiliparse_comments": f"{EXPECTED}\n{THREE}"}
    assert choose(EXPECTED, resiliparse=resiliparse, trafilatura=refuse) == Choice(EXPECTED, "resiliparse")


def test_the_proposal_that_agrees_most_is_taken_whoever_makes_it() -> None:
    resiliparse = {"resiliparse": ONE, "resiliparse_comments": ONE}
    assert choose(EXPECTED, resiliparse=resiliparse, trafilatura=texts(trafilatura=EXPECTED)).proposal == "trafilatura"
    assert choose(EXPECTED, resiliparse=resiliparse, trafilatura=texts(trafilatura=THREE)).proposal == "resiliparse"
    comments = texts(trafilatura=ONE, trafilatura_comments=f"{ONE}\n{TWO}")
    assert choose(EXPECTED, resiliparse=resiliparse, trafilatura=comments).proposal == "trafilatura_comments"


def test_lines_that_nobody_expects_are_left_out_and_counted() -> None:
    resiliparse = {"resiliparse": "", "resiliparse_comments": ""}
    found = choose(EXPECTED, resiliparse=resiliparse, trafilatura=texts(trafilatura=f"{MENU}\n{ONE}\n{THREE}\n{TWO}\n{MENU}"))
    assert found == Choice(EXPECTED, "trafilatura_agreed", 7)


def test_lines_of_trafilatura_are_broken_where_the_expected_text_breaks_them() -> None:
    found = choose(EXPECTED, resiliparse={"resiliparse": ""}, trafilatura=texts(trafilatura=f"{ONE} {TWO}"))
    assert found == Choice(EXPECTED, "trafilatura")


@pytest.mark.parametrize(
    ("trafilatura", "resiliparse", "chosen"),
    [
        (ONE, TWO, Choice(ONE, "trafilatura")),
        ("", TWO, Choice(TWO, "resiliparse")),
        ("", "", Choice("", "trafilatura")),
    ],
)
def test_where_nothing_is_expected_trafilatura_s_text_is_taken(trafilatura: str, resiliparse: str, chosen: Choice) -> None:
    asked = texts(trafilatura=trafilatura) if trafilatura else texts()
    assert choose("", resiliparse={"resiliparse": resiliparse}, trafilatura=asked) == chosen


def test_an_empty_text_is_never_taken_beside_another() -> None:
    assert choose(EXPECTED, resiliparse={"resiliparse": ""}, trafilatura=texts(trafilatura=THREE)) == Choice(
        THREE, "trafilatura"
    )
