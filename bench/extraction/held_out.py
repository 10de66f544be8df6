"""Extract every gold page by a model that has seen no page of its site, for bench/extraction/quality.py to score.

    python -m bench.extraction.held_out DATA --models FOLDER --texts FOLDER [--extractor choice]...
    python -m bench.extraction.quality DATA --texts FOLDER --extractor choice --extractor blocks

The first command trains a model a fold of sites unless FOLDER has it, for which LightGBM is needed. It runs the product with that model,
and writes the texts. The second prints every table from them: scores, structure, snippets. The model of the kind of page is the shipped
one, which has seen the pages. So have the drills seen the gold's paragraphs.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from bench.extraction.gold_page import GoldPage, fold_of
from bench.extraction.gold_sources import load_gold
from bench.extraction.variants import Extracted, settled, texts_file, timed, write_texts
from udfs.blocks.extractor import BlockExtractor
from udfs.blocks.model import read_model
from udfs.page.extractor import ExtractSettings

FOLDS = 5
Learned = Literal["blocks", "choice"]


def main() -> None:
    """Train what is missing, extract, and write the texts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder of shared data")
    parser.add_argument("--models", type=Path, required=True, help="the folder of the folds' models")
    parser.add_argument("--texts", type=Path, required=True, help="the folder where the texts go")
    parser.add_argument("--extractor", action="append", choices=get_args(Learned), help="repeatable; both if not given")
    chosen = parser.parse_args()
    pages = load_gold(chosen.data)
    train_missing(chosen.data, chosen.models)
    for name in chosen.extractor or get_args(Learned):
        write_texts(texts_file(chosen.texts, name), held_out(pages, name, chosen.models))


def train_missing(data: Path, models: Path) -> None:
    """Train the models that the folder lacks."""
    missing = [fold for fold in range(FOLDS) if not _file(models, fold).exists()]
    if not missing:
        return
    from bench.extraction.block_characters import character_bits
    from bench.extraction.train_blocks import SOURCES, read_table, train_without

    bits = character_bits()
    table = read_table(load_gold(data, SOURCES), bits)
    models.mkdir(parents=True, exist_ok=True)
    for fold in missing:
        _file(models, fold).write_bytes(train_without(fold, table, bits, folds=FOLDS))


def held_out(pages: Sequence[GoldPage], name: Learned, models: Path) -> dict[str, Extracted]:
    """Extract each page by the model of its fold."""
    found: dict[str, Extracted] = {}
    for fold in range(FOLDS):
        blocks = BlockExtractor(read_model(_file(models, fold).read_bytes()))
        extract = settled(ExtractSettings(extractor=name), blocks=blocks)
        found |= {page.id: timed(extract, page.request) for page in pages if fold_of(page.site, FOLDS) == fold}
    return found


def _file(models: Path, fold: int) -> Path:
    return models / f"without-fold-{fold}.npz"


if __name__ == "__main__":
    main()
