"""What stands between kept blocks, and what a table or a program's numbers say."""

import numpy as np
import pytest

from tests.blocks.reading import read
from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.rules import between, mend

HTML = "<nav>menu</nav><article><p>one</p>bare<aside><h3>note</h3><p>of it</p></aside><p>two</p></article><footer>end</footer>"
SENTENCE = "This is a paragraph of so many words that nobody takes it for a menu."


def mended(html: str, kept: list[int], probability: list[float]) -> list[bool]:
    page = read(html)
    mask: list[bool] = mend(
        page, np.array(kept, dtype=bool), (np.array(probability) * PROBABILITY_ONE).astype(np.int64)
    ).tolist()
    return mask


def test_blocks_between_kept_ones_of_an_element_are_found() -> None:
    page = read(HTML)
    kept = np.array([False, True, False, False, False, True, False])
    assert between(page, kept).tolist() == [False, False, True, True, True, False, False]
    assert not between(page, np.zeros(7, dtype=bool)).any()


def test_what_lies_between_is_kept_unless_it_is_improbable_or_a_link() -> None:
    linked = HTML.replace("bare", "<div><a href=x>bare</a></div>")
    found = mended(linked, [0, 1, 0, 0, 0, 1, 0], [0, 0.9, 0.5, 0.5, 0, 0.9, 0.5])
    assert found == [False, True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("lines", "stays"),
    [
        ("1\n2\n3", False),
        ("17\n18\n19", False),
        ("1", False),
        ("0\n0\n1\n1", True),
        ("42", True),
        ("0\n1\n2", True),
        ("3 1 2", True),
        ("1\n2\n" + "9" * 5000, True),
    ],
    ids=["from 1", "from 17", "one", "twice", "another one", "from 0", "no order", "digits of pi"],
)
def test_numbers_of_lines_go_and_those_that_a_program_prints_stay(lines: str, stays: bool) -> None:
    found = mended(f"<p>text</p><pre>{lines}</pre><pre>a = 1\nb = 2</pre>", [1, 1, 1], [1, 1, 1])
    assert found == [True, stays, True]


def rows(count: int, *, cell: str = "four") -> str:
    return "".join(f"<tr><td>row {number}</td><td>{cell}</td></tr>" for number in range(count))


def test_a_probable_table_of_which_a_row_is_kept_is_kept_whole() -> None:
    html = f"<p>{SENTENCE}</p><table>{rows(4)}</table>"
    assert mended(html, [1, 0, 1, 0, 0], [1, 0.3, 0.6, 0.1, 0.1]) == [True] * 5
    assert mended(html, [1, 0, 0, 0, 0], [1, 0.3, 0.3, 0.3, 0.3]) == [True] + [False] * 4
    assert mended(html, [1, 0, 1, 0, 0], [1, 0.1, 0.6, 0.1, 0.1]) == [True, False, True, False, False]


def test_a_table_between_kept_blocks_may_be_less_probable_and_hold_links() -> None:
    linked = rows(3, cell="of <a href=x>a package of that name</a>")
    likely, kept = [1, 0.16, 0.5, 0.16, 1], [1, 0, 1, 0, 1]
    html = f"<div><p>{SENTENCE}</p></div><table>{linked}</table><footer><p>{SENTENCE}</p></footer>"
    assert mended(html, kept, likely) == [True] * 5
    assert mended(html, [0, 0, 1, 0, 1], [0, *likely[1:]]) == [False, False, True, False, True], "nothing before it"
    assert mended(html, [1, 0, 1, 0, 0], [*likely[:4], 0]) == [True, False, True, False, False], "nothing behind it"
    assert mended(html, kept, [1, 0.05, 0.2, 0.05, 1]) == [True, False, True, False, True], "improbable"
    noted = html.replace("<footer>", "<footer><h6>Note</h6>")
    assert mended(noted, [1, 0, 1, 0, 0, 1], [1, 0.16, 0.5, 0.16, 0, 1])[:4] == [True] * 4, "the second behind it is kept"
    two = html.replace("</table>", f"</table><p>{SENTENCE}</p><table>{rows(3)}</table>")
    found = mended(two, [1, 0, 1, 0, 1, 0, 0, 0, 1], [1, 0.16, 0.5, 0.16, 1, 0.19, 0.19, 0.19, 1])
    assert found == [True] * 5 + [False] * 3 + [True], "a table of which no row is kept"
    menu = html.replace(linked, "<tr><td><a href=x>a page</a></td><td><a href=y>another page</a></td></tr>" * 3)
    assert mended(menu, kept, likely) == [True, False, True, False, True], "links alone"


def test_code_between_kept_blocks_comes_back() -> None:
    text, code = (
        f"<section><p>{SENTENCE}</p></section>",
        "<div><b>Copy</b></div><figure><pre>make all\nmake test</pre></figure>",
    )
    html = text + code + text
    assert mended(html, [1, 0, 0, 1], [1, 0, 0.16, 1]) == [True, False, True, True]
    assert mended(html, [1, 0, 0, 1], [1, 0, 0.1, 1]) == [True, False, False, True], "improbable"
    assert mended(html, [0, 0, 0, 1], [0, 0, 0.16, 1]) == [False, False, False, True], "nothing before it"
    assert mended(html, [1, 0, 0, 0], [1, 0, 0.16, 0]) == [True, False, False, False], "nothing behind it"
    far = text + "<div><b>Copy</b></div>" + code + text
    assert mended(far, [1, 0, 0, 0, 1], [1, 0, 0, 0.16, 1]) == [True, False, False, False, True], "too far"


def test_a_form_and_a_menu_in_a_table_do_not_come_back() -> None:
    for cell in ("<input name=q> of", "<a href=x>a page of some name</a>"):
        html = f"<p>{SENTENCE}</p><table>{rows(4, cell=cell)}</table>"
        assert mended(html, [1, 0, 1, 0, 0], [1, 0.3, 0.6, 0.3, 0.3]) == [True, False, True, False, False]


def test_a_paragraph_that_is_a_link_between_others_goes() -> None:
    link = "<p><b>Read more:</b> <a href=x>The tunnel toll will rise in June of next year</a></p>"
    plain = f"<p>{SENTENCE}</p>"
    assert mended(plain + plain + link + plain, [1, 1, 1, 1], [1, 1, 1, 1]) == [True, True, False, True]
    assert mended(plain + link + plain, [1, 1, 1], [1, 1, 1]) == [True, True, True], "where many are links they are a list"
    told = link.replace("year", "year.")
    assert mended(plain + plain + told + plain, [1, 1, 1, 1], [1, 1, 1, 1]) == [True] * 4, "a sentence"
    assert mended(plain + plain + link, [1, 1, 1], [1, 1, 1]) == [True] * 3, "nothing follows"
