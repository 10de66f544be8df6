"""Measure how well extracted text agrees with gold text, per extractor: bags of tokens, snippets, lines and blocks, CPU time.

    python -m bench.extraction.quality FOLDER [--half tuning] [--kind human] [--variant NAME]... [--limit N] [--json FILE]

FOLDER holds gold.jsonl.gz and the WARC files it names (bench/extraction/extract_gold.py). Choose thresholds on the half "tuning" and
state what "held-out" says of them. A variant is one line of VARIANTS; every page is extracted once for each, in this process.
"""

import argparse
import hashlib
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from typing import get_args

from bench.extraction.score import (
    BLOCK_TAGS,
    GoldPage,
    Half,
    Score,
    blocks_kept,
    line_share,
    load_gold,
    read_blocks,
    score,
    snippets_found,
)
from udfs.page.extractor import ExtractSettings, PageExtractor

VARIANTS = {
    "chain": ExtractSettings(extractor="chain"),
    "traf-precision": ExtractSettings(extractor="trafilatura", favor="precision"),
    "traf-default": ExtractSettings(extractor="trafilatura", favor="default"),
    "traf-recall": ExtractSettings(extractor="trafilatura", favor="recall"),
    "resiliparse": ExtractSettings(extractor="resiliparse"),
}
SCORED_KINDS = {
    "human": "text marked by people: the truth",
    "structural": "the document's own markup without its navigation: no independent truth",
    "expected-output": "what the authors of another extractor expect of it: no independent truth",
    "expected-prefix": "only the beginning of the text: no precision",
}
MIN_GROUP_PAGES = 10
WARM_PAGES = 5
RESAMPLES = 1000


@dataclass(frozen=True)
class Extracted:
    """What one variant made of one page, in CPU milliseconds; the text is empty if there was none or it failed."""

    text: str
    extractor: str  # the one that gave the text, as the page's result names it, or "failed"
    ms: float
    score: Score


Row = dict[str, str | int | float | None]
Tables = dict[str, list[Row]]  # by title
Results = dict[str, dict[str, Extracted]]  # by variant and page id


def main() -> None:
    """Extract the pages, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="where gold.jsonl.gz and its WARC files are")
    parser.add_argument("--half", choices=(*get_args(Half), "all"), default="all", help="which sites (default: all)")
    parser.add_argument(
        "--kind", action="append", choices=(*SCORED_KINDS, "snippets"), help="only gold of this kind; repeatable"
    )
    parser.add_argument(
        "--variant", action="append", choices=tuple(VARIANTS), help="repeatable; the first is what others differ from"
    )
    parser.add_argument("--limit", type=int, help="only so many pages, chosen by a hash of their ids")
    parser.add_argument("--json", type=Path, help="write the tables, unrounded, and every page's F1 there")
    chosen = parser.parse_args()
    pages = [page for page in load_gold(chosen.folder) if chosen.half in (page.half, "all")]
    pages = [page for page in pages if not chosen.kind or page.kind in chosen.kind]
    pages = sorted(pages, key=lambda page: hashlib.sha256(page.id.encode()).digest())[: chosen.limit]
    if not pages:
        parser.error("no gold page is left: ask for more of them with --half, --kind or --limit")
    results = {name: extract_all(pages, VARIANTS[name]) for name in chosen.variant or VARIANTS}
    tables = report(pages, results)
    for title, rows in tables.items():
        print(f"\n{title}\n\n{markdown(rows)}")
    if chosen.json:
        found = {"half": chosen.half, "variants": {name: asdict(VARIANTS[name]) for name in results}, "tables": tables}
        chosen.json.write_text(json.dumps(found | {"pages": page_rows(pages, results)}, indent=1) + "\n", "utf-8")


def extract_all(pages: Sequence[GoldPage], settings: ExtractSettings) -> dict[str, Extracted]:
    """Extract every page once, after a few of them unmeasured."""
    extractor = PageExtractor(settings)
    for page in pages[:WARM_PAGES]:
        extractor.extract(page.request)
    found = {}
    for page in pages:
        began = time.process_time()
        result = extractor.extract(page.request)
        ms = 1000 * (time.process_time() - began)
        text = result.text or ""
        used = "failed" if result.outcome == "failed" else result.extractor or "none"
        found[page.id] = Extracted(text, used, ms, score(text, page.gold))
    return found


def report(pages: Sequence[GoldPage], results: Results) -> Tables:
    """Make every table for which there are pages."""
    tables: Tables = {"CPU milliseconds a page, decoding and metadata included": cost(results)}
    for kind, meaning in SCORED_KINDS.items():
        some = [page for page in pages if page.kind == kind]
        tables[f"{kind} ({meaning})"] = agreement(some, results)
        if kind != "expected-prefix":
            for what, key in (("source", lambda page: page.source), ("language", lambda page: page.language)):
                tables[f"{kind}: F1 by {what}"] = means(some, results, key=key, value=lambda page, one: one.score.f1)
    tables["snippets: share of the strings found, those of all pages together"] = snippets(pages, results)
    whole = [page for page in pages if page.kind != "expected-prefix"]
    tables["lines: share of the gold's lines of 5 tokens or more that are a line of the output, mean over pages"] = means(
        whole, results, key=lambda page: f"{page.kind}, {page.source}", value=lambda page, one: line_share(one.text, page.gold)
    )
    tables["blocks: share of the HTML's innermost elements that are in the gold and the output, mean over pages"] = blocks(
        pages, results
    )
    return {title: rows for title, rows in tables.items() if rows}


def cost(results: Results) -> list[Row]:
    """Give the CPU time a page, per variant."""
    rows: list[Row] = []
    for name, found in results.items():
        times = [one.ms for one in found.values()]
        used = ", ".join(
            f"{extractor} {count}" for extractor, count in Counter(one.extractor for one in found.values()).most_common()
        )
        rows.append({"variant": name, "pages": len(times), "mean": fmean(times), "median": median(times), "text from": used})
    return rows


def agreement(pages: Sequence[GoldPage], results: Results) -> list[Row]:
    """Average over pages; `less` is F1 less that of the first variant, within `low` and `high` in 95 % of resamplings."""
    rows: list[Row] = []
    base = next(iter(results.values()))
    for name, found in results.items() if pages else ():
        scores = [found[page.id].score for page in pages]
        gains: dict[str, list[float]] = defaultdict(list)
        for page in pages:
            gains[page.site].append(found[page.id].score.f1 - base[page.id].score.f1)
        low, high = interval(list(gains.values()))
        row: Row = {"variant": name, "pages": len(pages), "empty": sum(not found[page.id].text for page in pages)}
        row["recall"] = fmean(one.recall for one in scores)
        if pages[0].kind != "expected-prefix":
            row |= {"precision": fmean(one.precision for one in scores), "F1": fmean(one.f1 for one in scores)}
            row |= {"median F1": median(one.f1 for one in scores)}
            row |= {"less": sum(map(sum, gains.values())) / len(pages), "low": low, "high": high}
        rows.append(row)
    return rows


def interval(sites: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Bound the mean over pages by drawing whole sites anew, since the pages of a site fail together; always the same draws."""
    draw = random.Random(0)
    sums = [(sum(values), len(values)) for values in sites]
    drawn = [draw.choices(sums, k=len(sums)) for _ in range(RESAMPLES)]
    totals = sorted(sum(total for total, _ in one) / sum(count for _, count in one) for one in drawn)
    return totals[round(0.025 * RESAMPLES)], totals[round(0.975 * RESAMPLES) - 1]


