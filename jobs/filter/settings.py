"""[[filter]]: the rules, in the order in which they are tried."""

from typing import Annotated

from pydantic import AfterValidator, Field

from jobs.recipe.section import Section


class Rule(Section):
    """One filter: keep a document if the SQL over its signals is true."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="what is wrong with a page that breaks the rule")
    keep: str = Field(min_length=1, description="Spark SQL over the signals; null counts as unmeasured, a failure")
    source: str = Field("", description="the paper or code whose rule it is")


def _reasons_are_unique(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    seen: set[str] = set()
    for rule in rules:
        if rule.reason in seen:
            raise ValueError(f"two rules have the reason {rule.reason!r}: a dropped page could not say which it broke")
        seen.add(rule.reason)
    return rules


Rules = Annotated[tuple[Rule, ...], AfterValidator(_reasons_are_unique)]
