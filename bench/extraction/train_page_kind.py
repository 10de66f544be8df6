"""Train what names the kind of a page, and report how often it is right on sites held out.

    python -m bench.extraction.train_page_kind DATA [--write]

Every page of a registered domain is in one of five folds; the figures are of pages whose fold was not trained on. --write trains on all
pages and writes udfs/page/page_kinds.json: the same pages give the same bytes.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lightgbm import Booster

from bench.extraction.boosting import Shape, predict, train, write
from bench.extraction.gold_page import GoldPage, fold_of, html_of
from bench.extraction.gold_sources import load_gold
from bench.extraction.tables import Row, markdown
from udfs.blocks.extractor import BlockExtractor
from udfs.page.page_kind import MODEL, features
from udfs.page.parsable_html import parse_page

FOLDS = 5
WEIGHTS = {"wcxb": 1.0, "news": 0.1, "debian": 0.05}  # of other sources one kind alone is known, and few sites
SHAPE = Shape(trees=80, leaves=8, min_pages=10)
PACKAGE = Path(__file__).resolve().parents[2] / "udfs" / "page"


@dataclass(frozen=True)
class Example:
    """One page: what it is, and the numbers that describe it."""

    id: str
    site: str
    column: str
    kind: str
    features: dict[str, float]


def main() -> None:
    """Report what is held out, and write the model if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder that holds real/wcxb-dev and real/cc-sample")
    parser.add_argument("--write", action="store_true", help="train on all pages, and write the model")
    chosen = parser.parse_args()
    found = examples(load_gold(chosen.data, ("wcxb", "news", "debian")))
    print(markdown(report(found)))
    if chosen.write:
        write(PACKAGE / MODEL, fit(found))


def examples(pages: Iterable[GoldPage]) -> list[Example]:
    """Describe every page whose kind is known, and in which anything is visible."""
    blocks = BlockExtractor()
    found: list[Example] = []
    for page in pages:
        html = html_of(page.request)
        parsed = parse_page(html) if html is not None else None
        read = blocks.read(parsed.html, parsed.tree).page if parsed is not None else None
        if page.kind is not None and read is not None:
            found.append(Example(page.id, page.site, page.column, page.kind, features(read)))
    return found


def fit(some: Sequence[Example]) -> dict[str, Booster]:
    """Fit, for each kind of page, whether a page is of it."""
    rows = [example.features for example in some]
    weights = [WEIGHTS[example.column] for example in some]
    kinds = sorted({example.kind for example in some})
    return {kind: train(rows, [float(example.kind == kind) for example in some], weights, SHAPE) for kind in kinds}


def report(some: Sequence[Example]) -> list[Row]:
    """Count for WCXB's pages, by kind, how many are named rightly by a model of other sites, and what they are taken for."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for fold in range(FOLDS):
        boosters = fit([example for example in some if fold_of(example.site, FOLDS) != fold])
        held = [example for example in some if fold_of(example.site, FOLDS) == fold and example.column == "wcxb"]
        values = {kind: predict(booster, [example.features for example in held]) for kind, booster in boosters.items()}
        for place, example in enumerate(held):
            found[example.kind][max(values, key=lambda kind, place=place: values[kind][place])] += 1  # type: ignore[misc]
    rows: list[Row] = []
    for kind, counts in found.items():
        row: Row = {"kind": kind, "pages": counts.total(), "right": counts[kind] / counts.total()}
        rows.append(row | {"taken for": ", ".join(f"{name} {count}" for name, count in counts.most_common(4))})
    right, pages = sum(counts[kind] for kind, counts in found.items()), sum(counts.total() for counts in found.values())
    return [*rows, {"kind": "all", "pages": pages, "right": right / pages}]


if __name__ == "__main__":
    main()
