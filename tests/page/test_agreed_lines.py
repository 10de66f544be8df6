"""Which lines of a text another text has too."""

import pytest

from udfs.page.agreed_lines import agreed_lines
from udfs.page.word_bags import word_bag

OTHER = "One two three.\nThe old rope of the ferry was tarred in the autumn by two men of the house.\nTotal | 12"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Menu\nOne, two three\nShare", "One, two three"),
        ("two three. The old rope", "two three. The old rope"),
        (
            "The new rope of the ferry was tarred in the autumn by two men.",
            "The new rope of the ferry was tarred in the autumn by two men.",
        ),
        ("The new rope of the bridge was cut in spring by a man.", ""),
        ("One six", ""),
        ("| Menu | 1 |\n|---|---|\n| Total | 12 |\n|---|---|", "| Total | 12 |\n|---|---|"),
        ("", ""),
    ],
)
def test_a_line_stays_if_its_words_stand_in_a_row_or_most_of_a_long_one_s_do(text: str, kept: str) -> None:
    assert agreed_lines(text, OTHER, word_bag(OTHER)) == kept


def test_nothing_agrees_with_nothing() -> None:
    assert agreed_lines("One\ntwo", "", word_bag("")) == ""
