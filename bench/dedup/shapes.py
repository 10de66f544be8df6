"""Make small corpora of the shapes that deduplication goes wrong on: chains, stars, cliques, copies, ladders, false buckets."""

from collections.abc import Callable

import numpy as np

from bench.dedup.corpus import Page, Words, edit, fresh, spell
from bench.dedup.sketch import Sketching, forcing

TRIES = 200_000  # phrases searched for a false bucket
Shape = Callable[[Sketching, np.random.Generator], list[Words]]


def shaped_corpus(seed: int, *, documents: int, sketching: Sketching) -> list[Page]:
    """Return documents of families of all shapes in a random order; a tenth share another's URL, a few are blank."""
    rng = np.random.default_rng(seed)
    texts: list[Words] = []
    # one false bucket and one clique larger than what a first round of leaders takes, then families as they come
    families = [false_bucket(sketching, rng, members=documents // 20), clique(sketching, rng, members=100)]
    while (count := sum(map(len, families))) < documents:
        shape = SHAPES[int(rng.integers(len(SHAPES)))]
        families.append(shape(sketching, rng)[: documents - count])
    for family in families:
        texts += family
    pages = [
        Page(
            id=f"<{seed}-{number}>",
            text=spell(words) if rng.random() > 0.005 else "…",
            url_key=f"shared{int(rng.integers(documents // 40))}" if rng.random() < 0.1 else f"own{number}",
            date=f"2026-01-{int(rng.integers(1, 4)):02d}T00:00:00Z",
        )
        for number, words in enumerate(texts)
    ]
    return [pages[at] for at in rng.permutation(len(pages))]


def loner(sketching: Sketching, rng: np.random.Generator) -> list[Words]:
    """Return one text, at times shorter than a shingle."""
    return [fresh(int(rng.integers(1, 150)), rng)]


def copies(sketching: Sketching, rng: np.random.Generator) -> list[Words]:
    """Return one text several times."""
    return loner(sketching, rng) * int(rng.integers(2, 10))


def chain(sketching: Sketching, rng: np.random.Generator) -> list[Words]:
    """Return texts of which each edits the one before, so that the ends are unlike."""
    family = [fresh(int(rng.integers(20, 150)), rng)]
    for _ in range(int(rng.integers(2, 15))):
        family.append(edit(family[-1], rng.uniform(0.55, 1), rng))
    return family


def star(sketching: Sketching, rng: np.random.Generator) -> list[Words]:
    """Return texts of which each edits the first, so that no two others need be alike."""
    first = fresh(int(rng.integers(20, 150)), rng)
    return [first, *(edit(first, rng.uniform(0.55, 1), rng) for _ in range(int(rng.integers(2, 15))))]


def ladder(sketching: Sketching, rng: np.random.Generator) -> list[Words]:
    """Return windows that move along one text: every round of leaders can decide only the best that are left."""
    text = fresh(250, rng)
    step = int(rng.integers(2, 8))
    return [text[at : at + 60] for at in range(0, 190, step)]


def clique(sketching: Sketching, rng: np.random.Generator, *, members: int = 0) -> list[Words]:
    """Return texts that are all near-duplicates of one another."""
    base = fresh(int(rng.integers(60, 150)), rng)
    return [edit(base, rng.uniform(0.93, 1), rng) for _ in range(members or int(rng.integers(3, 40)))]


def false_bucket(sketching: Sketching, rng: np.random.Generator, *, members: int = 0) -> list[Words]:
    """Return texts that share the first band's bucket and little else, a quarter of them near-duplicates of others."""
    header = np.array(forcing(sketching, tries=TRIES), np.int32)
    bodies: list[Words] = []
    for _ in range(members or int(rng.integers(5, 60))):
        like = bodies and rng.random() < 0.25
        body = (
            edit(bodies[int(rng.integers(len(bodies)))], rng.uniform(0.6, 1), rng)
            if like
            else fresh(int(rng.integers(100, 300)), rng)
        )
        bodies.append(body)
    return [np.concatenate([header, body]) for body in bodies]


SHAPES: tuple[Shape, ...] = (loner, loner, loner, copies, chain, star, ladder, clique, false_bucket)
