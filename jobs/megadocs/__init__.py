"""Megadocs: long documents woven of pages and the texts that a model wrote of them, as a source."""

from jobs.engine.documents import DOCUMENTS
from jobs.engine.reason import Reason
from jobs.engine.source import how_of_chunks, totals
from jobs.engine.stage import Source, Stage
from jobs.megadocs.plan import make_plan
from jobs.megadocs.settings import Megadocs
from jobs.megadocs.stage import decides, run

STAGE = Stage[Megadocs](
    name="megadocs",
    title="Megadocs",
    upshot="it is woven",
    section="megadocs",
    settings=Megadocs,
    optional=True,
    law="weave",
    writes=(DOCUMENTS,),
    source=Source(plan=make_plan, captures="records['document']", noun="texts"),
    reasons=(
        Reason(
            "dropped",
            "few_texts",
            "the page has fewer texts than min_generations",
            "lower min_generations, or write more texts",
        ),
        Reason("dropped", "few_tokens", "the page has fewer tokens than pieces to be stretched into"),
        Reason("dropped", "too_long", "the page and its texts are longer than max_characters"),
        Reason("dropped", "page_left_out", "the text is of a page that is left out itself"),
        Reason("dropped", "more_texts", "the page has its texts already: of generations many, or one in that gap"),
        Reason("dropped", "real_none", 'the recipe weaves texts without their page: real = "none"'),
        Reason(
            "failed",
            "no_page",
            "the text's page is not in the corpus of pages",
            "is [run] input the corpus that was rephrased?",
        ),
        Reason("failed", "not_one_parent", "the text names no page, or several"),
        Reason(
            "failed",
            "no_gap",
            "the thought is for a gap that the page does not have",
            "generations as the thoughts were asked for",
        ),
    ),
    revision=1,
    decides=decides,
    costly=how_of_chunks,
    packages=("tiktoken", "publicsuffixlist", "ada-url"),
    kept="extracted",
    run=run,
    facts=lambda job: totals(job.root),
)
