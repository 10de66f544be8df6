"""Measure the collision curve: which share of pairs meets in an LSH bucket, by their exact similarity."""

import math
from collections import defaultdict

import numpy as np

from bench.dedup.corpus import edit, fresh, spell
from bench.dedup.sketch import sketching_of
from jobs.recipe.minhash import MinHash
from udfs.similarity.minhash import jaccard, shingle_hashes

EDGES = [round(0.3 + 0.05 * at, 2) for at in range(15)]  # left edges of the bins; the last is 1.0 alone
PAIRS = 1000  # aimed at each bin
WORDS = 300  # of a text


def meet(one: bytes | None, other: bytes | None, minhash: MinHash) -> bool:
    """Tell whether two signatures share a band."""
    if one is None or other is None:
        return False
    same = (np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")).reshape(minhash.bands, minhash.rows)
    return bool(same.all(axis=1).any())


def farthest_off(points: list[dict[str, float]]) -> float:
    """Return the largest distance of measured from expected in standard errors, over the bins where either could happen."""
    return max(
        abs(p["measured"] - p["expected"]) / math.sqrt(p["expected"] * (1 - p["expected"]) / p["pairs"])
        for p in points
        if 0.001 < p["expected"] < 0.999
    )


def collision_curve(minhash: MinHash) -> list[dict[str, float]]:
    """Measure which share of made pairs meets, by bins of their exact similarity, and what their similarities let expect."""
    sketching = sketching_of(minhash)
    rng = np.random.default_rng(minhash.seed)
    bins: dict[float, list[tuple[float, bool]]] = defaultdict(list)
    for left in EDGES:
        for _ in range(PAIRS):
            words = fresh(WORDS, rng)
            edited = edit(words, min(1.0, left + 0.05 * rng.random()), rng)
            one, other = (shingle_hashes(spell(text), minhash.ngram) for text in (words, edited))
            similarity = jaccard(one, other)
            edge = max((at for at in EDGES if at <= similarity), default=0.0)
            bins[edge].append((similarity, meet(sketching.sketch(one), sketching.sketch(other), minhash)))
    return [
        {
            "from": edge,
            "pairs": len(pairs),
            "measured": sum(met for _, met in pairs) / len(pairs),
            "expected": sum(minhash.collision(similarity) for similarity, _ in pairs) / len(pairs),
        }
        for edge, pairs in sorted(bins.items())
        if edge >= EDGES[0]
    ]
