"""Mix: several corpora, each with its share or its epochs, as a source."""

from jobs.engine.corpus_reasons import BROKEN_ROWS, DAMAGED, UNKNOWN_FORMATS, too_large
from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.source import REASONS, how_of_chunks
from jobs.engine.stage import Source, Stage
from jobs.mix.cards import cards
from jobs.mix.counted import FOLDER, models
from jobs.mix.plan import make_plan, pin
from jobs.mix.settings import Mix
from jobs.mix.stage import check, decides, facts, run
from udfs.corpus.worker import RECORD
from udfs.mix.worker import NOT_DRAWN

STAGE = Stage[Mix](
    name="mix",
    title="Mix",
    upshot="it is drawn",
    section="mix",
    settings=Mix,
    optional=True,
    law="source",
    writes=(DOCUMENTS,),
    source=Source(plan=make_plan, captures=f"coalesce(records['{RECORD}'], 0L)", noun="rows", repeats=True),
    reasons=(
        *REASONS,
        Reason("dropped", NOT_DRAWN, "the corpus has more text than its share of the mix, and the document was not drawn"),
        *UNKNOWN_FORMATS,
        Reason(
            "failed", "missing_column", "the file lacks a column that [mix] names; its error lists those it has", "", "file"
        ),
        DAMAGED,
        Reason("dropped", "empty_text", "the text is white space alone"),
        Reason("failed", "no_text", "the text is null, or no string", "is [mix] text the right column?"),
        *BROKEN_ROWS,
        too_large("mix"),
    ),
    revision=1,
    decides=decides,
    models=models,
    packages=("publicsuffixlist", "ada-url", "tiktoken"),
    pin=pin,
    check=check,
    costly=how_of_chunks,
    kept="extracted",
    run=run,
    cards=cards,
    facts=facts,
    scratch=(FOLDER,),
)
