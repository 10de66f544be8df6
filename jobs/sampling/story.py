"""What explain tells of sampling: every step that saw the document, its value, the cut and the copies."""

from collections.abc import Iterator, Mapping
from typing import Any

from jobs.engine.job import Context
from jobs.engine.story import row_of
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
    for step in steps[:reached]:
        yield f"  {step.name:<28}{_told(seen.get(step.name))}"


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
