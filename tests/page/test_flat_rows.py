"""Rows that an extractor flattened."""

from udfs.page.lost_lines import restored

EXPECTED = "The frame is of steel.\n| Part | Weight |\n|---|---|\n| Frame | 2.1 kg |\n| Fork | 0.9 kg |\nIt carries you far."


def test_cells_on_lines_of_their_own_become_rows_again() -> None:
    flat = "The frame is of steel.\nPart\nWeight\n\nFrame\n2.1 kg\nFork\n0.9 kg\nIt carries you far."
    assert restored(flat, EXPECTED) == EXPECTED
    assert restored(flat.replace("Part\nWeight", "Part Weight"), EXPECTED) == EXPECTED


def test_rows_that_are_rows_or_stand_in_longer_lines_stay() -> None:
    assert restored(EXPECTED, EXPECTED) == EXPECTED
    within = "The frame is of steel.\nPart Weight Frame 2.1 kg Fork 0.9 kg and so on\nIt carries you far."
    assert restored(within, EXPECTED) == within
    text = "Four of 12\n12 words stand here."
    assert restored(text, "| 1 | 2 |\n12 words stand here.") == text


def test_joined_words_come_apart() -> None:
    assert restored("Menu\nNettle soup8.50\nwith egg", "Menu\nNettle soup 8.50\nwith egg") == "Menu\nNettle soup 8.50\nwith egg"
    assert restored("an old tree\nof oak", "anold tree\nof oak") == "an old tree\nof oak"
