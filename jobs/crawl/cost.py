"""What a run will cost, from rates that were measured; see docs/measurements.md for how."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from jobs.engine.plan import Plan
from jobs.recipe.recipe import Recipe
from udfs.corpus.formats import JSON_NAMES, PARQUET_NAMES, is_named
from udfs.documents.file_row import FileRange
from udfs.page.main_text import Extractor
from udfs.reading.location import LocationError, size
from udfs.reading.seekable import BLOCK_BYTES

ASKED = 16  # files whose size is asked for; the rest are taken to be like them
# Of gzipped WARC, through extract and annotate, by the CPU of the Python workers: with a gate for languages, which 28 % of those pages
# pass, and without. Both cores of the machine were at work: docs/extraction.md
GATED_MB_PER_CORE_HOUR: dict[Extractor, float] = {
    "trafilatura": 16_100.0,
    "choice": 14_450.0,
    "blocks": 21_100.0,
    "resiliparse": 29_750.0,
}
MB_PER_CORE_HOUR: dict[Extractor, float] = {
    "trafilatura": 5_750.0,
    "choice": 4_850.0,
    "blocks": 8_750.0,
    "resiliparse": 12_250.0,
}
# Of a corpus's text through read and annotate, and how much text a file holds for its size: bench/results/read.md
TEXT_MB_PER_CORE_HOUR = 5_400.0
TEXT_OF_PARQUET, TEXT_OF_PACKED, TEXT_OF_PLAIN = 1.8, 2.6, 1.0
# A core waits for the first byte of an answer and then for the bytes: Amazon's figures are 0.1 to 0.2 s, and 85 to 90 MB/s a connection
REQUEST_S = 0.1
MB_PER_S = 80.0


@dataclass(frozen=True)
class Reading:
    """Say what the new chunks of a plan ask of the store and of the cores."""

    files: int
    requests: int
    mb_requested: float
    mb_worked: float  # gzipped WARC, or the text of a corpus
    records: int | None = None  # chosen by [extract.index_filter]


def estimate(plan: Plan, recipe: Recipe) -> Iterator[str]:
    """Yield lines saying what a run would read, how many core-hours that takes, and what it costs by [prices]."""
    of_text = "extract" not in recipe.sections
    reading = _chosen(plan) if plan.selection is not None else _corpus(plan) if of_text else _whole(plan)
    rate = TEXT_MB_PER_CORE_HOUR if of_text else _rate_of_warc(plan, recipe)
    waiting_s = reading.requests * REQUEST_S + reading.mb_requested / MB_PER_S
    hours = reading.mb_worked / rate + waiting_s / 3600
    done = sum(len(parts) for parts in plan.known.values())
    chosen = f", {reading.records:,} chosen records of {reading.mb_worked:,.0f} MB" if reading.records is not None else ""
    work = f"read and annotate about {reading.mb_worked:,.0f} MB of text" if of_text else "extract and annotate"
    yield (
        f"to read   {reading.files:,} files or ranges{chosen}, about {reading.mb_requested:,.0f} MB by {reading.requests:,} requests, "
        f"in {len(plan.added):,} new chunks ({done:,} files planned before)"
    )
    yield (
        f"estimate  {hours:,.1f} core-hours for {work}, {waiting_s / 3600:,.1f} of them waiting: {rate:,.0f} MB in one, {REQUEST_S} s for "
        f"each request, {MB_PER_S:.0f} MB/s"
    )
    prices = recipe.prices
    parts = (
        hours * prices.core_hour,
        reading.requests / 1000 * prices.per_1000_requests,
        reading.mb_requested / 1024 * prices.per_gb,
    )
    yield (
        f"price     {sum(parts):,.2f} dollars: {parts[0]:,.2f} for cores at {prices.core_hour} an hour, {parts[1]:,.4f} for requests at "
        f"{prices.per_1000_requests} a thousand, {parts[2]:,.2f} for bytes at {prices.per_gb} a GB"
    )


def _rate_of_warc(plan: Plan, recipe: Recipe) -> float:
    """Return the rate of the recipe's extractor for a crawl; what is chosen by its language or type passes a gate for the most part."""
    extract = recipe.sections["extract"]
    gated = extract.gate is not None and bool(extract.gate.languages) and plan.selection is None
    return (GATED_MB_PER_CORE_HOUR if gated else MB_PER_CORE_HOUR)[extract.extractor]


def _chosen(plan: Plan) -> Reading:
    assert plan.selection is not None
    warcs = [plan.selection.warcs[str(part.warc)] for parts in plan.added.values() for part in parts]
    return Reading(
        files=len(warcs),
        requests=sum(warc.requests for warc in warcs),
        mb_requested=sum(warc.bytes_requested for warc in warcs) / (1 << 20),
        mb_worked=sum(warc.bytes_records for warc in warcs) / (1 << 20),
        records=sum(warc.records for warc in warcs),
    )


def _whole(plan: Plan) -> Reading:
    ranges = [part for parts in plan.added.values() for part in parts]
    megabytes = _megabytes(ranges)
    # a range that begins in the middle looks at the file's beginning first
    requests = sum(2 if part.start else 1 for part in ranges)
    return Reading(files=len(ranges), requests=requests, mb_requested=megabytes, mb_worked=megabytes)


def _corpus(plan: Plan) -> Reading:
    """Take Parquet for read in blocks after its footer, and JSONL for read by one request."""
    ranges = [part for parts in plan.added.values() for part in parts]
    parquet = [part for part in ranges if is_named(part.file_path, PARQUET_NAMES)]
    plain = [part for part in ranges if is_named(part.file_path, JSON_NAMES)]
    packed = [part for part in ranges if not is_named(part.file_path, (*PARQUET_NAMES, *JSON_NAMES))]
    of_parquet, of_packed, of_plain = _megabytes(parquet), _megabytes(packed), _megabytes(plain)
    return Reading(
        files=len(ranges),
        requests=len(ranges) + len(parquet) + math.ceil(of_parquet * (1 << 20) / BLOCK_BYTES),
        mb_requested=of_parquet + of_packed + of_plain,
        mb_worked=of_parquet * TEXT_OF_PARQUET + of_packed * TEXT_OF_PACKED + of_plain * TEXT_OF_PLAIN,
    )


def _megabytes(ranges: list[FileRange]) -> float:
    known = [part.end - part.start for part in ranges if part.end is not None]
    whole = [part.file_path for part in ranges if part.end is None]
    step = max(1, len(whole) // ASKED)
    with ThreadPoolExecutor(ASKED) as pool:
        sizes = [s for s in pool.map(_size, whole[::step][:ASKED]) if s is not None]
    typical = sum(sizes) / len(sizes) if sizes else 0.0
    return (sum(known) + typical * len(whole)) / (1 << 20)


def _size(location: str) -> int | None:
    try:
        return size(location)
    except LocationError:
        return None
