"""Train what chooses between a page's texts and what names its kind, report what they do on sites held out, write both models.

    python -m bench.extraction.train_choice DATA --kept FOLDER [--write]

Every page of a registered domain is in one of five folds; the figures are of pages whose fold was not trained on. --write trains on all
pages and writes udfs/page/choice.json and udfs/page/page_kinds.json: the same pages give the same bytes.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from lightgbm import Booster

from bench.extraction.boosting import Shape, predict, train, write
from bench.extraction.choice_examples import Example, examples
from bench.extraction.gold_page import fold_of
from bench.extraction.gold_sources import load_gold
from bench.extraction.tables import Row, markdown
from udfs.page.choice import FIRST, KINDS_MODEL, MODEL

FOLDS = 5
MIN_PAGES = 10  # of a group that is reported
WEIGHTS = {"wcxb": 1.0, "news": 0.5, "expected": 0.5, "debian": 0.2, "human-rights": 0.2}
CHOICE_SHAPE = Shape()
KIND_SHAPE = Shape(trees=80, leaves=8, min_pages=10)
PACKAGE = Path(__file__).resolve().parents[2] / "udfs" / "page"

Scores = list[dict[str, float]]  # by target, for each example
Fit = Callable[[Sequence[Example]], dict[str, Booster]]


def main() -> None:
    """Report what is held out, and write the models if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder that holds real/wcxb-dev and real/cc-sample")
    parser.add_argument("--kept", type=Path, required=True, help="where what was extracted is kept between runs")
    parser.add_argument("--write", action="store_true", help="train on all pages, and write the models")
    chosen = parser.parse_args()
    found = examples(load_gold(chosen.data), chosen.kept / "choice.jsonl.gz")
    kinds = [example for example in found if example.kind is not None]
    print(markdown(choice_report(found, held_out(found, train_choice))))
    print("\n" + markdown(kind_report(kinds, held_out(kinds, train_kinds))))
    if chosen.write:
        write(PACKAGE / MODEL, train_choice(found))
        write(PACKAGE / KINDS_MODEL, train_kinds(kinds))


def train_choice(some: Sequence[Example]) -> dict[str, Booster]:
    """Fit, for each proposal but the first, what its score is above the first's."""
    rows = [example.features for example in some]
    weights = [WEIGHTS[example.column] for example in some]
    targets = [name for name in some[0].scores if name != FIRST]
    return {
        name: train(rows, [example.scores[name] - example.scores[FIRST] for example in some], weights, CHOICE_SHAPE)
        for name in targets
    }


def train_kinds(some: Sequence[Example]) -> dict[str, Booster]:
    """Fit, for each kind of page, whether a page is of it."""
    rows = [example.features for example in some]
    weights = [1.0 if example.column == "wcxb" else 0.1 for example in some]
    kinds = sorted({example.kind for example in some if example.kind})
    return {kind: train(rows, [float(example.kind == kind) for example in some], weights, KIND_SHAPE) for kind in kinds}


def held_out(some: Sequence[Example], fit: Fit) -> Scores:
    """Predict every example's targets by models that saw no page of its fold."""
    folds = [fold_of(example.site, FOLDS) for example in some]
    found: Scores = [{} for _ in some]
    for fold in range(FOLDS):
        boosters = fit([example for example, own in zip(some, folds, strict=True) if own != fold])
        places = [place for place, own in enumerate(folds) if own == fold]
        for target, booster in boosters.items():
            for place, value in zip(places, predict(booster, [some[place].features for place in places]), strict=True):
                found[place][target] = value
    return found


def choice_report(some: Sequence[Example], predicted: Scores) -> list[Row]:
    """Compare by source and kind the proposal chosen with each of them, and with the best page by page."""
    groups: dict[str, list[dict[str, float]]] = defaultdict(list)
    for example, gains in zip(some, predicted, strict=True):
        scores = example.scores
        chosen = max(scores, key=lambda name: {FIRST: 0.0, **gains}[name])
        values = {"chosen": scores[chosen], "best": max(scores.values()), **scores}
        for group in (example.column, f"{example.column} {example.kind if example.column == 'wcxb' else example.language}"):
            groups[group].append(values)
    names = list(next(iter(groups.values()))[0])
    rows: list[Row] = []
    for group, found in groups.items():
        if len(found) >= MIN_PAGES:
            row: Row = {"group": group, "pages": len(found)}
            rows.append(row | {name: fmean(scores[name] for scores in found) for name in names})
    return rows


def kind_report(some: Sequence[Example], predicted: Scores) -> list[Row]:
    """Count for WCXB's pages, by kind, how many are named rightly, and what the others are taken for."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for example, values in zip(some, predicted, strict=True):
        if example.column == "wcxb":
            found[str(example.kind)][max(values, key=lambda kind: values[kind])] += 1
    rows: list[Row] = []
    for kind, counts in found.items():
        row: Row = {"kind": kind, "pages": counts.total(), "right": counts[kind] / counts.total()}
        rows.append(row | {"taken for": ", ".join(f"{name} {count}" for name, count in counts.most_common(4))})
    right, pages = sum(counts[kind] for kind, counts in found.items()), sum(counts.total() for counts in found.values())
    return [*rows, {"kind": "all", "pages": pages, "right": right / pages}]


if __name__ == "__main__":
    main()
