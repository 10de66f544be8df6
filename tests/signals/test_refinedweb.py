"""RefinedWeb's rules on pages small enough to count by hand: what goes, in which order, and what is left to the character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.edits.edit import apply
from udfs.signals import refinedweb_urls
from udfs.signals.refinedweb import KINDS, SIGNALS, measure

_STAYS = "Three words stay"


def _left(text: str, *, faithful: bool = False) -> str:
    refined = measure(text, faithful=faithful)
    assert apply(text, refined.edits) == refined.text
    return refined.text


def test_a_page_by_hand() -> None:
    page = "The mill: see http://mill.example.com/a?b=1 today.\n\n\n\n● 42 # things...\nMENU OF PAGES\n12 likes\nOne\nIt is of use.\n"
    refined = measure(page)
    assert refined.without_urls == "The mill: see today.\n\n● 42 # things...\nMENU OF PAGES\n12 likes\nOne\nIt is of use.\n"
    assert refined.text == "The mill: see today.\n\n● 42 # things...\nIt is of use."
    assert refined.signals == {
        "refinedweb_word_count": 16,  # "●" and "#" begin with neither letter nor digit
        "refinedweb_mean_word_length": (3 + 5 + 3 + 6 + 1 + 2 + 1 + 9 + 4 + 2 + 5 + 2 + 5 + 3 + 2 + 2 + 2 + 4) / 18,
        "refinedweb_symbol_ratio": 2 / 18,
        "refinedweb_bullet_line_ratio": 1 / 6,
        "refinedweb_ellipsis_line_ratio": 1 / 6,
        "refinedweb_letterless_word_ratio": 4 / 18,  # ● 42 # 12
        "refinedweb_stop_word_count": 3,  # The, OF, of
        "refinedweb_removed_word_ratio": 6 / 16,
        "refinedweb_urls": 1,
    }
    assert [edit.kind for edit in refined.edits] == [
        "refinedweb_url",
        "refinedweb_newlines",
        "refinedweb_line",
        "refinedweb_line",
    ]


def test_every_signal_is_measured_and_every_kind_is_known() -> None:
    refined = measure("")
    assert sorted(refined.signals) == sorted(signal.name for signal in SIGNALS)
    assert (refined.edits, len(set(KINDS))) == ((), 4)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("ABcd", "ABcd"),  # one word, see below; half of the letters are capitals
        ("ABCd ef GHI", None),
        ("ABc de", "ABc de"),
        ("1234", None),
        ("12 34", "12 34"),  # a space is no digit
        ("3.5K views!", None),
        ("(12,000 followers)", None),
        ("12 viewers came", "12 viewers came"),
        ("word", None),
        ("", ""),
        ("  two words  ", "  two words  "),
        ("3 items in cart now", "3 now"),
        ("Items In Cart", None),
        ("Sign-in or register", "or register"),
        ("Please Sign-in here", "Please Sign-in here"),
        ("Find out. Read more...", "Find out."),
        ("Find out. read more…", "Find out."),
        ("Read more...", None),
        ("a b c d e f g h items in cart", "a b c d e f g h items in cart"),  # eleven words
    ],
)
def test_a_line_between_two_that_stay(line: str, left: str | None) -> None:
    wanted = [_STAYS, *([left] if left is not None and line != "ABcd" else []), _STAYS]
    assert _left(f"{_STAYS}\n{line}\n{_STAYS}") == "\n".join(wanted)


def test_white_space_around_the_page_goes_before_the_shares_of_capitals_are_counted_again() -> None:
    assert _left("\n \n  Two words\n\t") == "Two words"
    assert _left("123\n  45 6  ") == "45 6"


def test_a_page_that_the_line_rules_empty_has_lost_all_its_words() -> None:
    refined = measure("MENU\nHOME\n")
    assert (refined.text, refined.signals["refinedweb_removed_word_ratio"]) == ("", 1.0)
    assert [(edit.start, edit.end, edit.replacement) for edit in refined.edits] == [(0, 10, "")]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("We like mill.example.com, you too", "We like, you too"),
        ("We wrote to me@mill.example.org today", "We wrote to today"),
        ("We read (https://mill.example.net/a_(b)) often", "We read ( often"),
        ("We have no file.txt and no end.Next one", "We have no file.txt and no end.Next one"),
        ("We said so.in fact we did", "We said fact we did"),  # a full stop without a space before a word that is a domain
        ("We are at 10.0.0.1:8080/a now", "We are at now"),
        ("We have version 1.2.3 here", "We have version 1.2.3 here"),
        ("We go" + " " * 12 + "a.com on", "We go   on"),  # ten spaces go with a URL
        ("We say пример.рф here", "We say пример.рф here"),  # a label is of ASCII letters, whatever the domain
    ],
)
def test_urls_and_addresses_go(text: str, left: str) -> None:
    text, left = f"{text} and that is all", f"{left} and that is all"
    assert measure(text).without_urls == left


@pytest.mark.parametrize(
    ("opening", "goes"), [("In", True), ("The", True), ("Another", True), ("if", False), ("We", False), (" In", False)]
)
def test_faithful_pages_lose_urls_only_if_they_begin_with_the_letters_of_a_top_level_domain(opening: str, goes: bool) -> None:
    text = f"{opening} this case see a.com and 10.0.0.1 now"
    refined = measure(text, faithful=True)
    assert refined.without_urls == f"{opening} this case see{'' if goes else ' a.com'} and now"
    assert measure(text).without_urls == f"{opening} this case see and now"


def test_faithful_pages_lose_read_more_with_any_three_characters() -> None:
    text = "We like it, read more of\nto us. Read more..."
    assert _left(text) == "We like it, read more of\nto us."
    assert _left("To read more now", faithful=True) == "To read more now"  # four characters
    assert _left(text, faithful=True) == "We like it,\nto us."


def test_a_page_of_many_pairs_of_domains_loses_the_same_with_one_pattern_as_with_one_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends = ("com", "org", "de", "in", "co", "uk", "txt", "fr")
    page = " ".join(f"x.{one}.{other}/a see" for one in ends for other in ends) + " x.net, then.An end"
    one_each = measure(page, faithful=False)
    monkeypatch.setattr(refinedweb_urls, "_PATTERNS", 3)
    assert measure(page, faithful=False) == one_each


@given(st.text(alphabet="aB1.… \n\t#●@:/", max_size=80), st.booleans())
def test_the_edits_leave_the_text_that_the_rules_leave_whatever_the_page(text: str, faithful: bool) -> None:
    refined = measure(text, faithful=faithful)
    assert apply(text, refined.edits) == refined.text
    assert all(before.end <= after.start for before, after in zip(refined.edits, refined.edits[1:], strict=False))


@given(
    st.lists(
        st.sampled_from(["a.com", "in.in", "1.1.1.1", "\n\n\n", "\n", " ", "AB", "the mill", "items in cart", "3 likes", "x"])
    )
)
def test_layers_of_cuts_fit_one_another(parts: list[str]) -> None:
    text = "".join(parts)
    refined = measure(text)
    assert apply(text, refined.edits) == refined.text
    assert not refined.text.startswith((" ", "\n")) and not refined.text.endswith((" ", "\n"))
