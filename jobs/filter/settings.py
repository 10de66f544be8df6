"""[[filter]]: the rules, in the order in which they are tried."""

import math
import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from jobs.recipe.section import Section
from jobs.recipe.where import HOSTS, NOT_HOSTS, meant

_THRESHOLD = re.compile(r"\bthreshold\b")


def _by_language(values: dict[str, float] | None) -> dict[str, float] | None:
    if values is not None and "default" not in values:
        raise ValueError("needs a default, for languages that it does not name")
    wrong = [label for label in values or () if not re.fullmatch(r"[A-Za-z][A-Za-z_-]*", label)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no label of a language")
    endless = [label for label, value in (values or {}).items() if not math.isfinite(value)]
    if endless:
        raise ValueError(f"the threshold of {endless[0]!r} is no finite number, and no page could be held to it. Give a number")
    return values


class Rule(Section):
    """One filter: keep a document if the SQL over its signals is true, or if the filter is not meant for it."""

    reason: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="what is wrong with a page that breaks the rule")
    keep: str = Field(min_length=1, description="Spark SQL over signals and columns; null counts as unmeasured, a failure")
    where: str | None = Field(
        None, min_length=1, description="Spark SQL; a page for which it is false passes the rule untouched. None: all pages"
    )
    hosts: str | None = Field(None, min_length=1, description=HOSTS)
    not_hosts: str | None = Field(None, min_length=1, description=NOT_HOSTS)
    source: str = Field("", description="the paper or code whose rule it is")
    threshold: Annotated[dict[str, float] | None, AfterValidator(_by_language)] = Field(
        None,
        description="what `threshold` in keep stands for, by the model's label of the language; default is that of all others",
    )

    @model_validator(mode="after")
    def _threshold_is_used(self) -> "Rule":
        if self.threshold is not None and not _THRESHOLD.search(self.keep):
            raise ValueError(
                f"filter {self.reason!r} has a threshold, and keep does not name it, so it would decide nothing. Write `threshold` in keep"
            )
        return self

    @property
    def meant(self) -> str | None:
        """Return SQL that says for which pages the rule is meant; None: for all."""
        return meant(self.where, hosts=self.hosts, not_hosts=self.not_hosts)

    @property
    def sql(self) -> str:
        """Return the rule as Spark evaluates it: true for a page that it is not meant for, null where that is unknown."""
        meant = self.meant
        return self.kept if meant is None else f"CASE WHEN NOT ({meant}) THEN true WHEN {meant} THEN ({self.kept}) END"

    @property
    def kept(self) -> str:
        """Return `keep` with its thresholds put in."""
        if self.threshold is None:
            return self.keep
        others = f"{self.threshold['default']!r}D"
        named = ", ".join(f"'{label}', {value!r}D" for label, value in self.threshold.items() if label != "default")
        chosen = f"coalesce(element_at(map({named}), language), {others})" if named else others
        return _THRESHOLD.sub(chosen, self.keep)


def _reasons_are_unique(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    seen: set[str] = set()
    for rule in rules:
        if rule.reason in seen:
            raise ValueError(f"two rules have the reason {rule.reason!r}: a dropped page could not say which it broke")
        seen.add(rule.reason)
    return rules


Rules = Annotated[tuple[Rule, ...], AfterValidator(_reasons_are_unique)]
