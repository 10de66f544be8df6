"""Extract: WARC files in, documents out."""

from jobs.engine.documents import DOCUMENTS
from jobs.engine.source import REASONS, how_of_chunks, totals
from jobs.engine.stage import Source, Stage
from jobs.extract.reasons import EXTRACT
from jobs.extract.settings import Extract
from jobs.extract.stage import CAPTURES, check, decides, plan, run

STAGE = Stage[Extract](
    name="extract",
    title="Extract",
    upshot="a text was found",
    section="extract",
    settings=Extract,
    law="source",
    writes=(DOCUMENTS,),
    source=Source(plan=plan, captures=CAPTURES),
    reasons=(*REASONS, *EXTRACT),
    revision=10,
    decides=decides,
    models=lambda settings, recipe: (
        {"language": recipe.sections["annotate"].language_model} if settings.gate is not None else {}
    ),
    packages=(
        "fastwarc",
        "lxml",
        "lxml-html-clean",
        "resiliparse",
        "trafilatura",
        "justext",
        "babel",
        "charset-normalizer",
        "publicsuffixlist",
        "ada-url",
        "fasttext-community",
    ),
    costly=how_of_chunks,
    kept="extracted",
    run=run,
    check=check,
    facts=lambda job: totals(job.root),
)
