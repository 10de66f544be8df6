"""Finds which texts of evaluation sets a document holds: n-grams are looked up, and every hit is compared word by word."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from udfs.grams.folded_text import folded, word_spans
from udfs.grams.gram_index import GramIndex, Ids


class Span(NamedTuple):
    """Words of a document: the first, and one past the last."""

    start: int
    end: int


@dataclass(frozen=True)
class Held:
    """A text that a document holds a large enough share of, and the characters of the document where it stands, in order."""

    text: int
    share: float
    words: int
    spans: tuple[Span, ...]


class _Run(NamedTuple):
    start: int  # in the document
    place: int  # in the text
    length: int


def held_texts(text: str, index: GramIndex) -> list[Held]:
    """Return the texts of which the document holds `min_share` or more, the largest share first; spans are in characters.

    1. The document's words become ids of the vocabulary, its n-grams hashes, and these are looked up.
    2. A hit is compared word by word with the text and extended while words are equal: a run. So no hash decides.
    3. A text's share is the rarity of its words that lie in runs, of that of all its words. A short text is held whole or not at all,
       and its answer must follow.
    """
    ids = index.ids_of(folded(text).split())
    at, number, length = index.seeds(ids)
    if not len(at):
        return []
    runs: dict[int, list[_Run]] = defaultdict(list)
    reached: dict[tuple[int, int], int] = {}  # where the last run of a text at a distance ends: most hits lie in that run
    for place, gram, size in zip(at.tolist(), number.tolist(), length.tolist(), strict=True):
        some = slice(int(index.firsts[gram]), int(index.firsts[gram + 1]))
        for one, start in zip(index.texts[some].tolist(), index.places[some].tolist(), strict=True):
            if place + size <= reached.get((one, place - start), 0):
                continue
            run = _run_of(runs[one], ids, index, _Seed(one, place, start, size))
            if run is not None:
                runs[one].append(run)
                reached[one, place - start] = run.start + run.length
    found = [held for number, some in runs.items() if some and (held := _held(number, some, index)) is not None]
    if not found:
        return []
    starts, ends = word_spans(text)
    assert len(starts) == len(ids), "the words of a text and their spans are cut alike"
    in_text = [
        Held(one.text, one.share, one.words, tuple(Span(int(starts[s]), int(ends[e - 1])) for s, e in one.spans))
        for one in found
    ]
    return sorted(in_text, key=lambda one: (-one.share, one.text))


class _Seed(NamedTuple):
    text: int
    at: int  # in the document
    place: int  # in the text
    length: int


def _run_of(runs: list[_Run], ids: Ids, index: GramIndex, seed: _Seed) -> _Run | None:
    """Return the run that a hit belongs to; None if it is no hit, or lies in a run that is there and is the whole text."""
    for run in reversed(runs):
        inside = run.start <= seed.at and seed.at + seed.length <= run.start + run.length
        if inside and run.length >= len(index.text(seed.text)):
            return None
        if run.start + run.length <= seed.at - len(index.text(seed.text)):
            break  # what lies so far back is no run of this place
    words = index.text(seed.text)
    if not np.array_equal(words[seed.place : seed.place + seed.length], ids[seed.at : seed.at + seed.length]):
        return None
    if index.answers[seed.text] >= 0:
        end = _end_of_answer(ids, seed.at + seed.length, index, int(index.answers[seed.text]))
        return None if end is None else _Run(seed.at, 0, end - seed.at)
    before = _equal(words[: seed.place][::-1], ids[: seed.at][::-1])
    after = _equal(words[seed.place + seed.length :], ids[seed.at + seed.length :])
    return _Run(seed.at - before, seed.place - before, before + seed.length + after)


def _equal(one: Ids, other: Ids) -> int:
    """Count the words at the beginning that are equal."""
    length = min(len(one), len(other))
    differ = np.flatnonzero(one[:length] != other[:length])
    return int(differ[0]) if len(differ) else length


def _end_of_answer(ids: Ids, start: int, index: GramIndex, answer: int) -> int | None:
    """Return where the answer ends that begins within `answer_within` words after the question; None if it is not there."""
    words = index.text(answer)
    after = ids[start : start + index.settings.answer_within + len(words)]
    for place in np.flatnonzero(after[: index.settings.answer_within + 1] == words[0]).tolist():
        if np.array_equal(after[place : place + len(words)], words):
            return start + place + len(words)
    return None


def _held(number: int, runs: list[_Run], index: GramIndex) -> Held | None:
    weights = index.weights_of(number)
    covered = np.zeros(len(weights), bool)
    for run in runs:
        covered[run.place : run.place + run.length] = True
    total = float(weights.sum())
    share = float(weights[covered].sum()) / total if total else 1.0
    if share < index.settings.min_share:
        return None
    return Held(number, share, int(covered.sum()), tuple(_joined(Span(run.start, run.start + run.length) for run in runs)))


def _joined(spans: Iterator[Span]) -> list[Span]:
    """Join spans that touch or overlap, in order."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
