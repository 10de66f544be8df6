"""Which files of a corpus a run reads."""

from jobs.engine.corpus_plan import plan_corpus
from jobs.engine.job import Context
from jobs.engine.plan import Plan
from jobs.read.settings import Read


def make_plan(context: Context, again: bool) -> Plan:
    """Compare the corpus with what is planned already, by the columns that [read] names."""
    settings: Read = context.recipe.sections["read"]
    return plan_corpus(context, again, columns=settings.columns())
