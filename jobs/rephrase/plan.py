"""Which files and ranges of a corpus are rephrased."""

from jobs.engine.corpus_plan import plan_corpus
from jobs.engine.job import Context
from jobs.engine.plan import Plan
from jobs.rephrase.settings import Rephrase


def make_plan(context: Context, again: bool) -> Plan:
    """Compare the corpus with what is planned already; ranges are small, since a range is what one task holds in memory."""
    settings: Rephrase = context.recipe.sections["rephrase"]
    return plan_corpus(context, again, columns=settings.columns.columns(), split_mb=settings.split_mb)
