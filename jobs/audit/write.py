"""Writes the audit of a run's duplicates below its root, and says what it found."""

import datetime
from collections import Counter
from collections.abc import Iterator

from jobs.audit.examined import examine
from jobs.audit.page import interval, percent, render
from jobs.audit.removals import choose, removals, sizes
from jobs.audit.verdicts import COPIES, LOSSES, Audit, Row, rows_of, worst_first
from jobs.engine.errors import RecipeError
from jobs.engine.job import Context

PAGE = "audit.html"


def audit(context: Context, *, n: int, made: datetime.date | None = None) -> Audit:
    """Compare n of the documents that went as duplicates with those that were kept in their place.

    Raises RecipeError if none went. `made` is the day written on the page (today).
    """
    rows = removals(context)
    strata = sizes(rows) if rows is not None else {}
    if rows is None or not strata:
        raise RecipeError(
            f"{context.root.path} holds no document that was dropped as a duplicate of another, so there is nothing to audit. A recipe "
            f'with [dedup] and mode = "drop" drops some'
        )
    pairs = examine(context, choose(rows, strata, n=n))
    total, by_stratum = rows_of(strata, pairs)
    return Audit(
        recipe=context.recipe.run.name,
        dump=context.recipe.run.dump,
        root=context.root.path,
        made=(made or datetime.datetime.now(datetime.UTC).date()).isoformat(),
        total=total,
        rows=by_stratum,
        pairs={stratum: worst_first([p for p in pairs if p.removal.stratum == stratum]) for stratum in strata},
        missing=dict(Counter(pair.missing for pair in pairs if pair.missing is not None)),
    )


def write_audit(context: Context, *, n: int) -> Iterator[str]:
    """Write audit.html below the root; yield the lines that a terminal shows, the last of them its path."""
    found = audit(context, n=n)
    page = context.root.write_text(PAGE, render(found))
    yield f"{'removals':<28}{'all':>12}{'compared':>10}  lost: nothing / little / much       kept: better / either / worse"
    for row in (found.total, *found.rows.values()):
        yield _line(row)
    for why, count in found.missing.items():
        yield f"{count:,} of the sample could not be compared: {why}"
    yield page


def _line(row: Row) -> str:
    losses = " / ".join(percent(row.losses[name]) for name in LOSSES)
    copies = " / ".join(percent(row.copies[name]) for name in COPIES)
    worse = interval(row.copies["worse"])
    return f"{row.name:<28}{row.size:>12,}{row.compared:>10,}  {losses:<35}{copies}{f' ({worse})' if worse else ''}".rstrip()
