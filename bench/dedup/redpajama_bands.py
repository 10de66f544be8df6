"""Ask RedPajama-Data's own MinHash which texts share a band, and measure those pairs exactly: what its LSH calls duplicates at 0.8.

Make its Python once, outside of the checkout, as bench/signals/redpajama_reference_run.py says, and add scipy to it.

    reference/bin/python bench/dedup/redpajama_bands.py texts.jsonl RedPajama-Data/app/src

The texts are lines of {"id", "text"}. Settings are those of configs/rp_v2.0.conf. Prints counts of pairs by Jaccard similarity.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

AT, NGRAM, PERMUTATIONS, SEED = 0.8, 13, 128, 42
STEPS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)


def sharing(keys: Iterable[tuple[int, Sequence[object]]]) -> set[tuple[int, int]]:
    """Return the pairs of texts that share a key."""
    holders: dict[object, list[int]] = defaultdict(list)
    for number, mine in keys:
        for key in mine:
            holders[key].append(number)
    return {pair for some in holders.values() for pair in combinations(some, 2)}


def components(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the least member of the connected component of each text that is in a pair: their LSH makes one group of it."""
    of: dict[int, int] = {}

    def root(one: int) -> int:
        while of.setdefault(one, one) != one:
            one = of[one]
        return one

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        of[high] = low
    return {one: root(one) for one in list(of)}


def main(texts: Path, code: Path) -> None:
    """Print the pairs that meet and all pairs that are alike, by Jaccard similarity of their 13-word shingles."""
    sys.path.insert(0, str(code))
    from core.document import Document  # type: ignore[import-not-found, unused-ignore]
    from dedupe.minhash import MinHash  # type: ignore[import-not-found, unused-ignore]
    from utilities.text import form_ngrams  # type: ignore[import-not-found, unused-ignore]

    minhash = MinHash(similarity_thresholds=[AT], ngram_size=NGRAM, num_permutations=PERMUTATIONS, seed=SEED)
    print(f"bands and rows at {AT}: {minhash._bands_rows[str(AT)]}")
    shingles: list[frozenset[int]] = []
    bands: list[tuple[int, list[object]]] = []
    for number, line in enumerate(texts.read_text("utf-8").split("\n")[:-1]):
        words = Document(json.loads(line)["text"], domain=None).normalized_words
        shingles.append(frozenset(map(hash, form_ngrams(iter(words), NGRAM))) if len(words) >= NGRAM else frozenset())
        found = minhash.compute_banded_signatures(words)[f"signature_sim{AT}"] or []
        bands.append((number, list(enumerate(found))))
    met = sharing(bands)
    alike = sharing((number, list(mine)) for number, mine in enumerate(shingles)) | met
    by_step: dict[bool, Counter[float]] = {True: Counter(), False: Counter()}
    verified = set()
    for one, other in alike:
        similarity = len(shingles[one] & shingles[other]) / len(shingles[one] | shingles[other])
        by_step[(one, other) in met][max(step for step in STEPS if step <= similarity)] += 1
        if (one, other) in met and similarity >= AT:
            verified.add((one, other))
    print(f"{len(shingles):,} texts, {sum(not one for one in shingles):,} of them under {NGRAM} words and so without signature")
    print("| Jaccard from | share a band | share none |\n|---|---|---|")
    for step in STEPS:
        print(f"| {step} | {by_step[True][step]} | {by_step[False][step]} |")
    for name, pairs in (("as their LSH groups them", met), (f"pairs under {AT} left out", verified)):
        groups = components(pairs)
        print(f"{name}: {len(pairs)} pairs, {len(groups) - len(set(groups.values()))} texts go for another of their group")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
