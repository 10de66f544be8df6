"""A page's blocks and what is counted in them, by characters and not by bytes."""

import numpy as np
from resiliparse.parse.html import HTMLTree

from tests.blocks.reading import read
from udfs.blocks import markup
from udfs.blocks.page import without_marks
from udfs.blocks.words import hash_words

PAGE = "<p>{0}<a href=/>{1} {1}</a> <b>{2}</b></p><div><button>{1}</button>{0}<br>{2}</div><p>{2}, {0}.</p>"


def test_letters_beyond_ascii_count_as_others_do() -> None:
    plain, other = read(PAGE.format("ab", "cde", "fghi")), read(PAGE.format("äß", "жце", "ωφüé"))
    assert list(plain.counts) == list(other.counts)
    for name, counts in plain.counts.items():
        assert counts.tolist() == other.counts[name].tolist(), name
    assert (plain.begin.tolist(), plain.end.tolist()) == (other.begin.tolist(), other.end.tolist())
    assert [plain.counts[name].tolist() for name in ("linked", "bold", "button", "visible")] == [
        [6, 0, 0],
        [4, 0, 0],
        [0, 3, 0],
        [12, 9, 8],
    ]


def test_the_first_and_the_last_visible_character_of_a_block_are_known() -> None:
    page = read("<p> é b<i> ü </i></p>\n<p>«x</p><p>文。</p>")
    assert [chr(code) for code in page.first_code] == ["é", "«", "文"]
    assert [chr(code) for code in page.last_code] == ["ü", "x", "。"]


def test_marks_of_tags_are_spaces_and_a_closed_gap_is_nothing() -> None:
    assert without_marks("a\3b\4c\5d\6e\0f") == "a b c d ef"


def test_the_head_is_not_written_out_and_its_title_is_read() -> None:
    html = "<head><title>T</title><meta name=x content=y><noscript><p>never seen</noscript></head><body><p>seen text</p>"
    tree = HTMLTree.parse(html)
    assert b"<head" not in markup.flatten(tree)
    assert markup.title(tree) == "T"
    assert read(html).text.replace("\0", "").strip() == "seen text"


def hashes(text: str) -> list[int]:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    starts, found = hash_words(codes, np.array([one.isalpha() for one in text]))
    assert starts.tolist() == [at for at in range(len(text)) if text[at].isalpha() and not text[at - 1 : at].isalpha()]
    return [int(one) for one in found]


def test_equal_words_have_equal_hashes_wherever_they_stand() -> None:
    assert hashes("") == hashes(" . ") == []
    one, other, again, small, last = hashes("word other WORD wOrd drow")
    assert one == again == small
    assert len({one, other, last}) == 3


def test_hashes_go_on_where_their_powers_begin_again() -> None:
    found = hashes("abcd " * 20_000)  # 80,000 letters
    assert len(set(found)) == 1
