"""What MinHash finds, what SemDeDup finds, and what neither does: planted pairs, and real texts with transformer vectors.

    python -m bench.semantic.found EMBEDDED.jsonl MODELS

A line of the file has `text` and `v`, its stored vector in hexadecimal; the model is MiniLM, from the folder of models.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.semantic.planted import STORIES, template_pages
from jobs.engine.models import fetch
from udfs.similarity.minhash import shingle_hashes
from udfs.vectors.grid import Grid, cosines, on_grid, products, squared_lengths
from udfs.vectors.kmeans import assign_grid, fit_grid
from udfs.vectors.scheme import EmbeddingScheme
from udfs.vectors.semdedup import Rule, duplicates
from udfs.vectors.transformer import Transformer

TRIED = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
RULES: tuple[Rule, Rule] = ("survivors", "greedy")
NEAR = 0.75  # dedup's own threshold


def jaccard(left: str, right: str) -> float:
    """Measure two texts as dedup does: by shingles of five words."""
    a, b = set(shingle_hashes(left, 5).tolist()), set(shingle_hashes(right, 5).tolist())
    return len(a & b) / len(a | b) if a | b else 0.0


def cosine_matrix(left: Grid, right: Grid) -> np.ndarray:
    """Return all cosines."""
    product = products(left.astype(np.float32), right.astype(np.float32))
    return cosines(product, squared_lengths(left)[:, None], squared_lengths(right)[None])


def embedder(models: Path) -> Transformer:
    """Load MiniLM from the folder of models, where it is fetched if it is not there."""
    model, tokenizer = (fetch(f"all-MiniLM-L6-v2.{kind}", folder=models) for kind in ("safetensors", "tokenizer.json"))
    return Transformer(EmbeddingScheme(model.path, model.sha256, tokenizer.path, tokenizer.sha256, max_tokens=256))


def planted(model: Transformer) -> dict[str, list[tuple[float, float]]]:
    """Return Jaccard and cosine of every planted pair, by kind."""

    def pairs(left: Sequence[str], right: Sequence[str]) -> list[tuple[float, float]]:
        vectors = [on_grid(np.stack([np.asarray(one) for one in model.vectors(list(texts))])) for texts in (left, right)]
        own = np.diagonal(cosine_matrix(*vectors))
        return [(jaccard(a, b), float(c)) for a, b, c in zip(left, right, own, strict=True)]

    texts, frames = [one.text for one in STORIES], template_pages()
    return {
        "paraphrase": pairs(texts, [one.paraphrase for one in STORIES]),
        "translation": pairs(texts, [one.translation for one in STORIES]),
        "template, another town": pairs(frames[:-6], frames[6:]),
        "unlike stories": pairs(texts, texts[1:] + texts[:1]),
    }


def brute(vectors: Grid, *, least: float, rule: str) -> list[int]:
    """Return for each row what `duplicates` should, from the whole matrix of whole numbers; -1 for a row that stays."""
    whole = vectors.astype(np.int64)
    squares = (whole * whole).sum(axis=1).astype(np.float64)
    every = np.triu((whole @ whole.T) / np.sqrt(np.outer(squares, squares)), 1)
    every[every < least] = 0
    found = np.full(len(vectors), -1)
    for row in range(len(vectors)):
        column = every[:row, row] * (found[:row] == -1) if rule == "survivors" else every[:row, row]
        if column.any():
            found[row] = int(column.argmax())
    return [int(one) for one in found]


def real(texts: Sequence[str], vectors: Grid) -> None:
    """Print what each way removes of real texts, and how far clusters part the pairs; show removed pairs to be read."""
    shingles = [frozenset(shingle_hashes(one, 5).tolist()) for one in texts]
    every = cosine_matrix(vectors, vectors)
    earlier, later = np.nonzero(np.triu(every >= min(TRIED), 1))
    alike = np.array(
        [len(shingles[a] & shingles[b]) / max(1, len(shingles[a] | shingles[b])) for a, b in zip(earlier, later, strict=True)]
    )
    centroids = fit_grid(vectors, clusters=round(len(texts) ** 0.5), iterations=20, seed=1)
    cluster, _ = assign_grid(vectors, on_grid(centroids))
    print(f"{len(texts):,} texts, {len(centroids)} clusters")
    print(
        "| min_cosine | pairs | of them at Jaccard 0.75 | in one cluster | survivors drop | greedy drops | clusters unlike brute force |\n"
        "|---|---|---|---|---|---|---|"
    )
    for least in TRIED:
        near = every[earlier, later] >= least
        same = cluster[earlier[near]] == cluster[later[near]]
        gone, wrong = [0, 0], 0
        for one in range(len(centroids)):
            mine = vectors[cluster == one]
            for place, rule in enumerate(RULES):
                by = duplicates(mine, min_cosine=least, rule=rule).by.tolist()
                gone[place] += sum(row >= 0 for row in by)
                wrong += by != brute(mine, least=least, rule=rule)
        counts = f"{gone[0]:,} | {gone[1]:,} | {wrong} of {2 * len(centroids)}"
        print(f"| {least} | {near.sum():,} | {(alike[near] >= NEAR).sum():,} | {same.mean():.1%} | {counts} |")
    order = np.random.default_rng(1).permutation(len(earlier))
    for low, high in ((0.75, 0.8), (0.8, 0.85), (0.85, 0.9), (0.9, 0.95), (0.95, 1.01)):
        shown = [n for n in order if low <= every[earlier[n], later[n]] < high and alike[n] < NEAR][:40]
        for n in shown:
            a, b = (" ".join(texts[at].split())[:160] for at in (earlier[n], later[n]))
            print(
                json.dumps([round(float(every[earlier[n], later[n]]), 3), round(float(alike[n]), 2), a, b], ensure_ascii=False)
            )


def main() -> None:
    """Print the tables."""
    for kind, pairs in planted(embedder(Path(sys.argv[2]))).items():
        jaccards, found = zip(*pairs, strict=True)
        counts = {least: sum(one >= least for one in found) for least in TRIED}
        print(
            f"{kind}: {len(pairs)} pairs; Jaccard {min(jaccards):.2f}-{max(jaccards):.2f}, at {NEAR}: {sum(one >= NEAR for one in jaccards)}"
        )
        print(f"  cosine {min(found):.2f}-{max(found):.2f}, median {sorted(found)[len(found) // 2]:.2f}; at or above {counts}")
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    vectors = np.stack([np.frombuffer(bytes.fromhex(row["v"]), "<f2") for row in rows])
    real([row["text"] for row in rows], on_grid(vectors))


if __name__ == "__main__":
    main()
