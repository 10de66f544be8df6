"""The shapes that DCLM's paper reports of its Bloom filter dedup (tables 21 and 22), over texts with planted repeats or over given ones.

    python -m bench.bff                            # 8,000 generated documents
    python -m bench.bff --documents 20000 --seed 3
    python -m bench.bff --texts out/run/corpus     # the `text` column of Parquet files below a folder

Prints Markdown tables: removal against the size of the pool, words kept against threshold and min_ngram, agreement of the filter with
an exact set in the same order and with the order-free variant. Exits with 1 if a curve does not rise or fall as the paper's does.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow.dataset as ds

from udfs.passages.bloom_paragraphs import Ngrams, SeenBefore, paragraphs
from udfs.similarity.bloom_filter import BloomFilter, bits_for, hash_count
from udfs.similarity.ngram_hashes import Hashes
from udfs.words.bounds import words

Pool = list[list[Hashes]]  # n-grams of every paragraph of every document


class Filter(Protocol):
    """What knows n-grams."""

    def contain(self, items: Hashes) -> npt.NDArray[np.bool_]:
        """Tell of each whether it is known."""
        ...

    def add(self, items: Hashes) -> None:
        """Learn them."""
        ...


class ExactSet:
    """Know n-grams without error."""

    def __init__(self) -> None:
        self.items: set[int] = set()

    def contain(self, items: Hashes) -> npt.NDArray[np.bool_]:
        """Tell of each whether it is known."""
        return np.fromiter((item in self.items for item in items.tolist()), bool, len(items))

    def add(self, items: Hashes) -> None:
        """Learn them."""
        self.items.update(items.tolist())


def generated(documents: int, seed: int) -> list[str]:
    """Make documents of new paragraphs, of ones from a stock with a few words changed, and of short lines; some are copied whole.

    The stock's ranks are drawn with a chance near 1 / rank: a few paragraphs stand everywhere, most in one or two documents.
    """
    draw = random.Random(seed)
    vocabulary = [f"w{number}" for number in range(20_000)]
    every = draw.choices(vocabulary, [1 / (rank + 5) for rank in range(len(vocabulary))], k=4_000_000)

    def run(length: int) -> list[str]:
        at = draw.randrange(len(every) - length)
        return every[at : at + length]

    stock = [run(draw.randint(60, 250)) for _ in range(4 * documents)]
    labels = [run(draw.randint(1, 10)) for _ in range(2000)]
    texts: list[str] = []
    for _ in range(documents):
        lines = []
        for _ in range(draw.randint(2, 10)):
            kind = draw.random()
            line = run(draw.randint(20, 150))
            if kind < 0.25:
                line = labels[int(len(labels) ** draw.random()) - 1]
            elif kind < 0.75:
                line = list(stock[int(len(stock) ** draw.random()) - 1])
                for _ in range(draw.randint(0, 4)):
                    line[draw.randrange(len(line))] = f"new{draw.randrange(10**9)}"
            lines.append(" ".join(line))
        texts.append("\n".join(lines) if draw.random() > 0.03 or not texts else draw.choice(texts))
    return texts


def measured(texts: Iterable[str], *, min_ngram: int) -> Pool:
    """Return the n-grams of every paragraph."""
    ngrams = Ngrams(min_ngram, 13, 1)
    return [[ngrams.of(text[start:end]) for start, end in paragraphs(text)] for text in texts]


def decided(pool: Pool, filter_: Filter, *, threshold: float, whole: bool = True) -> list[list[bool]]:
    """Return for every paragraph of every document whether it stays."""
    pass_ = SeenBefore(threshold, 1, 1)
    stays = []
    for lists in pool:
        found = pass_.document(filter_, lists)  # type: ignore[arg-type]
        gone = set(found["marks"])
        if whole and found["ngrams"] and found["ngrams_seen"] / found["ngrams"] > threshold:
            gone = set(range(len(lists)))
        stays.append([place not in gone for place in range(len(lists))])
    return stays


class RemembersAll(ExactSet):
    """Also learn what is tested: the order-free variant, in which n-grams of what goes count as seen."""

    def contain(self, items: Hashes) -> npt.NDArray[np.bool_]:
        """Tell of each whether it was known before, and learn it."""
        known = super().contain(items)
        self.add(items)
        return known


def bloom(pool: Pool, *, max_false_positives: float) -> BloomFilter:
    """Make the filter for a pool."""
    count = sum(len(hashes) for lists in pool for hashes in lists)
    bits = bits_for(count, max_false_positives)
    return BloomFilter(bits, hash_count(bits, count))


def kept(stays: list[list[bool]], sizes: Sequence[Sequence[int]]) -> int:
    """Count the words that stay."""
    return sum(size for flags, row in zip(stays, sizes, strict=True) for stay, size in zip(flags, row, strict=True) if stay)


def rises(name: str, values: Sequence[float]) -> list[str]:
    """Return a fault unless the values rise."""
    return [] if all(one < two for one, two in pairwise(values)) else [f"{name} does not rise: {values}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=Path, help="a folder of Parquet files with a column text")
    chosen = parser.parse_args(arguments)
    if chosen.texts is None:
        texts = generated(chosen.documents, chosen.seed)
    else:
        texts = ds.dataset(chosen.texts, format="parquet").to_table(columns=["text"])["text"].to_pylist()[: chosen.documents]
        random.Random(chosen.seed).shuffle(texts)
    sizes = [[len(words(text[start:end]).starts) for start, end in paragraphs(text)] for text in texts]
    total = sum(map(sum, sizes))
    print(f"{len(texts):,} documents, {total:,} words\n")
    began = time.monotonic()
    pool = measured(texts, min_ngram=13)
    hashed = time.monotonic() - began
    began = time.monotonic()
    default = decided(pool, bloom(pool, max_false_positives=0.01), threshold=0.8)
    print(
        f"n-grams: {total / hashed:,.0f} words a second; one pass through the filter: {total / (time.monotonic() - began):,.0f}\n"
    )
    faults = pools(pool, sizes) + thresholds(pool, sizes) + minima(texts, sizes)
    agreements(pool, sizes, default)
    for fault in faults:
        print(f"NOT AS IN THE PAPER: {fault}", file=sys.stderr)
    return 1 if faults else 0


def pools(pool: Pool, sizes: Sequence[Sequence[int]]) -> list[str]:
    """Print removal against the size of the pool."""
    print("| documents | words | removed |\n|---|---|---|")
    removed = []
    for fifths in range(1, 6):
        count = len(pool) * fifths // 5
        some = pool[:count]
        words_ = sum(map(sum, sizes[:count]))
        stays = decided(some, bloom(some, max_false_positives=0.01), threshold=0.8)
        removed.append(1 - kept(stays, sizes[:count]) / words_)
        print(f"| {count:,} | {words_:,} | {removed[-1]:.1%} |")
    print()
    steps = [two - one for one, two in pairwise(removed)]
    return rises("removal with the pool", removed) + ([] if steps[-1] < steps[0] else [f"removal does not flatten: {removed}"])


def thresholds(pool: Pool, sizes: Sequence[Sequence[int]]) -> list[str]:
    """Print words kept against the threshold."""
    print("| threshold | words kept |\n|---|---|")
    found = []
    for threshold in (0.75, 0.8, 0.9, 0.99):
        found.append(kept(decided(pool, bloom(pool, max_false_positives=0.01), threshold=threshold), sizes))
        print(f"| {threshold} | {found[-1]:,} |")
    print()
    return rises("words kept with the threshold", found)


def minima(texts: list[str], sizes: Sequence[Sequence[int]]) -> list[str]:
    """Print words kept against min_ngram."""
    print("| min_ngram | words kept |\n|---|---|")
    found = []
    for min_ngram in (1, 5, 13):
        pool = measured(texts, min_ngram=min_ngram)
        found.append(kept(decided(pool, bloom(pool, max_false_positives=0.01), threshold=0.8), sizes))
        print(f"| {min_ngram} | {found[-1]:,} |")
    print()
    return rises("words kept with min_ngram", found)


def agreements(pool: Pool, sizes: Sequence[Sequence[int]], default: list[list[bool]]) -> None:
    """Print how often other ways decide as the filter at a rate of 0.01 does."""
    print(
        "| instead of the filter at max_false_positives 0.01 | paragraphs with n-grams decided alike | words kept |\n|---|---|---|"
    )
    ways: dict[str, Filter] = {
        "the filter at 0.01": bloom(pool, max_false_positives=0.01),
        "the filter at 0.0001": bloom(pool, max_false_positives=1e-4),
        "an exact set, in order": ExactSet(),
        'method = "exact"': RemembersAll(),
    }
    for name, way in ways.items():
        stays = decided(pool, way, threshold=0.8)
        alike = [
            one == two
            for flags, others, lists in zip(default, stays, pool, strict=True)
            for one, two, hashes in zip(flags, others, lists, strict=True)
            if len(hashes)
        ]
        print(f"| {name} | {sum(alike) / len(alike):.3%} | {kept(stays, sizes):,} |")


if __name__ == "__main__":
    sys.exit(main())
