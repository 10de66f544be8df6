"""Filter: the recipe's rules as Spark SQL over the signals."""

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import SIGNALS
from jobs.filter.settings import Rule, Rules
from jobs.filter.stage import DECISIONS, check, pin, run
from jobs.filter.story import story

STAGE = Stage[tuple[Rule, ...]](
    name="filter",
    title="Filter",
    upshot="every rule passed",
    section="filter",
    settings=Rules,
    law="sieve",
    needs=(SIGNALS, DOCUMENTS),
    writes=(DECISIONS,),
    reasons=(
        Reason(
            "failed",
            "unmeasured",
            "the first rule that is not true is null: a signal it needs was not measured",
            "look at the page with explain; COALESCE in the rule if null is meant to pass",
        ),
    ),
    revision=2,
    decides=lambda job: [(rule.reason, rule.sql) for rule in job.settings],
    decisions=DECISIONS,
    run=run,
    pin=pin,
    check=check,
    story=story,
)
