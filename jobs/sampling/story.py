"""What explain tells of sampling: every step that saw the document, its value, the cut and the copies; and what a step lacked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs.engine.job import Context
from jobs.engine.story import row_of
from jobs.sampling.expressions import asked
from jobs.sampling.pool import column
from jobs.sampling.settings import Step
from jobs.sampling.stage import folder_of
from jobs.sampling.tables import DECISIONS


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield the decision, and each step."""
    decision = row_of(context.root, DECISIONS, page, chunk=chunk)
    if decision is None:
        return
    reason = f", {decision['reason']}" if decision["reason"] else ""
    copies = f", {_copies(decision['copies'])}" if decision["outcome"] == "kept" else ""
    bucket = f", bucket {decision['bucket']}" if decision["bucket"] is not None else ""
    yield f"sampling  {decision['outcome']}{reason}{copies}{bucket}"
    seen = {step["step"]: step for step in decision["steps"]}
    steps = context.recipe.of(context.stage("sampling"))
    reached = (
        len(steps) if decision["outcome"] == "kept" else max([n + 1 for n, one in enumerate(steps) if one.name in seen] or [0])
    )
    answers = _answers(context, page, chunk) if decision["outcome"] == "failed" else {}
    lacked = next((place for place in range(len(steps)) if answers and answers[column("applies", place)] is None), None)
    for step in steps[: reached if lacked is None else lacked]:
        yield f"  {step.name:<28}{_told(seen.get(step.name))}"
    if lacked is not None:
        yield f"  {steps[lacked].name:<28}failed here: {' and '.join(lacking(steps[lacked], lacked, answers))} gave no number or name"


def lacking(step: Step, place: int, answers: Mapping[str, Any]) -> Sequence[str]:
    """Return the SQL of a step that had no answer for a document. The pool has no column of `where`, so that is it if nothing else is."""
    nulls = [repr(sql) for role, sql in asked(step).every() if role != "where" and answers[column(role, place)] is None]
    return nulls or [f"where {step.meant!r}"]


def _answers(context: Context, page: str, chunk: str) -> Mapping[str, Any]:
    """Return what the steps asked of a document, from the pool that the finished stage has left; nothing if it is gone."""
    marker = context.root.markers.stage(DECISIONS.path) or {}
    pool = context.root.product(f"{folder_of(str(marker.get('fingerprint')))}/pool")
    row = pool.where((pool["id"] == page) & (pool["chunk"] == chunk)).first() if pool is not None else None
    return row.asDict() if row is not None else {}


def _told(step: Mapping[str, Any] | None) -> str:
    if step is None:
        return "outside of where"
    return f"value {_number(step['value'])}, cut {_number(step['cut'])}: {_copies(step['copies'])}"


def _copies(count: int) -> str:
    return f"{count:,} {'copy' if count == 1 else 'copies'}"


def _number(value: float | None) -> str:
    """Write a value with six digits; a step without a cut dropped nothing.

    >>> _number(0.0181124), _number(None), _number(12.0)
    ('0.0181124', 'none', '12')
    """
    return "none" if value is None else f"{value:.6g}"