def means(
    pages: Sequence[GoldPage],
    results: Results,
    *,
    key: Callable[[GoldPage], str | None],
    value: Callable[[GoldPage, Extracted], float | None],
) -> list[Row]:
    """Average a value per variant over groups of at least MIN_GROUP_PAGES pages that have it, the largest group first."""
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for page in pages:
        for name, found in results.items():
            if (number := value(page, found[page.id])) is not None:
                groups[key(page) or "unknown"][name].append(number)
    rows: list[Row] = []
    for group, by_variant in sorted(groups.items(), key=lambda item: (-len(next(iter(item[1].values()))), item[0])):
        count = len(next(iter(by_variant.values())))
        if count >= MIN_GROUP_PAGES:
            rows.append({"group": group, "pages": count, **{name: fmean(values) for name, values in by_variant.items()}})
    return rows


def snippets(pages: Sequence[GoldPage], results: Results) -> list[Row]:
    """Give the shares found of the strings that a page's text must, and must not, contain."""
    some = [page for page in pages if page.must_contain or page.must_not_contain]
    wanted = sum(len(page.must_contain) for page in some)
    unwanted = sum(len(page.must_not_contain) for page in some)
    rows: list[Row] = []
    for name, found in results.items() if wanted and unwanted else ():
        good = sum(snippets_found(found[page.id].text, page.must_contain) for page in some)
        bad = sum(snippets_found(found[page.id].text, page.must_not_contain) for page in some)
        row: Row = {"variant": name, "pages": len(some), "wanted": wanted, "found": good / wanted}
        rows.append(row | {"unwanted": unwanted, "found all the same": bad / unwanted})
    return rows


def blocks(pages: Sequence[GoldPage], results: Results) -> list[Row]:
    """Average over pages, by tag and variant, the shares of wanted elements kept, and kept on lines of their own."""
    shares: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    counts: Counter[tuple[str, str]] = Counter()
    for page in pages:
        there = read_blocks(page) if page.gold else []
        for name, found in results.items():
            for tag, kept in blocks_kept(found[page.id].text, page.gold, there).items():
                shares[tag, name].append((kept.kept / kept.wanted, kept.own_lines / kept.wanted))
                counts[tag, name] += kept.wanted
    rows: list[Row] = []
    for tag, name in [(tag, name) for tag in BLOCK_TAGS for name in results if (tag, name) in shares]:
        kept_shares, own_shares = zip(*shares[tag, name], strict=True)
        row: Row = {"element": tag, "variant": name, "pages": len(kept_shares), "elements": counts[tag, name]}
        rows.append(row | {"kept": fmean(kept_shares), "on lines of its own": fmean(own_shares)})
    return rows


def markdown(rows: Sequence[Row]) -> str:
    """Write rows as a table, fractions with four decimals."""
    cells = [list(rows[0]), ["---"] * len(rows[0])]
    cells += [[f"{value:.4f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def page_rows(pages: Sequence[GoldPage], results: Results) -> list[dict[str, object]]:
    """Give every scored page's F1 by variant."""
    return [
        {"id": page.id, "url": page.url, "kind": page.kind, "source": page.source, "language": page.language, "half": page.half}
        | {"f1": {name: found[page.id].score.f1 for name, found in results.items()}}
        for page in pages
        if page.gold
    ]


if __name__ == "__main__":
    main()
