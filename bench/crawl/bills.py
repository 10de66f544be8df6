"""Set the bills that others have published for the dedup of crawls beside what ours is reckoned to cost."""

from collections.abc import Iterator
from dataclasses import dataclass

# Measured, bench/results/dedup.md: a million documents, planted giants; signatures, and the join
SIGNATURE_CORE_MS, JOIN_CORE_MS = 0.66, 1.02


@dataclass(frozen=True)
class Bill:
    """One published run: documents, virtual cores, hours by the clock, and dollars."""

    name: str
    documents: int
    cores: int
    hours: float
    dollars: float


# README of distributed-curator 0.1.6: 9 r5ad.8xlarge and 63 r6gd.8xlarge, of 32 virtual cores each
PUBLISHED = (
    Bill("distributed-curator", documents=253_000_000, cores=9 * 32, hours=1.5, dollars=50),
    Bill("distributed-curator", documents=2_530_000_000, cores=63 * 32, hours=4.5, dollars=620),
)


def bills_table(core_hour: float) -> Iterator[str]:
    """Yield a row for each published bill, and one for ours at a price of a core-hour."""
    yield "| dedup of | documents | virtual cores | hours | documents/s/core | dollars a million |"
    yield "|---|---|---|---|---|---|"
    for bill in PUBLISHED:
        rate = bill.documents / (bill.cores * bill.hours * 3600)
        dollars = bill.dollars / bill.documents * 1e6
        yield f"| {bill.name} | {bill.documents / 1e6:,.0f} million | {bill.cores:,} | {bill.hours} | {rate:,.0f} | {dollars:.3f} |"
    core_ms = SIGNATURE_CORE_MS + JOIN_CORE_MS
    yield f"| gristmill, derived | 1 million | 2 | – | {1000 / core_ms:,.0f} | {core_ms * 1000 / 3600 * core_hour:.3f} |"
