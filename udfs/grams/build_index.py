"""Builds the index of n-grams: which texts are protected by n-grams, which by question and answer, and how rare each n-gram is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from udfs.grams.folded_text import folded
from udfs.grams.gram_index import LEAST_QUESTION, GramIndex, salted, word_hashes
from udfs.grams.protected import Bounds, Item, Protected
from udfs.similarity.ngram_hashes import Hashes, ngram_hashes

Numbers = npt.NDArray[np.int64]

_PIECE_WORDS = 1 << 20


@dataclass
class _Texts:
    """Gather texts as ids of words. `answers` has the number of the answer that must follow, -1 if none must, of each text."""

    vocabulary: dict[str, int] = field(default_factory=dict)
    ids: list[npt.NDArray[np.uint32]] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    is_short: list[bool] = field(default_factory=list)
    is_sought: list[bool] = field(default_factory=list)

    def add(self, words: Sequence[str], text: Protected, *, short: bool = False, sought: bool = True) -> None:
        known = self.vocabulary
        self.ids.append(np.array([known.setdefault(word, len(known) + 1) for word in words], np.uint32))
        self.items.append(text.item)
        self.fields.append(text.field)
        self.answers.append(-1)
        self.is_short.append(short)
        self.is_sought.append(sought)


@dataclass(frozen=True)
class _Grams:
    """List n-grams: the hash, text and place of each, and in how many items its hash stands."""

    hashes: Hashes
    texts: Numbers
    places: Numbers
    items: Numbers

    def chosen(self, which: npt.NDArray[np.bool_]) -> "_Grams":
        return _Grams(self.hashes[which], self.texts[which], self.places[which], self.items[which])


def build_index(protected: Sequence[Protected], items: Sequence[Item], settings: Bounds) -> GramIndex:
    """Build the index of all texts that can be protected.

    1. A text of `ngram` words or more gives its n-grams. A shorter one with an answer gives its words as one n-gram, and its answer.
    2. The rarity of an n-gram is 1 - log(items that have it) / log(items + 1): 1 in one item, near 0 in all. A word is as rare as the
       rarest n-gram that covers it.
    3. An n-gram in more than `max_items` items is left out. Of the others one in `every` stays, and the last of each text.
    """
    texts = _gathered(protected, settings)
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(one) for one in texts.ids], dtype=np.int64)))
    ids = np.concatenate([np.empty(0, np.uint32), *texts.ids])
    owner = np.array(texts.items, np.int64)
    long = _long_grams(ids, bounds, owner, texts, settings.ngram)
    short = _short_grams(texts, owner)
    sought = _merged(long.chosen(_is_taken(long, bounds, settings)), short.chosen(short.items <= settings.max_items))
    order = _first_in_each_text(sought)
    grams, firsts = np.unique(sought.hashes[order], return_index=True)
    names = tuple(dict.fromkeys(texts.fields))
    number = {name: place for place, name in enumerate(names)}
    lengths = {len(one) for one, is_short in zip(texts.ids, texts.is_short, strict=True) if is_short}
    return GramIndex(
        settings=settings,
        words="\n".join(texts.vocabulary),
        grams=grams,
        firsts=np.append(firsts, len(order)).astype(np.uint32),
        texts=sought.texts[order].astype(np.uint32),
        places=sought.places[order].astype(np.uint32),
        begins=np.unique(_hashes([texts.ids[one][:LEAST_QUESTION] for one in np.unique(short.texts)])),
        lengths=(settings.ngram, *sorted(lengths)),
        ids=ids,
        weights=_weights(long, bounds, len(items), settings.ngram),
        bounds=bounds,
        answers=np.array(texts.answers, np.int32),
        sought=np.isin(np.arange(len(texts.ids)), sought.texts),
        items=owner.astype(np.uint32),
        fields=np.array([number[name] for name in texts.fields], np.uint16),
        field_names=names,
        item_names=tuple(items),
    )


def _gathered(protected: Sequence[Protected], settings: Bounds) -> _Texts:
    texts = _Texts()
    before: Protected | None = None
    for text in protected:
        again = before is not None and text[:3] == before[:3]  # with another answer, which a long text does not need
        before = text
        words = folded(text.text).split()
        if len(words) >= settings.ngram:
            if not again:
                texts.add(words, text)
            continue
        answer = folded(text.answer).split() if text.answer is not None else []
        if text.answer is None or len(words) < LEAST_QUESTION or len(words) + len(answer) < settings.min_words:
            continue
        texts.add(words, text, short=True)
        if answer:
            texts.answers[-1] = len(texts.ids)
            texts.add(answer, text, sought=False)
    return texts


def _long_grams(ids: npt.NDArray[np.uint32], bounds: Numbers, owner: Numbers, texts: _Texts, ngram: int) -> _Grams:
    """List the n-grams of all long texts, of one array of hashes: those that reach from one text into the next are no n-grams."""
    hashes = salted(_ngrams(ids, ngram), ngram)
    at = np.arange(len(hashes))
    of = np.searchsorted(bounds, at, side="right") - 1
    is_long = np.array(texts.is_sought, bool) & ~np.array(texts.is_short, bool)
    inside = (at + ngram <= bounds[of + 1]) & is_long[of] if len(at) else np.zeros(0, bool)
    at, of, hashes = at[inside], of[inside], hashes[inside]
    return _Grams(hashes, of, at - bounds[of], _item_counts(hashes, owner[of]))


def _ngrams(ids: npt.NDArray[np.uint32], ngram: int) -> Hashes:
    """Hash all n-grams, piece by piece: a table of powers that is as long as all texts would stay in memory."""
    starts = range(0, len(ids), _PIECE_WORDS)
    each = [ngram_hashes(word_hashes(ids[start : start + _PIECE_WORDS + ngram - 1]), ngram) for start in starts]
    return np.concatenate([np.empty(0, np.uint64), *each])


def _short_grams(texts: _Texts, owner: Numbers) -> _Grams:
    of = np.flatnonzero(np.array(texts.is_short, bool))
    hashes = _hashes([texts.ids[one] for one in of])
    return _Grams(hashes, of, np.zeros(len(of), np.int64), _item_counts(hashes, owner[of]))


def _hashes(runs: Sequence[npt.NDArray[np.uint32]]) -> Hashes:
    """Return the hash of each run of words."""
    each = [salted(ngram_hashes(word_hashes(ids), len(ids)), len(ids)) for ids in runs]
    return np.concatenate([np.empty(0, np.uint64), *each])


def _item_counts(hashes: Hashes, items: Numbers) -> Numbers:
    """Return of each n-gram in how many items its hash stands."""
    _, of = np.unique(hashes, return_inverse=True)
    order = np.lexsort((items, of))
    of_sorted, items_sorted = of[order], items[order]
    is_new = np.append(True, (of_sorted[1:] != of_sorted[:-1]) | (items_sorted[1:] != items_sorted[:-1]))[: len(of)]
    return np.bincount(of_sorted[is_new], minlength=1)[of]


def _is_taken(grams: _Grams, bounds: Numbers, settings: Bounds) -> npt.NDArray[np.bool_]:
    last = bounds[grams.texts + 1] - bounds[grams.texts] - settings.ngram
    sampled = (grams.places % settings.every == 0) | (grams.places == last)
    found: npt.NDArray[np.bool_] = sampled & (grams.items <= settings.max_items)
    return found


def _first_in_each_text(grams: _Grams) -> Numbers:
    """Return the order by hash, text and place. Of an n-gram that a text repeats only the first is there."""
    order = np.lexsort((grams.places, grams.texts, grams.hashes))
    hashes, texts = grams.hashes[order], grams.texts[order]
    again = (hashes[1:] == hashes[:-1]) & (texts[1:] == texts[:-1])
    return order[np.append(True, ~again)] if len(order) else order


def _merged(one: _Grams, other: _Grams) -> _Grams:
    return _Grams(
        np.concatenate((one.hashes, other.hashes)),
        np.concatenate((one.texts, other.texts)),
        np.concatenate((one.places, other.places)),
        np.concatenate((one.items, other.items)),
    )


def _weights(grams: _Grams, bounds: Numbers, count: int, ngram: int) -> npt.NDArray[np.float32]:
    """Return of each word of all texts the rarity of the rarest n-gram that covers it; 1 in a short text."""
    weights = np.full(int(bounds[-1]), -1, np.float32)
    rarity = (1 - np.log(grams.items) / np.log(count + 1)).astype(np.float32)
    starts = bounds[grams.texts] + grams.places
    for step in range(ngram):  # the n-grams that have the word as their first, second, … word: each word at most once a step
        weights[starts + step] = np.maximum(weights[starts + step], rarity)
    return np.where(weights < 0, np.float32(1), weights)
