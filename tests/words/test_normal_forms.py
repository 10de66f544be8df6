"""Normal forms: Python's own are the oracle, and a run of marks costs linear time."""

import time
import unicodedata
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from udfs.words.normal_forms import composed, decomposed

# marks of several classes, of class 0 (\u034f), that decompose (\u0344), spacing ones (\u302e), letters that do, Hangul in pieces
_CHARACTERS = "\u0301\u0316\u0327\u0338\u034f\u0344\u302e\u3099\u05b0\u0f73ae\u00e9\u1e69\u0958\u1100\u1161\u11a8\uac00 \ud800"


@given(st.text(_CHARACTERS[:10], max_size=150), st.text(_CHARACTERS, max_size=20), st.integers())
@example("\u0301\u0316" * 40, "e", 0)
def test_the_forms_are_pythons(marks: str, others: str, seed: int) -> None:
    mixed = list(marks + others)
    Random(seed).shuffle(mixed)
    for text in (others + marks + others + marks, "".join(mixed)):
        assert decomposed(text) == unicodedata.normalize("NFD", text)
        assert composed(text) == unicodedata.normalize("NFC", text)


def test_a_run_of_marks_costs_linear_time() -> None:
    seconds = []
    for marks in (5_000, 50_000):
        text = "a" + "\u0301\u0316" * (marks // 2)
        began = time.process_time()
        assert len(composed(text)) == marks
        seconds.append(time.process_time() - began)
    assert seconds[1] < 40 * max(seconds[0], 0.01)  # a quadratic step would cost a hundred
