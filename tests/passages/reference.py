"""Repeated passages by plain loops over strings, in order: what the distributed stage must equal, to the character."""

import hashlib
import re
from collections.abc import Sequence

import xxhash

from udfs.words.bounds import split
from udfs.words.split import count_sentences

Texts = dict[str, str]  # by id; one that goes whole is left out
Gram = tuple[str, ...]


def in_order(texts: Texts) -> list[tuple[str, str]]:
    """Sort by Spark's hash of the id, which is XXH64 with the seed 42, signed."""

    def place(id_: str) -> tuple[int, str]:
        digest = xxhash.xxh64_intdigest(id_.encode(), seed=42)
        return digest - (1 << 64 if digest >= 1 << 63 else 0), id_

    return sorted(texts.items(), key=lambda item: place(item[0]))


def without_repeated_lines(texts: Texts, *, keep: str) -> Texts:
    """Go through the documents twice, as CCNet does; with keep "first" once, with a set of what was seen."""
    documents_of: dict[str, set[str]] = {}
    for id_, text in texts.items():
        for line in text.split("\n"):
            documents_of.setdefault(_line(line), set()).add(id_)
    seen: set[str] = set()
    left = {}
    for id_, text in in_order(texts):
        here: set[str] = set()
        lines = []
        for line in text.split("\n"):
            key = _line(line)
            gone = len(documents_of[key]) > 1 if keep == "none" else key in seen
            if not gone and key not in here:
                lines.append(line)
            here.add(key)
        seen |= here
        left[id_] = "\n".join(lines)
    return {id_: text for id_, text in left.items() if text.strip()}


def _line(line: str) -> str:
    line = re.sub(r"\d", "0", line.strip().lower())
    line = re.sub("[，。、„”“«»１」「《》´∶：？！（）；–—．～’…━〈〉【】％►\x00-\x1f\x7f-\x9f]", "", line)
    return hashlib.sha1(line.encode()).hexdigest()[:16]


def without_seen_paragraphs(texts: Texts, *, n: tuple[int, int], threshold: float, shards: int = 1) -> Texts:
    """Do what BFF's old-both does, with a set in the place of the filter."""
    seen: list[set[Gram]] = [set() for _ in range(shards)]
    left = {}
    for id_, text in in_order(texts):
        filter_ = seen[xxhash.xxh3_64_intdigest(id_.encode()) % shards]
        total = hits = 0
        kept = ""
        for window in re.findall(r"^[^\n]*|\n[^\n]*", text):
            grams = ngrams(window, n)
            known = sum(gram in filter_ for gram in grams)
            total += len(grams)
            hits += known
            if grams and known / len(grams) > threshold:
                continue
            filter_.update(grams)
            kept += window
        if kept.strip() and not (total and hits / total > threshold):
            left[id_] = kept
    return left


def without_seen_paragraphs_exactly(texts: Texts, *, n: tuple[int, int], threshold: float) -> Texts:
    """Do the same with every n-gram put in, also those of what goes."""
    filter_: set[Gram] = set()
    left = {}
    for id_, text in in_order(texts):
        total = hits = 0
        kept = ""
        for window in re.findall(r"^[^\n]*|\n[^\n]*", text):
            grams = ngrams(window, n)
            known = sum(gram in filter_ for gram in grams)
            total, hits = total + len(grams), hits + known
            kept += "" if grams and known / len(grams) > threshold else window
            filter_.update(grams)
        if kept.strip() and not (total and hits / total > threshold):
            left[id_] = kept
    return left


def ngrams(window: str, n: tuple[int, int]) -> list[Gram]:
    """List the n-grams of a paragraph: of n[1] words, or all its words if they are at least n[0]."""
    words = [word for word in split(window) if word.strip()]
    grams = [tuple(words[at : at + n[1]]) for at in range(len(words) - n[1] + 1)]
    return grams or ([tuple(words)] if len(words) >= n[0] else [])


def repeated_words(texts: Texts, *, size: int) -> dict[str, list[bool]]:
    """Tell of every word, by brute force, whether a match of at least `size` words with an earlier place covers it."""
    documents = [(id_, [word for word in split(text) if word.strip()]) for id_, text in in_order(texts)]
    marks = {id_: [False] * len(words) for id_, words in documents}
    places = [(number, at) for number, (_, words) in enumerate(documents) for at in range(len(words))]
    for later in places:
        for earlier in places:
            if earlier >= later:
                break
            length = _match(documents[earlier[0]][1], earlier[1], documents[later[0]][1], later[1])
            if length >= size:
                marks[documents[later[0]][0]][later[1] : later[1] + length] = [True] * length
    return marks


def _match(left: Sequence[str], at: int, right: Sequence[str], place: int) -> int:
    length = 0
    while at + length < len(left) and place + length < len(right) and left[at + length] == right[place + length]:
        length += 1
    return length


def without_repeated_words(texts: Texts, *, size: int) -> dict[str, list[str]]:
    """Return the words that are left of every document; one without any is left out."""
    marks = repeated_words(texts, size=size)
    words = {id_: [word for word in split(text) if word.strip()] for id_, text in texts.items()}
    left = {id_: [w for w, gone in zip(words[id_], marks[id_], strict=True) if not gone] for id_ in texts}
    return {id_: kept for id_, kept in left.items() if kept}


def without_lines_of_earlier_pages(texts: Texts, *, min_sentences: int) -> Texts:
    """Go through the documents once, with a set of the lines that were seen; a page with too few sentences goes whole."""
    seen: set[str] = set()
    left = {}
    for id_, text in in_order(texts):
        lines = []
        for line in text.split("\n"):
            if line.strip().lower() not in seen:
                lines.append(line)
            seen.add(line.strip().lower())
        if sum(count_sentences(line) for line in lines if line.strip()) >= min_sentences:
            left[id_] = "\n".join(lines)
    return {id_: text for id_, text in left.items() if text.strip()}
