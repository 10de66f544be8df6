"""Every set that a recipe asks for measures a hostile text in linear time."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.least_time import least_seconds
from udfs.signals import (
    c4_reference,
    gopher_dclm,
    gopher_dolma,
    hashed_ngrams,
    licence,
    perplexity,
    redpajama,
    refinedweb,
    sentences,
)
from udfs.signals.word_lists import found_words
from udfs.vectors.sparse_features import features

_WORDS = frozenset(("bad", "a b", "foo bar baz", "a"))
_SETS: dict[str, Callable[[str], Any]] = {
    "c4_reference": c4_reference.measure,
    "bad_words": lambda text: found_words(text, _WORDS, language="en"),
    "redpajama": lambda text: redpajama.measure(text, bad_words=_WORDS, stop_words=_WORDS),
    "refinedweb": refinedweb.measure,
    "refinedweb_faithful": lambda text: refinedweb.measure(f"com {text}", faithful=True),
    "gopher_dclm": gopher_dclm.repetition,
    "gopher_dolma": gopher_dolma.repetition,
    "sentences": sentences.measure,
    "licence": licence.measure,
    "hashed_ngrams": hashed_ngrams.measure,
    "sparse_features": lambda text: features(text, max_tokens=256),
    "perplexity": lambda text: list(perplexity.lines_of(text, faithful=True)),
}
_UNITS = (
    "a", "word ", "a\n", " ", "\n", "[", "[1]", "[1] ", "(", "http://a.com/x ", "a.com", "1.2.3.4", ". ", "1,", "\u0301", "\u0316\u0301",
    "\U0001f1e9", "\u200d", "漢", "read more ", "items in cart", "- \n", "1 likes\n", "!", "javascript ",
)  # fmt: skip


def hostile(characters: int) -> Iterator[str]:
    """Yield texts of so many characters: of one thing, with it in the middle of a good line, and all different."""
    for unit in _UNITS:
        yield unit * (characters // len(unit))
    for unit in ("[1] ", "!", ",", " "):
        yield f"{unit * (characters // len(unit))}one two three four five.{unit * (characters // len(unit))}"
    yield " ".join(map(str, range(characters // 7)))
    yield "1" + "," * characters + " x"
    yield "a" * characters + ".com"


@pytest.mark.parametrize("name", _SETS)
def test_eight_times_the_hostile_text_takes_about_eight_times_as_long(name: str) -> None:
    """Less than 50 ms is no measurement."""
    for few, many in zip(hostile(6_000), hostile(48_000), strict=True):
        assert least_seconds(_SETS[name], many) < 30 * max(least_seconds(_SETS[name], few), 0.05), ascii(few[:20])
