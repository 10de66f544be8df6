"""The tables of extraction's quality: a row for each extractor, a column for each source, kind of page, language or block."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean, median

from bench.extraction.gold_page import Column, GoldPage
from bench.extraction.score import BLOCK_TAGS, Block, blocks_kept, read_blocks, score, snippets_found, wcxb_score
from bench.extraction.variants import Extracted, Results

MIN_GROUP_PAGES = 10
RESAMPLES = 1000

Row = dict[str, str | int | float | None]
Value = Callable[[GoldPage, Extracted], float | None]


def page_score(page: GoldPage, one: Extracted) -> float | None:
    """Return the score by which a page counts: WCXB's on its own pages, else F1 of tokens; recall where only a prefix is known."""
    if page.gold is None:
        return None
    if page.column == "wcxb":
        return wcxb_score(one.text, page.gold)
    found = score(one.text, page.gold)
    return found.recall if page.column == "prefix" else found.f1


def summary(pages: Sequence[GoldPage], results: Results) -> list[Row]:
    """Make one row for each extractor: scores by source, snippets, blocks kept, empty texts, CPU milliseconds a page."""
    columns = [column for column in dict.fromkeys(page.column for page in pages) if column != "snippets"]
    blocks = block_shares(pages, results)
    rows: list[Row] = []
    for name, found in results.items():
        row: Row = {"extractor": name}
        for column in columns:
            row[column] = mean_of([page for page in pages if page.column == column], found, page_score)
        for source in ("wcxb", "snippets"):
            row |= snippet_shares([page for page in pages if page.column == source], found, name=source)
        for tag in BLOCK_TAGS:
            row[tag] = blocks.get((tag, name))
        row["empty"] = sum(not found[page.id].text for page in pages if page.gold != "")
        rows.append(
            row | {"ms": fmean(one.ms for one in found.values()), "median ms": median(one.ms for one in found.values())}
        )
    return rows


def mean_of(pages: Sequence[GoldPage], found: dict[str, Extracted], value: Value) -> float | None:
    """Average a value over the pages that have it; None if none has."""
    values = [number for page in pages if (number := value(page, found[page.id])) is not None]
    return fmean(values) if values else None


def snippet_shares(pages: Sequence[GoldPage], found: dict[str, Extracted], *, name: str) -> Row:
    """Give the shares found of the strings that the pages' texts must, and must not, contain."""
    wanted = sum(len(page.must_contain) for page in pages)
    unwanted = sum(len(page.must_not_contain) for page in pages)
    if not wanted or not unwanted:
        return {}
    good = sum(snippets_found(found[page.id].text, page.must_contain) for page in pages)
    bad = sum(snippets_found(found[page.id].text, page.must_not_contain) for page in pages)
    return {f"{name} must": good / wanted, f"{name} must not": bad / unwanted}


def block_shares(pages: Sequence[GoldPage], results: Results) -> dict[tuple[str, str], float]:
    """Average over pages, by tag and extractor, the share of the gold's blocks that stand on lines of their own."""
    shares: dict[tuple[str, str], list[float]] = defaultdict(list)
    for page in pages:
        if not page.gold or page.column == "prefix":
            continue
        there: list[Block] = read_blocks(page)
        for name, found in results.items():
            for tag, kept in blocks_kept(found[page.id].text, page.gold, there).items():
                shares[tag, name].append(kept.own_lines / kept.wanted)
    return {key: fmean(values) for key, values in shares.items()}


def by_group(
    pages: Sequence[GoldPage], results: Results, *, group: Callable[[GoldPage], str | None], value: Value = page_score
) -> list[Row]:
    """Average a value by extractor (rows) and group (columns) of at least MIN_GROUP_PAGES pages, the largest group first."""
    counts = Counter(name for page in pages if page.gold is not None and (name := group(page)))
    rows: list[Row] = []
    for name, found in results.items():
        row: Row = {"extractor": name}
        for label, count in counts.most_common():
            if count >= MIN_GROUP_PAGES:
                row[f"{label} ({count})"] = mean_of([page for page in pages if group(page) == label], found, value)
        rows.append(row)
    return rows


def differences(pages: Sequence[GoldPage], results: Results, *, column: Column) -> list[Row]:
    """Give each extractor's score less that of the first; within `low` and `high` it is in 95 % of resamplings of whole sites."""
    some = [page for page in pages if page.column == column and page.gold is not None]
    base = next(iter(results.values()))
    rows: list[Row] = []
    for name, found in results.items() if some else ():
        gains: dict[str, list[float]] = defaultdict(list)
        for page in some:
            ours, theirs = page_score(page, found[page.id]), page_score(page, base[page.id])
            gains[page.site].append((ours or 0.0) - (theirs or 0.0))
        low, high = interval(list(gains.values()))
        rows.append({"extractor": name, "less the first": sum(map(sum, gains.values())) / len(some), "low": low, "high": high})
    return rows


def interval(sites: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Bound the mean over pages by drawing whole sites anew, since the pages of a site fail together; always the same draws."""
    draw = random.Random(0)
    sums = [(sum(values), len(values)) for values in sites]
    drawn = [draw.choices(sums, k=len(sums)) for _ in range(RESAMPLES)]
    totals = sorted(sum(total for total, _ in one) / sum(count for _, count in one) for one in drawn)
    return totals[round(0.025 * RESAMPLES)], totals[round(0.975 * RESAMPLES) - 1]


def used(results: Results) -> list[Row]:
    """Count which extractor gave the texts of each variant."""
    rows: list[Row] = []
    for name, found in results.items():
        counts = Counter(one.extractor for one in found.values()).most_common()
        rows.append({"extractor": name, "text from": ", ".join(f"{label} {count}" for label, count in counts)})
    return rows


def markdown(rows: Sequence[Row]) -> str:
    """Write rows as a table, fractions with three decimals."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    cells = [heads, ["---"] * len(heads)]
    cells += [[_cell(row.get(head)) for head in heads] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _cell(value: str | int | float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
