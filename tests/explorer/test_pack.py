"""Packing: what goes in comes out, texts shrink until the page is small enough, and a hundred thousand documents are under 5 MB."""

import base64
import itertools
import zlib
from typing import Any

import numpy as np

from bench.explorer.synthetic import made_up
from jobs.explorer.map import Map
from jobs.explorer.pack import DETAILS, Packed, packed, quantised
from jobs.explorer.page import render


def anywhere(documents: int) -> Map:
    """Return a map whose places mean nothing."""
    random = np.random.default_rng(3)
    places = random.integers(-32_767, 32_768, (documents, 2)).astype(np.int16)
    return Map(places, random.integers(0, 2, documents), ("one, two", ""), "words")


def unpacked(made: Packed) -> dict[str, Any]:
    body = zlib.decompress(base64.b64decode(made.more), -15)
    found: dict[str, Any] = {}
    for part in made.head["parts"]:
        found[part["name"]], body = body[: part["bytes"]], body[part["bytes"] :]
    assert body == b""
    return found


def test_what_is_packed_comes_out_again() -> None:
    corpus, map = made_up(50), anywhere(50)
    made = packed(corpus.points, map)
    found, order = unpacked(made), sorted(range(50), key=lambda at: (corpus.points.domains[at], corpus.points.urls[at], at))
    assert found["urls"].decode().split("\n") == [corpus.points.urls[at].removeprefix("https://") for at in order]
    assert found["titles"].decode().split("\n") == [corpus.points.titles[at] for at in order]
    domains = np.frombuffer(found["domain"], "<u2")
    assert [made.head["domains"][code] for code in domains] == [corpus.points.domains[at] for at in order]
    places = np.frombuffer(base64.b64decode(made.places), "<i2").reshape(-1, 2)
    assert np.array_equal(places, map.places[order])
    assert list(base64.b64decode(made.fates)) == [corpus.points.stratum[at] for at in order]


def test_line_breaks_and_controls_of_a_text_shift_no_line() -> None:
    corpus = made_up(40, words="a\nb\r\n\x00\u2028c")
    found = unpacked(packed(corpus.points, anywhere(40)))
    assert {name: len(found[name].decode().split("\n")) for name in ("titles", "words", "stories")} == dict.fromkeys(
        ("titles", "words", "stories"), 40
    )


def test_texts_shrink_until_they_fit() -> None:
    corpus, map = made_up(500), anywhere(500)
    sizes = [len(packed(corpus.points, map, most=most).more) for most in (10**9, 60_000, 45_000)]
    assert sizes[0] > 60_000 and all(later < before for before, later in itertools.pairwise(sizes))
    made = packed(corpus.points, map, most=45_000)
    assert len(made.more) + len(made.places) + len(made.fates) <= 45_010
    assert made.head["detail"] != [DETAILS[0].title, DETAILS[0].words, DETAILS[0].url]


def test_a_hundred_thousand_documents_are_under_five_megabytes() -> None:
    corpus = made_up(100_000, whole=30)
    page = render(corpus, anywhere(100_000))
    assert len(page.encode("utf-8")) < 5_000_000


def test_levels_of_a_signal_have_as_many_documents_each() -> None:
    values = np.concatenate([np.random.default_rng(1).gamma(2.0, 10.0, 10_000), [np.nan, np.inf]])
    codes, levels = quantised(values)
    assert len(levels) <= 254 and levels == sorted(levels)
    assert list(codes[-2:]) == [255, 255]
    assert np.bincount(codes[:-2]).max() < 3 * 10_000 / len(levels)
    assert np.abs(np.array(levels)[codes[:-2]] - values[:-2]).max() < 40


def test_few_values_are_kept_exactly() -> None:
    codes, levels = quantised(np.array([3.0, 1.0, np.nan, 3.0, 2.0]))
    assert (list(codes), levels) == ([2, 0, 255, 2, 1], [1.0, 2.0, 3.0])
    assert quantised(np.array([np.nan]))[1] == []
