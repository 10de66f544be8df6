"""What explain tells of the filter's decision: every rule, and whether it held."""

from collections.abc import Iterator, Mapping
from typing import Any

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
        where = f"   where {rule.meant}" if rule.meant is not None else ""
        yield f"  {_state(rule.reason, decision):<8}{rule.reason:<28}{rule.keep}{where}"


def _state(reason: str, decision: Mapping[str, Any]) -> str:
    """Say how a rule held: BROKEN, null (not measured), outside (the page is not one that the rule is meant for) or ok."""
    named = {"broken": "BROKEN", "unmeasured": "null", "outside": "outside"}
    return next((shown for column, shown in named.items() if reason in (decision[column] or ())), "ok")
