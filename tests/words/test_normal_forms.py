"""Normal forms: Python's own are the oracle, and a run of marks costs linear time."""

import unicodedata
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from tests.least_time import least_seconds
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
    few, many = ("a" + "\u0301\u0316" * (marks // 2) for marks in (5_000, 50_000))
    assert len(composed(many)) == 50_000
    assert least_seconds(composed, many) < 40 * max(least_seconds(composed, few), 0.01)  # a quadratic step would cost a hundred
