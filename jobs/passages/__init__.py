"""Passages: sub-document dedup; repeated lines, paragraphs and runs of words."""

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS
from jobs.passages.cards import cards
from jobs.passages.settings import Passages
from jobs.passages.stage import FOLDER, run
from jobs.passages.story import story
from jobs.passages.tables import DECISIONS, EDITS

STAGE = Stage[Passages](
    name="passages",
    title="Cut repeated passages",
    upshot="something new is left",
    section="passages",
    settings=Passages,
    optional=True,
    law="sieve",
    needs=(KEPT, SIGNALS, DOCUMENTS),
    writes=(DECISIONS, EDITS),
    reasons=(
        Reason(
            "dropped",
            "bff_document",
            "of the document's n-grams a larger share than [passages.bff] max_seen_ratio was seen before; ngrams_seen and ngrams say how "
            "many",
            "raise max_seen_ratio, or min_ngram",
        ),
        Reason(
            "dropped",
            "few_sentences_left",
            "without the lines that other pages have, the document has fewer sentences than [passages.c4_lines] min_sentences",
            "lower min_sentences",
        ),
        Reason("failed", "passages_error", "finding or cutting its passages raised", "please report it"),
        Reason("dropped", "nothing_left", "every passage of the document that is not white space was cut as repeated"),
    ),
    revision=1,
    packages=("numpy", "regex", "xxhash"),
    decisions=DECISIONS,
    edits=EDITS,
    run=run,
    story=story,
    cards=cards,
    scratch=(FOLDER,),
)
