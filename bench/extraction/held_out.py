"""Write the texts of the extractors that learned, each page by a model that has not seen its site: what quality.py then scores.

    python -m bench.extraction.held_out DATA --texts FOLDER [--fold 0]... [--column wcxb]...
    python -m bench.extraction.quality DATA --texts FOLDER --column wcxb

A model is trained for each of five folds of the sites, on the gold of all sources. Texts that are there already are replaced. The kinds
of pages are those of the shipped model; bench/extraction/train_page_kind.py reports them held out.
"""

import argparse
from pathlib import Path

import numpy as np

from bench.extraction.block_characters import character_bits
from bench.extraction.block_drills import drill_pages
from bench.extraction.block_rows import rows_of, table_of
from bench.extraction.gold_page import COLUMNS, fold_of
from bench.extraction.gold_sources import load_gold
from bench.extraction.train_blocks import DRILLS, SEED, train
from bench.extraction.variants import Extracted, settled, texts_file, timed, write_texts
from udfs.blocks import characters
from udfs.blocks.extractor import BlockExtractor
from udfs.blocks.model import read_model
from udfs.page.extractor import ExtractSettings

FOLDS = 5
LEARNED = ("blocks", "choice")


def main() -> None:
    """Train a model for each fold, and extract the fold's pages with it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder that holds real/wcxb-dev and real/cc-sample")
    parser.add_argument("--texts", type=Path, required=True, help="where the texts go")
    parser.add_argument("--fold", type=int, action="append", choices=range(FOLDS), help="only this fold; repeatable")
    parser.add_argument("--column", action="append", choices=tuple(COLUMNS), help="extract only this source; repeatable")
    chosen = parser.parse_args()
    pages = load_gold(chosen.data)
    bits = character_bits()
    tables = characters.lookup(bits)
    drills = drill_pages([page.gold for page in pages if page.gold], count=DRILLS, seed=SEED)
    table = table_of(
        [found for page in (*pages, *drills) if page.gold is not None and (found := rows_of(page, tables)) is not None]
    )
    fold_of_row = np.repeat([fold_of(rows.page.site, FOLDS) for rows in table.pages], np.diff(table.bounds))
    found: dict[str, dict[str, Extracted]] = {name: {} for name in LEARNED}
    for fold in chosen.fold or range(FOLDS):
        blocks = BlockExtractor(model=read_model(train(table, bits, fold_of_row != fold)))
        for name in LEARNED:
            extract = settled(ExtractSettings(extractor=name), blocks)
            for page in pages:
                if fold_of(page.site, FOLDS) == fold and (not chosen.column or page.column in chosen.column):
                    found[name][page.id] = timed(extract, page.request)
            write_texts(texts_file(chosen.texts, name), found[name])
        print(f"fold {fold}: {len(found['choice'])} pages so far", flush=True)


if __name__ == "__main__":
    main()
