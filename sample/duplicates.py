"""Near-duplicates of known similarity: exact Jaccard over word 5-grams, and edits that lower it as far as wanted."""

import re
import unicodedata
from collections.abc import Mapping

from sample.bank import Article
from sample.draw import shuffled

NGRAM = 5
THRESHOLD = 0.75  # of the quickstart; no two captures come nearer to it than MARGIN
MARGIN = 0.03

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_UNSPACED = re.compile("([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")


def shingles(text: str) -> frozenset[str]:
    """Return the word 5-grams of a text after FineWeb's simplification.

    Lower case, accents off, numbers as "0", everything but letters and digits as a space; Kana and Han characters are
    words of their own. (huggingface/datatrove src/datatrove/utils/text.py, simplify_text)
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) not in ("Mn", "Cf"))
    spaced = "".join(c if c.isspace() or unicodedata.category(c)[0] in "LMN" else " " for c in _NUMBER.sub("0", bare))
    words = _UNSPACED.sub(r" \1 ", spaced).split()
    return frozenset(" ".join(words[start : start + NGRAM]) for start in range(max(1, len(words) - NGRAM + 1)) if words)


def jaccard(left: str, right: str) -> float:
    """Return the exact Jaccard similarity of two texts' shingles; 0 if neither has any."""
    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b) if a or b else 0.0


def reworded(article: Article, *, floor: float, synonyms: Mapping[str, str], name: str) -> Article:
    """Return the article with words exchanged, one by one in drawn order, for as long as Jaccard stays >= floor."""
    paragraphs = [paragraph.split(" ") for paragraph in article.paragraphs]
    places = [(p, w) for p, words in enumerate(paragraphs) for w, word in enumerate(words) if word.strip(",;") in synonyms]
    for p, w in shuffled(places, "reword", name):
        old = paragraphs[p][w]
        bare = old.strip(",;")
        paragraphs[p][w] = old.replace(bare, synonyms[bare])
        if jaccard(_joined(article, paragraphs).text, article.text) < floor:
            paragraphs[p][w] = old
    return _joined(article, paragraphs)


def shortened(article: Article, *, floor: float) -> Article:
    """Return the article without the one sentence whose loss brings Jaccard nearest to the floor from above.

    Raises ValueError if every sentence is too long for that.
    """
    candidates = []
    for p, paragraph in enumerate(article.paragraphs):
        sentences = _SENTENCE_END.split(paragraph)
        for s in range(len(sentences)):
            rest = " ".join(sentences[:s] + sentences[s + 1 :])
            edited = article.with_paragraphs(*article.paragraphs[:p], rest, *article.paragraphs[p + 1 :])
            similarity = jaccard(edited.text, article.text)
            if similarity >= floor:
                candidates.append((similarity, p, s, edited))
    if not candidates:
        raise ValueError(f"{article.name}: no sentence is short enough to leave a Jaccard of {floor}; choose another article")
    return min(candidates, key=lambda found: found[:3])[3]


def continued(article: Article, *, spare: str, ceiling: float) -> Article:
    """Return the article with another paragraph at its end, and sentences cut before it until Jaccard <= ceiling."""
    kept = list(article.paragraphs)
    while True:
        edited = article.with_paragraphs(*kept, spare)
        if jaccard(edited.text, article.text) <= ceiling:
            return edited
        sentences = _SENTENCE_END.split(kept[-1])[:-1]
        kept = [*kept[:-1], " ".join(sentences)] if sentences else kept[:-1]


def _joined(article: Article, paragraphs: list[list[str]]) -> Article:
    return article.with_paragraphs(*(" ".join(words) for words in paragraphs))
