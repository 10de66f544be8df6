"""What explain tells of sampling: every step that saw the document, its value, the cut and the copies."""

from collections.abc import Iterator

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
    for step in decision["steps"]:
        yield f"  {step['step']:<28}value {_number(step['value'])}, cut {_number(step['cut'])}: {_copies(step['copies'])}"


def _copies(count: int) -> str:
    return f"{count:,} {'copy' if count == 1 else 'copies'}"


def _number(value: float | None) -> str:
    """Write a value with six digits; a step without a cut dropped nothing.

    >>> _number(0.0181124), _number(None), _number(12.0)
    ('0.0181124', 'none', '12')
    """
    return "none" if value is None else f"{value:.6g}"
