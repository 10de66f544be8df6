"""Hold extractors against gold text by source, kind of page and language: bags of words, snippets, blocks on their own lines, CPU time.

    python -m bench.extraction.quality DATA [--column wcxb] [--extractor NAME]... [--texts FOLDER] [--limit N] [--json FILE]

DATA holds real/wcxb-dev and real/cc-sample (bench/extraction/gold_sources.py). Every page is extracted once for each
extractor, in this process; with --texts the texts are kept, and a second run reads them.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from bench.extraction.gold_page import COLUMNS, IN_DATA, GoldPage
from bench.extraction.gold_sources import load_gold
from bench.extraction.tables import Row, by_group, differences, markdown, page_score, summary, used
from bench.extraction.variants import VARIANTS, Results, extract_all


def main() -> None:
    """Extract the pages, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder that holds real/wcxb-dev and real/cc-sample")
    parser.add_argument("--column", action="append", choices=tuple(COLUMNS), help="only this source of gold; repeatable")
    parser.add_argument("--extractor", action="append", choices=tuple(VARIANTS), help="repeatable; the first is the measure")
    parser.add_argument("--texts", type=Path, help="keep the texts there, and read those that are there")
    parser.add_argument("--limit", type=int, help="only so many pages, chosen by a hash of their ids")
    parser.add_argument("--json", type=Path, help="write the tables, unrounded, and every page's score there")
    chosen = parser.parse_args()
    pages = load_gold(chosen.data, chosen.column or IN_DATA)
    pages = sorted(pages, key=lambda page: hashlib.sha256(page.id.encode()).digest())[: chosen.limit]
    results = {name: extract_all(pages, name, chosen.texts) for name in chosen.extractor or VARIANTS}
    tables = report(pages, results)
    for title, rows in tables.items():
        print(f"\n{title}\n\n{markdown(rows)}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"tables": tables, "pages": page_rows(pages, results)}, indent=1) + "\n", "utf-8")


def report(pages: Sequence[GoldPage], results: Results) -> dict[str, list[Row]]:
    """Make every table for which there are pages."""
    wcxb = [page for page in pages if page.column == "wcxb"]
    others = [page for page in pages if page.column != "wcxb"]
    tables = {
        "Scores by source": summary(pages, results),
        "WCXB by kind of page": by_group(wcxb, results, group=lambda page: page.kind),
        "Other gold by source and language": by_group(others, results, group=lambda page: f"{page.source} {page.language}"),
        "WCXB, difference": differences(pages, results, column="wcxb"),
        "News, difference": differences(pages, results, column="news"),
        "Who gave the text": used(results),
    }
    return {title: rows for title, rows in tables.items() if rows}


def page_rows(pages: Sequence[GoldPage], results: Results) -> list[dict[str, object]]:
    """Give every scored page's score by extractor."""
    return [
        {"id": page.id, "url": page.url, "column": page.column, "kind": page.kind, "language": page.language}
        | {"scores": {name: page_score(page, found[page.id]) for name, found in results.items()}}
        for page in pages
        if page.gold is not None
    ]


if __name__ == "__main__":
    main()
