"""Sampling: steps that choose among the documents that are left, and say how often each is to be repeated."""

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS
from jobs.sampling.cards import cards
from jobs.sampling.expressions import check
from jobs.sampling.pool import UNMEASURED
from jobs.sampling.settings import Step, Steps
from jobs.sampling.stage import FOLDER, decides, facts, pin, run
from jobs.sampling.story import story
from jobs.sampling.tables import DECISIONS

STAGE = Stage[tuple[Step, ...]](
    name="sampling",
    title="Sample",
    upshot="chosen by every step",
    section="sampling",
    settings=Steps,
    optional=True,
    law="sieve",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(DECISIONS,),
    reasons=(
        Reason(
            "failed",
            UNMEASURED,
            "a value, group, size or `where` of a step is null for the document, or no finite number, so the step could not judge it",
            "look at the page with explain; COALESCE in the step if null is meant to have a value",
        ),
    ),
    revision=2,
    decides=decides,
    decisions=DECISIONS,
    offers=("copies", "bucket", "steps"),
    pin=pin,
    run=run,
    check=check,
    story=story,
    cards=cards,
    facts=facts,
    scratch=(FOLDER,),
)
