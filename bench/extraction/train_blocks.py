"""Train the model of `extractor = "blocks"` on all gold, or measure it on sites that it has not seen.

    python -m bench.extraction.train_blocks DATA --out udfs/blocks/model.npz
    python -m bench.extraction.train_blocks DATA --folds 5

DATA is the folder of shared data. LightGBM and the pages of formasaurus (gold_read.py) are needed, for training alone. The same data and versions give the same bytes. With --folds
nothing is written: each fold's sites are scored by a model of the others.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from bench.extraction.block_characters import character_bits
from bench.extraction.block_drills import drill_pages
from bench.extraction.block_forest import Growth, Rows, grow, model_bytes
from bench.extraction.block_rows import PageRows, Table, rows_of, table_of
from bench.extraction.gold_page import Column, GoldPage, fold_of
from bench.extraction.gold_sources import load_gold
from bench.extraction.score import tokens
from udfs.blocks.characters import character_table
from udfs.blocks.choice import choose
from udfs.blocks.model import read_model
from udfs.blocks.rules import mend
from udfs.blocks.trees import scores

LEAST = 0.1  # a page of which no block is this probable has no text
DRILLS = 600
SOURCES: tuple[Column, ...] = ("wcxb", "news", "human-rights", "debian", "expected", "read", "forms")
SEED = 1


def main() -> None:
    """Read the gold, then train or measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder of shared data")
    parser.add_argument("--out", type=Path, help="write the model of all gold there")
    parser.add_argument("--folds", type=int, default=0, help="print scores of held-out sites, in so many folds")
    parser.add_argument("--every", type=int, default=1, help="use every so-manieth page only, to try things out")
    chosen = parser.parse_args()
    bits = character_bits()
    table = read_table(load_gold(chosen.data, SOURCES)[:: chosen.every], bits, drills=DRILLS // chosen.every)
    print(f"{len(table.pages):,} pages, {len(table.labels):,} blocks, {len(table.names)} features")
    if chosen.out:
        chosen.out.write_bytes(train(table, bits, np.ones(len(table.labels), dtype=bool)))
    if chosen.folds:
        measure(table, bits, folds=chosen.folds)


def read_table(pages: Sequence[GoldPage], bits: np.ndarray, *, drills: int = DRILLS) -> Table:
    """Turn gold pages, and drills made of their texts, into rows."""
    made = drill_pages([page.gold for page in pages if page.gold], count=drills, seed=SEED)
    counted = character_table(bits)
    return table_of([found for page in (*pages, *made) if (found := rows_of(page, counted)) is not None])


def train_without(fold: int, table: Table, bits: np.ndarray, *, folds: int) -> bytes:
    """Train on the sites of all folds but one."""
    held = np.array([fold_of(rows.page.site or rows.page.id, folds) == fold for rows in table.pages])
    return train(table, bits, np.repeat(~held, np.diff(table.bounds)))


def train(table: Table, bits: np.ndarray, rows: np.ndarray) -> bytes:
    """Train on some rows; return a model file."""
    forest = grow(Rows(table.features[rows], table.labels[rows], table.weights[rows]), Growth())
    return model_bytes(forest, table.names, bits, least=LEAST)


def measure(table: Table, bits: np.ndarray, *, folds: int) -> None:
    """Print the mean F1 of pages by source, kind and language, each page scored by a model that has not seen its site."""
    fold = np.array([fold_of(rows.page.site or rows.page.id, folds) for rows in table.pages])
    found: dict[str, list[float]] = defaultdict(list)
    for one in range(folds):
        model = read_model(train_without(one, table, bits, folds=folds))
        wanted = [table.names.index(name) for name in model.features]
        for place in np.flatnonzero(fold == one).tolist():
            rows = table.pages[place]
            features = table.features[table.bounds[place] : table.bounds[place + 1], wanted]
            probability = model.probabilities(scores(model.forest, np.ascontiguousarray(features.T)))
            kept = mend(rows.read, choose(probability, rows.sizes, least=model.least), probability)
            for group in groups_of(rows):
                found[group].append(f1(rows, kept.tolist()))
    for group, values in sorted(found.items()):
        print(f"{group:40} {len(values):5} {fmean(values):.4f}")


def groups_of(rows: PageRows) -> Sequence[str]:
    """Name the groups that a page is counted in."""
    page = rows.page
    return [
        f"{page.column}, {page.source}",
        page.column,
        f"{page.column}, {page.kind or 'any kind'}",
        f"{page.column}, language {page.language or 'unknown'}",
    ]


def f1(rows: PageRows, kept: Sequence[bool]) -> float:
    """Return the F1 of bags of tokens of the kept blocks; an empty gold text wants an empty answer."""
    gold = Counter(tokens(rows.page.gold or ""))
    ours = Counter(word for words, keep in zip(rows.words, kept, strict=True) if keep for word in words)
    if not gold:
        return float(not ours)
    return 2 * (gold & ours).total() / (gold.total() + ours.total())


if __name__ == "__main__":
    main()
