"""Decontaminate: documents that hold texts of evaluation sets are dropped, cut or marked."""

from jobs.decontaminate.cards import cards
from jobs.decontaminate.settings import Decontaminate
from jobs.decontaminate.stage import CONTAMINATED, FOLDER, NOTHING_ELSE, UNSEARCHED, check, decides, facts, pin, run
from jobs.decontaminate.story import story
from jobs.decontaminate.tables import DECISIONS, EDITS
from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS

STAGE = Stage[Decontaminate](
    name="decontaminate",
    title="Decontaminate",
    upshot="no evaluation item in it",
    section="decontaminate",
    settings=Decontaminate,
    optional=True,
    law="sieve",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(DECISIONS, EDITS),
    reasons=(
        Reason(
            "dropped",
            CONTAMINATED,
            "the document holds [decontaminate] min_share or more of a text of an evaluation set; the decision names set, item, field and "
            "place",
            'raise min_share, or have the words cut with action = "cut"',
        ),
        Reason(
            "dropped", NOTHING_ELSE, "nothing but white space was left when the evaluation items were cut out of the document"
        ),
        Reason("failed", UNSEARCHED, "searching the document for evaluation items raised", "please report it"),
    ),
    revision=1,
    decides=decides,
    packages=("numpy",),
    pin=pin,
    decisions=DECISIONS,
    offers=("evaluation_set", "evaluation_item", "evaluation_share"),
    edits=EDITS,
    run=run,
    check=check,
    story=story,
    cards=cards,
    facts=facts,
    scratch=(FOLDER,),
)
