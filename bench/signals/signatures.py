"""Measure signatures: what each step costs a document, and whether pairs meet in LSH buckets as often as the formula says.

    python -m bench.signals.signatures speed --reference-python .venv-reference/bin/python
    python -m bench.signals.signatures accuracy --pairs 5000

`speed` is CPU time of one process over generated text, so that a busy machine disturbs little; the reference is datatrove's own
signature code, with FineWeb's 14 x 8, on the same texts. `accuracy` makes pairs of sets of known Jaccard similarity.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

import numpy as np
from datasketch import MinHash as DatasketchMinHash

from jobs.recipe.minhash import MinHash
from udfs.similarity.minhash import Backend, Hashes, normalise, shingle_hashes, signature, units

BACKENDS: tuple[Backend, ...] = get_args(Backend)
SETTINGS = (MinHash(setting="fineweb"), MinHash(), MinHash(setting="dclm"), MinHash(setting="refinedweb"))
SIMILARITIES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
PASSES = 9


def generated(documents: int, *, words: int) -> list[str]:
    """Make texts of `words` made-up words each in Zipf's proportions, in sentences with capitals, commas and some numbers."""
    rng = np.random.default_rng(1)
    letters = np.array(list("etaoinshrdlucmfwypvbgkqjxz"))
    sizes = np.clip(rng.poisson(4.5, 50_000), 1, 14)
    vocabulary = np.array(["".join(rng.choice(letters, size)) for size in sizes])
    texts = []
    for _ in range(documents):
        chosen = vocabulary[np.minimum(rng.zipf(1.3, words), len(vocabulary)) - 1].tolist()
        sentences = [chosen[at : at + 14] for at in range(0, words, 14)]
        lines = [f"{' '.join(s[:7]).capitalize()}, {' '.join(s[7:])} {n}." for n, s in enumerate(sentences)]
        texts.append("\n".join(lines))
    return texts


def rates(steps: dict[str, tuple[Callable[[], object], int]]) -> dict[str, float]:
    """Return each step's documents a CPU second, of the best of PASSES passes; a step is what to do and for how many documents.

    Pass by pass through all steps, so that a processor that changes its clock does so to all of them.
    """
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(PASSES):
        for name, (work, _) in steps.items():
            began = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - began)
    return {name: count / best[name] for name, (_, count) in steps.items()}


def _datasketchs_own(sets: Sequence[Hashes], num_perm: int) -> None:
    permutations = DatasketchMinHash(num_perm=num_perm, seed=1, scheme="affine32").permutations
    for hashes in sets:
        sketch = DatasketchMinHash(num_perm=num_perm, seed=1, scheme="affine32", hashfunc=int, permutations=permutations)
        sketch.update_batch((hashes & np.uint64(0xFFFFFFFF)).tolist())


