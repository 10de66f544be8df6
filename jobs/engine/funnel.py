"""The funnel as text: what came into each stage, what went on, and what fell out for which reason."""

from collections.abc import Iterator
from typing import Any

BAR = 24


def funnel_lines(markers: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield lines for a terminal, from each stage's marker."""
    first = max(1, next((m["ledger"]["in"] for m in markers.values()), 1))
    for name, marker in markers.items():
        ledger = marker["ledger"]
        share = ledger["kept"] / first
        yield f"{name:<9} {ledger['in']:>10,} in  {ledger['kept']:>10,} on  {'█' * round(BAR * share):<{BAR}} {share:6.1%}"
        for outcome in ("dropped", "failed"):
            for reason, count in sorted(ledger[outcome].items(), key=lambda item: (-item[1], item[0])):
                yield f"{'':<9} {count:>10,} {outcome:<7} {reason}"
