"""Makes up a corpus for the explorer: documents of topics, in words that are drawn as often as words of a language are."""

from collections import Counter

import numpy as np

from jobs.explorer.data import Area, Areas, Corpus, Points, Story
from jobs.explorer.strata import Stratum
from udfs.vectors.half import Vectors

TOPICS, WIDTH = 60, 64
LANGUAGES = ("en", "de", "fr", "ru", "ja", "")
REASONS = (
    ("kept", "kept", ""),
    ("filter", "dropped", "few_words"),
    ("dedup", "dropped", "near_duplicate"),
    ("filter", "dropped", "repeated_lines"),
    ("extract", "dropped", "http_status"),
    ("filter", "dropped", "language"),
    ("filter", "failed", "unmeasured"),
    ("extract", "failed", "timeout"),
)


def made_up(documents: int, *, words: str = "", whole: int = 1, seed: int = 1) -> Corpus:
    """Return a corpus of `documents` points; each reason has `whole` documents for each that is shown.

    `words` stands wherever a page, a domain or a recipe has a say.
    """
    random = np.random.default_rng(seed)
    vocabulary = _vocabulary(random, 20_000)
    domains = [f"{one}.example" for one in vocabulary[:4_000]]
    domain = np.minimum(random.zipf(1.4, documents), len(domains)) - 1
    titles = _texts(random, vocabulary, documents, 7)
    texts = _texts(random, vocabulary, documents, 60)
    stratum = np.minimum(random.geometric(0.45, documents) - 1, len(REASONS) - 1)
    counts = np.bincount(stratum, minlength=len(REASONS))
    topic = random.integers(0, TOPICS, documents)
    points = Points(
        stratum=stratum,
        urls=tuple(
            f"https://www.{domains[place]}/{title.replace(' ', '-')}{words}"
            for place, title in zip(domain, titles, strict=True)
        ),
        titles=tuple(words or title.capitalize() for title in titles),
        texts=tuple(f"{words}{text}" for text in texts),
        languages=tuple(LANGUAGES[place] for place in np.minimum(random.geometric(0.6, documents) - 1, len(LANGUAGES) - 1)),
        domains=tuple(words + domains[place] for place in domain),
        signals={f"signal_{number}": random.gamma(2.0, 50.0, documents) for number in range(30)},
        stories=tuple(_story(place, titles, words) for place in stratum),
        embedding=_vectors(random, topic),
    )
    strata = tuple(Stratum(*reason, int(count) * whole, int(count)) for reason, count in zip(REASONS, counts, strict=True))
    return Corpus(
        recipe=f"made up {words}",
        dump="TEST-2026-01",
        root="out/made-up",
        made="2026-01-31",
        strata=strata,
        points=points,
        areas=tuple(
            _areas(name, values, stratum) for name, values in (("domain", points.domains), ("language", points.languages))
        ),
        stages=(("extract", "Extract"), ("filter", "Filter"), ("dedup", "Dedup")),
        rules={"few_words": f"word_count >= 50 {words}"},
        meanings={"near_duplicate": f"another document has nearly the same text {words}"},
    )


def _vocabulary(random: np.random.Generator, count: int) -> list[str]:
    letters = np.array(list("etaoinshrdlucmfw"))
    return ["".join(random.choice(letters, size)) for size in random.integers(2, 11, count)]


def _texts(random: np.random.Generator, vocabulary: list[str], documents: int, words: int) -> list[str]:
    shares = 1 / (np.arange(len(vocabulary)) + 3)
    drawn = np.searchsorted(np.cumsum(shares / shares.sum()), random.random((documents, words))).clip(0, len(vocabulary) - 1)
    return [" ".join([vocabulary[place] for place in row]) for row in drawn.tolist()]


def _story(stratum: int, titles: list[str], words: str) -> Story:
    stage, _, reason = REASONS[stratum]
    if stage == "dedup":
        return Story(
            witness=f"https://www.{titles[stratum].replace(' ', '-')}.example/{words}", values=(("similarity", 0.875),)
        )
    return Story(broken=(reason, "symbols")) if stage == "filter" else Story()


def _vectors(random: np.random.Generator, topic: np.ndarray) -> Vectors:
    centres = random.normal(size=(TOPICS, WIDTH))
    vectors = centres[topic] + 1.2 * random.normal(size=(len(topic), WIDTH))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _areas(name: str, values: tuple[str, ...], stratum: np.ndarray) -> Areas:
    counts, kept = Counter(values), Counter(value for value, place in zip(values, stratum.tolist(), strict=True) if place == 0)
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    shown = tuple(Area(one, counts[one], kept[one], (("few_words", counts[one] - kept[one]),)) for one in ranked[:60])
    rest = Area("", sum(counts[one] for one in ranked[60:]), sum(kept[one] for one in ranked[60:]), ())
    return Areas(name, shown, others=max(0, len(ranked) - 60), rest=rest if len(ranked) > 60 else None)
