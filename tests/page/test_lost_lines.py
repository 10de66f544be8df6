"""What an extractor lost within its own text comes back, and nothing from beside it does."""

import pytest

from udfs.page.lost_lines import restored

ONE = "The rope of the ferry is tarred in autumn by two men."
TWO = "The toll is kept in a book that lies in the lower house."
THREE = "Whoever comes at night waits until the keeper has slept."
LEAD = "A mule paid four pence at the lower gate, and a bride paid nothing at all, as long as she wore the wreath."
CODE = "def pull(rope):\n    for man in men:\n        man.pull()"


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        (f"{ONE}\n{THREE}", f"{ONE}\n{TWO}\n{THREE}", f"{ONE}\n{TWO}\n{THREE}"),
        (f"{ONE}\nThe is kept in a book that lies in the house.\n{THREE}", f"{ONE}\n{TWO}\n{THREE}", f"{ONE}\n{TWO}\n{THREE}"),
        (f"{ONE}\ndef pull(rope): for man in men: man.pull()\n{TWO}", f"{ONE}\n{CODE}\n{TWO}", f"{ONE}\n{CODE}\n{TWO}"),
        (
            f"{ONE}\n| 1 2 3 | def pull(rope): for man in men: man.pull() |\n{TWO}",
            f"{ONE}\n{CODE}\n{TWO}",
            f"{ONE}\n{CODE}\n{TWO}",
        ),
        (f"{ONE}\n1\n2\n3\n4\n{CODE}\n{TWO}", f"{ONE}\n{CODE}\n{TWO}", f"{ONE}\n{CODE}\n{TWO}"),
        (
            f"{ONE}\na = 1\nb = 2\nc = 3\n{TWO}",
            f"{ONE}\na = 1\n\nb = 2\n\n\nc = 3\n{TWO}",
            f"{ONE}\na = 1\n\nb = 2\n\n\nc = 3\n{TWO}",
        ),
        (
            f"{ONE}\ndef pull(rope): for man in men: man.pull() end()\n{TWO}",
            f"{ONE}\n{CODE}\n\nend()\n{TWO}",
            f"{ONE}\n{CODE}\n\nend()\n{TWO}",
        ),
        (f"{ONE}\n\n{TWO}\n{THREE}", f"{ONE}\n\n{TWO}\n{THREE}", f"{ONE}\n\n{TWO}\n{THREE}"),
    ],
    ids=[
        "a line",
        "words",
        "lines of code",
        "a row of code",
        "numbers of lines",
        "empty lines",
        "empty lines of joined code",
        "kept ones",
    ],
)
def test_what_was_lost_comes_back_in_its_place(text: str, expected: str, found: str) -> None:
    assert restored(text, expected) == found


def test_a_lead_comes_back_if_another_extractor_has_it_and_a_notice_that_none_has_does_not() -> None:
    assert restored(f"{ONE}\n{THREE}", f"{LEAD}\n{ONE}\n{THREE}", others=[f"{LEAD} {ONE}"]) == f"{LEAD}\n{ONE}\n{THREE}"
    assert restored(f"{ONE}\n{THREE}", f"{LEAD}\n{ONE}\n{THREE}", others=[TWO]) == f"{ONE}\n{THREE}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ONE}\n{THREE}", f"{ONE}\n{THREE}\n{TWO}"),
        (f"{ONE}\n{THREE}", f"Home\n{ONE}\n{THREE}"),
        (f"{ONE}\n{THREE}", f"{ONE}\nReply\n{THREE}"),
        (f"{ONE}\n{TWO} {THREE}", f"{ONE}\n{TWO}\n{THREE}"),
        (f"{ONE}\n{TWO}\n{THREE}", f"{ONE} {TWO}\n{TWO}\n{THREE}"),
        (
            f"{ONE}\n渡し船の綱は毎年秋に二人の男が塗る。船は下の家\n{THREE}",
            f"{ONE}\n船は渡し船の綱は毎年秋に二人の男が塗る。下の家\n{THREE}",
        ),
        (ONE, TWO),
        ("", TWO),
        (ONE, ""),
    ],
    ids=[
        "behind",
        "a menu before",
        "a button",
        "joined lines",
        "said twice",
        "another order",
        "nothing in common",
        "no text",
        "nothing expected",
    ],
)
def test_what_stands_beside_the_text_stays_out(text: str, expected: str) -> None:
    assert restored(text, expected) == text
