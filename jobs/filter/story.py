"""What explain tells of the filter's decision: every rule, and whether it held."""

from collections.abc import Iterator

from jobs.engine.job import Context
from jobs.engine.story import row_of
from jobs.filter.stage import DECISIONS


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield the decision and the rules."""
    decision = row_of(context.root, DECISIONS, page, chunk=chunk)
    if decision is None:
        return
    yield f"filter    {decision['outcome']}{', ' + decision['reason'] if decision['reason'] else ''}"
    for rule in context.recipe.of(context.stage("filter")):
        state = "BROKEN" if rule.reason in decision["broken"] else "null" if rule.reason in decision["unmeasured"] else "ok"
        yield f"  {state:<8}{rule.reason:<28}{rule.keep}"
