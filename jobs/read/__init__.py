"""Read: a corpus in Parquet or JSONL as a source, instead of WARC files."""

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
        Reason("failed", "not_parquet", "the file's name says Parquet, and it is none", "take it out of the input", "file"),
        Reason("failed", "unknown_format", "the file is neither Parquet nor JSONL", "take it out of the input", "file"),
        Reason(
            "failed", "missing_column", "the file lacks a column that [read] names; its error lists those it has", "", "file"
        ),
        Reason("failed", "damaged", "no row of the file could be read; its error says why", "fetch the file anew", "file"),
        Reason("dropped", "empty_text", "the text is white space alone"),
        Reason("failed", "no_text", "the text is null, or no string", "is [read] text the right column?"),
        Reason("failed", "bad_row", "the line is no JSON object, or a value could not be read; the column error says why"),
        Reason("failed", "invalid_utf8", "the line is not UTF-8"),
        Reason("failed", "too_large", "the row is longer than [read] max_row_mb", "raise max_row_mb if such rows matter"),
    ),
    revision=2,
    decides=decides,
    packages=("publicsuffixlist", "ada-url"),
    costly=how_of_chunks,
    kept="extracted",
    run=run,
    facts=lambda job: totals(job.root),
)
