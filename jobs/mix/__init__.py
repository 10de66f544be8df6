"""Mix: several corpora, each with its share or its epochs, as a source."""

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
        Reason("failed", "not_parquet", "the file's name says Parquet, and it is none", "take it out of the corpus", "file"),
        Reason("failed", "unknown_format", "the file is neither Parquet nor JSONL", "take it out of the corpus", "file"),
        Reason(
            "failed", "missing_column", "the file lacks a column that [mix] names; its error lists those it has", "", "file"
        ),
        Reason("failed", "damaged", "no row of the file could be read; its error says why", "fetch the file anew", "file"),
        Reason("dropped", "empty_text", "the text is white space alone"),
        Reason("failed", "no_text", "the text is null, or no string", "is [mix] text the right column?"),
        Reason("failed", "bad_row", "the line is no JSON object, or a value could not be read; the column error says why"),
        Reason("failed", "invalid_utf8", "the line is not UTF-8"),
        Reason("failed", "too_large", "the row is longer than [mix] max_row_mb", "raise max_row_mb if such rows matter"),
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
