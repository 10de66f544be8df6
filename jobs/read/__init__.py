"""Read: a corpus in Parquet or JSONL as a source, instead of WARC files."""

from jobs.engine.corpus_reasons import BROKEN_ROWS, DAMAGED, UNKNOWN_FORMATS, too_large
from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.source import REASONS, how_of_chunks, totals
from jobs.engine.stage import Source, Stage
from jobs.read.plan import make_plan
from jobs.read.settings import Read
from jobs.read.stage import CAPTURES, decides, run

STAGE = Stage[Read](
    name="read",
    title="Read",
    upshot="it has a text",
    section="read",
    settings=Read,
    optional=True,
    law="source",
    writes=(DOCUMENTS,),
    source=Source(plan=make_plan, captures=CAPTURES, noun="rows"),
    reasons=(
        *REASONS,
        *UNKNOWN_FORMATS,
        Reason(
            "failed", "missing_column", "the file lacks a column that [read] names; its error lists those it has", "", "file"
        ),
        DAMAGED,
        Reason("dropped", "empty_text", "the text is white space alone"),
        Reason("failed", "no_text", "the text is null, or no string", "is [read] text the right column?"),
        *BROKEN_ROWS,
        too_large("read"),
    ),
    revision=2,
    decides=decides,
    packages=("publicsuffixlist", "ada-url"),
    costly=how_of_chunks,
    kept="extracted",
    run=run,
    facts=lambda job: totals(job.root),
)
