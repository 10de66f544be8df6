"""What a run will cost, from rates that were measured; see docs/measurements.md for how."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from jobs.plan import Plan
from udfs.documents import FileRange
from udfs.location import LocationError, size

ASKED = 16  # files whose size is asked for; the rest are taken to be like them
# Of gzipped WARC, the CPU of the Python workers through extract and annotate; 28 % of those pages pass the gate: docs/extraction.md
MB_PER_CORE_HOUR_GATED = 7_200.0
MB_PER_CORE_HOUR = 2_050.0
DOLLARS_PER_CORE_HOUR = 0.05


def estimate(plan: Plan, *, gated: bool) -> Iterator[str]:
    """Yield lines saying how many files and bytes a run would read, how many core-hours that takes, and dollars.

    `gated` says whether a gate keeps other languages from the precise extractor.
    """
    ranges = [part for parts in plan.added.values() for part in parts]
    sized = _megabytes(ranges)
    rate = MB_PER_CORE_HOUR_GATED if gated else MB_PER_CORE_HOUR
    hours = sized / rate
    done = sum(len(parts) for parts in plan.known.values())
    yield f"to read   {len(ranges):,} files or ranges, about {sized:,.0f} MB, in {len(plan.added):,} new chunks ({done:,} files planned before)"
    yield (
        f"estimate  {hours:,.1f} core-hours at {rate:,.0f} MB a core-hour, "
        f"{hours * DOLLARS_PER_CORE_HOUR:,.2f} dollars at {DOLLARS_PER_CORE_HOUR} a core-hour"
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
