"""Names clusters of documents by the words that tell each from the others: c-TF-IDF over the documents' texts.

A word counts once a document, so a page that repeats a word a thousand times names no cluster.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import regex

CHARACTERS = 2_000  # of a text that are read: its topic shows early
MOST_COUNTS = 1_000_000  # pairs of cluster and word that are held: some 150 MB

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*")
_SHORTEST, _LONGEST = 3, 30  # characters of a word between spaces; shorter ones are mostly grammar
# Scripts without spaces, and how many characters in a row count as a word. Katakana writes names: a run of it is one word.
# Hiragana is mostly grammar, and counts for nothing.
_UNSPACED = regex.compile(
    r"(?P<kana>[\p{Katakana}ー]{2,})|(?P<han>(?:\p{Han}\p{M}*+){2,})|(?P<thai>(?:[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*+){3,})"
    r"|[\p{Katakana}ー\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
)
_IN_A_ROW = {"han": 2, "thai": 3}
_UNIT = regex.compile(r".\p{M}*+")
_PIECE = regex.compile(r"(?:(?:\p{Han}\p{M}*+){2}|(?:[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*+){3})")
_LONG = 6  # letters after the first of a word that is hardly one of grammar
_ALIKE = 0.6  # the pieces of one word occur about equally often
_LOOKED_AT = 8  # times as many words as asked for are looked at, for pieces join to longer words


@dataclass
class Counts:
    """Hold how many documents of each cluster have each word."""

    words: dict[int, Counter[str]] = field(default_factory=dict)
    documents: Counter[int] = field(default_factory=Counter)


def telling_words(texts: Iterable[tuple[int, str]], *, top: int = 4) -> dict[int, tuple[str, ...]]:
    """Return for each cluster the words that tell it from the others, the most telling first, at most `top`.

    Takes pairs of a cluster and a text, in any order: ties go by the word, so the result is the same on every run.
    Past MOST_COUNTS the rarest words are forgotten, and the order of texts then has a say: give them in order of their ids.

    >>> telling_words([(0, "red cheese and"), (0, "old cheese and"), (1, "engine and car"), (1, "engine and road")], top=2)
    {0: ('cheese', 'and'), 1: ('engine', 'and')}
    """
    return named(counted(texts), top=top)


def counted(texts: Iterable[tuple[int, str]], *, most: int = MOST_COUNTS) -> Counts:
    """Count in how many documents of its cluster each word stands, in memory bounded by `most` pairs of cluster and word."""
    counts = Counts()
    held = 0
    for cluster, text in texts:
        of_cluster = counts.words.setdefault(cluster, Counter())
        before = len(of_cluster)
        of_cluster.update(distinct_words(text))
        counts.documents[cluster] += 1
        held += len(of_cluster) - before
        if held > most:
            held = _forget(counts, to=most // 2)
    return counts


def _forget(counts: Counts, *, to: int) -> int:
    """Forget the rarest words of clusters until at most `to` pairs are held, and return how many are."""
    floor = 1
    while (held := sum(map(len, counts.words.values()))) > to:
        for cluster, words in counts.words.items():
            counts.words[cluster] = Counter({word: count for word, count in words.items() if count > floor})
        floor += 1
    return held


def distinct_words(text: str) -> set[str]:
    """Return the words of a text's first CHARACTERS characters, in small letters.

    Where a script puts no spaces between words, neighbouring characters are one: two of Han, three of Thai, Lao, Khmer and Burmese.

    >>> sorted(distinct_words("The 3 Wines of 東京都のホテル"))
    ['the', 'wines', 'ホテル', '京都', '東京']
    """
    text = text[:CHARACTERS].lower()
    found: set[str] = set()
    if not text.isascii():
        for run in _UNSPACED.finditer(text):
            if run.lastgroup == "kana":
                found.add(run[0][:_LONGEST])
            elif run.lastgroup is not None:
                units, length = _UNIT.findall(run[0]), _IN_A_ROW[run.lastgroup]
                found.update("".join(units[at : at + length]) for at in range(len(units) - length + 1))
        text = _UNSPACED.sub(" ", text)
    for word in _WORD.findall(text):
        if _SHORTEST <= len(word) <= _LONGEST and not word.isnumeric():
            found.add(word)
    return found


def named(counts: Counts, *, top: int = 4) -> dict[int, tuple[str, ...]]:
    """Return the most telling words of each cluster, from counts.

    The weight of word x in cluster c is tf × log(1 + A / f): tf is the square root of the share p of c's documents that have x, A is
    the mean number of words a cluster, f is how often x stands in all clusters. Clusters weigh alike: counts are shares of their
    documents. A word of one document names no larger cluster.
    Words of grammar would name each cluster of a language of its own. They are short (Zipf) and in most documents. So the weight is
    taken times (1 - p / 2), and between spaces times (length - 1) / 6 for words under seven letters: no list of stop words is needed.
    Source: Grootendorst 2022 (arXiv 2203.05794, section 3.3); the root is BERTopic's reduce_frequent_words.
    """
    overall: Counter[str] = Counter()
    for cluster in sorted(counts.words):
        for word, count in counts.words[cluster].items():
            overall[word] += count / counts.documents[cluster]  # type: ignore[assignment]  # shares, so that large clusters rule nothing
    mean = sum(overall.values()) / max(1, len(counts.words))
    return {cluster: _named(counts, cluster, overall, mean=mean, top=top) for cluster in sorted(counts.words)}


def _named(counts: Counts, cluster: int, overall: Mapping[str, float], *, mean: float, top: int) -> tuple[str, ...]:
    documents, words = counts.documents[cluster], counts.words[cluster]
    least = 1 if documents == 1 else 2
    weights = {
        word: _weight(word, count / documents, rarity=mean / overall[word]) for word, count in words.items() if count >= least
    }
    ranked = sorted(weights, key=lambda word: (-weights[word], word))[: top * _LOOKED_AT]
    return tuple(_joined(ranked, words)[:top])


def _weight(word: str, share: float, *, rarity: float) -> float:
    long = 1.0 if _UNSPACED.match(word) else min(1.0, (len(word) - 1) / _LONG)
    return math.sqrt(share) * (1 - share / 2) * long * math.log1p(rarity)


def _joined(ranked: list[str], counts: Mapping[str, int]) -> list[str]:
    """Put pieces that overlap together again: 機器, 器学 and 学習 are 機器学習. Keeps the order of the first piece of each."""
    pieces = {word: tuple(_UNIT.findall(word)) for word in ranked if _PIECE.fullmatch(word)}
    found = []
    for word in ranked:
        if word in pieces:
            chain = pieces.pop(word)
            while (after := _next(chain, pieces, counts, like=counts[word], ahead=True)) is not None:
                chain = (*chain, pieces.pop(after)[-1])
            while (before := _next(chain, pieces, counts, like=counts[word], ahead=False)) is not None:
                chain = (pieces.pop(before)[0], *chain)
            found.append("".join(chain))
        elif not _PIECE.fullmatch(word):
            found.append(word)
    return found


def _next(
    chain: tuple[str, ...], pieces: Mapping[str, tuple[str, ...]], counts: Mapping[str, int], *, like: int, ahead: bool
) -> str | None:
    """Return the first piece that goes on where the chain ends, or ends where it begins, and occurs about as often."""
    for word, units in pieces.items():
        shared = len(units) - 1
        fits = chain[-shared:] == units[:-1] if ahead else chain[:shared] == units[1:]
        if fits and min(like, counts[word]) >= _ALIKE * max(like, counts[word]):
            return word
    return None