def speed(texts: Sequence[str], *, reference: Path | None) -> None:
    """Print documents a second and core of each step."""
    count = len(texts)
    sets = [shingle_hashes(text, 5) for text in texts]
    steps: dict[str, tuple[Callable[[], object], int]] = {
        "normalise": (lambda: [normalise(text) for text in texts], count),
        "normalise, units": (lambda: [units(normalise(text)) for text in texts], count),
        "normalise, units, shingles": (lambda: [shingle_hashes(text, 5) for text in texts], count),
    }
    for num_perm in (setting.num_perm for setting in SETTINGS):
        few = sets[: max(20, count * 100 // num_perm)]
        for backend in BACKENDS:
            steps[f"{num_perm} permutations, {backend}"] = (partial(_signatures, few, num_perm, backend), len(few))
        steps[f"{num_perm} permutations, datasketch's own update_batch"] = (partial(_datasketchs_own, few, num_perm), len(few))
    for backend in BACKENDS:
        steps[f"text to signature of 144, {backend}"] = (partial(_from_texts, texts, backend), count)
    found = rates(steps)
    if reference is not None:
        command = [str(reference), str(Path(__file__).with_name("signatures_reference.py"))]
        done = subprocess.run(command, input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True)
        found |= json.loads(done.stdout.splitlines()[-1])
    letters, shingles = np.mean([len(text) for text in texts]), np.mean([len(hashes) for hashes in sets])
    print(f"{count} documents, {letters:,.0f} characters and {shingles:,.0f} shingles each\n")
    print("| step | documents/s/core |\n|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value:,.0f} |")


def _signatures(sets: Sequence[Hashes], num_perm: int, backend: Backend) -> None:
    for hashes in sets:
        signature(hashes, num_perm, 1, backend)


def _from_texts(texts: Sequence[str], backend: Backend) -> None:
    for text in texts:
        signature(shingle_hashes(text, 5), 144, 1, backend)


def pair(similarity: float, *, union: int, rng: np.random.Generator) -> tuple[Hashes, Hashes]:
    """Make two sets of random shingles: round(similarity x union) in common, the rest shared out between them."""
    hashes = rng.integers(0, 2**64, union, dtype=np.uint64)
    common = round(similarity * union)
    middle = common + (union - common) // 2
    return np.sort(hashes[:middle]), np.sort(np.concatenate([hashes[:common], hashes[middle:]]))


def meets(left: Hashes, right: Hashes, minhash: MinHash, backend: Backend) -> bool:
    """Tell whether two sets have a band of their signatures in common."""
    first, second = (
        np.frombuffer(signature(hashes, minhash.num_perm, minhash.seed, backend) or b"", "<u4").reshape(minhash.bands, -1)
        for hashes in (left, right)
    )
    return bool((first == second).all(axis=1).any())


def accuracy(*, pairs: int, union: int) -> None:
    """Print the measured share of pairs that meet in a bucket against 1 - (1 - s^r)^b, and the gap in standard errors."""
    print(f"{pairs:,} pairs a cell, {union:,} shingles in the union\n")
    print("| bands x rows | Jaccard | formula | " + " | ".join(f"{b} | gap" for b in BACKENDS) + " |")
    print("|---|---|---|" + "---|" * (2 * len(BACKENDS)))
    for minhash in SETTINGS[:2]:
        for similarity in SIMILARITIES:
            rng = np.random.default_rng(round(similarity * 100))
            exact = round(similarity * union) / union
            expected = minhash.collision(exact)
            made = [pair(similarity, union=union, rng=rng) for _ in range(pairs)]
            met = [sum(meets(*two, minhash, backend) for two in made) for backend in BACKENDS]
            cells = " | ".join(f"{count / pairs:.4f} | {gap(count, pairs, expected)}" for count in met)
            error = (expected * (1 - expected) / pairs) ** 0.5
            print(f"| {minhash.bands} x {minhash.rows} | {exact:.3f} | {expected:.4f} ± {error:.4f} | {cells} |", flush=True)


def gap(met: int, pairs: int, expected: float) -> str:
    """Write how far a count is from what is expected, in standard errors; where few misses are expected, the misses."""
    misses = pairs * (1 - expected)
    if misses < 10:
        return f"{pairs - met} missed of {misses:.1f} expected"
    return f"{(met - pairs * expected) / (misses * expected) ** 0.5:+.1f}"


def main() -> None:
    """Run one of the two measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "accuracy"))
    parser.add_argument("--documents", type=int, default=400, help="for speed")
    parser.add_argument("--words", type=int, default=500, help="in each of them")
    parser.add_argument("--reference-python", type=Path, help="a Python that has datatrove 0.10.1 and its text dependencies")
    parser.add_argument("--pairs", type=int, default=5000, help="for accuracy: pairs a similarity")
    parser.add_argument("--union", type=int, default=1000, help="shingles in both documents of a pair together")
    arguments = parser.parse_args()
    if arguments.what == "speed":
        speed(generated(arguments.documents, words=arguments.words), reference=arguments.reference_python)
    else:
        accuracy(pairs=arguments.pairs, union=arguments.union)


if __name__ == "__main__":
    main()
