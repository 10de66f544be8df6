"""The chunks of megadocs: each has the pages whose ids fall to its number by hash. Other inputs make other chunks."""

import math

from jobs.engine import documents
from jobs.engine.connector import check_connector
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Context
from jobs.engine.plan import Plan, ranges_in
from jobs.megadocs.inputs import pages, state, texts
from jobs.megadocs.settings import Megadocs
from udfs.documents.file_row import FileRange


def make_plan(context: Context, again: bool) -> Plan:
    """Plan one chunk for every [megadocs] chunk_pages of the pages, or take the plan that is there if the inputs are as they were.

    Inputs that changed get chunks with new numbers, since the rows of a finished chunk never change; the old ones are forgotten.
    Raises RecipeError for an input without a column that is needed, or of a root that is not finished.
    """
    settings: Megadocs = context.recipe.sections["megadocs"]
    run = context.recipe.run
    if run.limit is not None:
        raise RecipeError(
            "[run] limit counts input files, and megadocs are woven of whole corpora; nothing was run. Leave it out"
        )
    spark, inputs = context.root.spark, (*run.input, *settings.synthetic)
    for item in inputs:
        check_connector(spark, item, lost="its texts could not be read: Spark itself reads what megadocs are woven of")
    of = fingerprint([state(item) for item in inputs])
    stored = documents.planned(context.root)
    current = {name: ranges_in(chunk) for name, chunk in stored.items() if chunk.get("of") == of}
    if current and not again:
        return Plan(current, {}, notes={"of": of}, stale=tuple(name for name in stored if name not in current))
    texts(spark, settings)  # for its columns: what lacks one is refused before any work
    count = pages(spark, run.input, dump=run.dump).count()
    first = 1 + max((int(name) for name in stored), default=-1)
    chunks = max(1, math.ceil(count / settings.chunk_pages))
    named = run.input[0] if run.input else "no input"
    added: dict[str, tuple[FileRange, ...]] = {}
    for number in range(chunks):
        added[f"{first + number:05d}"] = (FileRange(named, first + number, number, number + 1),)
    return Plan({}, added, notes={"of": of}, stale=tuple(stored))
