"""What stands between kept blocks."""

import numpy as np

from tests.blocks.reading import read
from udfs.blocks.choice import PROBABILITY_ONE
from udfs.blocks.rules import between, mend

HTML = "<nav>menu</nav><article><p>one</p>bare<aside><h3>note</h3><p>of it</p></aside><p>two</p></article><footer>end</footer>"


def test_blocks_between_kept_ones_of_an_element_are_found() -> None:
    page = read(HTML)
    kept = np.array([False, True, False, False, False, True, False])
    assert between(page, kept).tolist() == [False, False, True, True, True, False, False]
    assert not between(page, np.zeros(7, dtype=bool)).any()


def test_what_lies_between_is_kept_unless_it_is_improbable_or_a_link() -> None:
    page = read(HTML.replace("bare", "<div><a href=x>bare</a></div>"))
    kept = np.array([False, True, False, False, False, True, False])
    probability = np.array([0, 9, 5, 5, 0, 9, 5]) * (PROBABILITY_ONE // 10)
    assert mend(page, kept, probability).tolist() == [False, True, False, True, False, True, False]


def test_numbers_of_lines_go() -> None:
    page = read("<p>text</p><pre>1\n2\n3</pre><pre>a = 1\nb = 2</pre>")
    assert mend(page, np.ones(3, dtype=bool), np.full(3, PROBABILITY_ONE)).tolist() == [True, False, True]
