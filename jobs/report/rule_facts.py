"""What rules name that is no signal: columns of documents, and whether their hosts are in files."""

from collections.abc import Collection, Mapping

from pyspark.sql import DataFrame

from jobs.engine.columns import FACTS
from jobs.engine.errors import RecipeError
from jobs.engine.host_lists import marked
from jobs.recipe.where import column_of


def facts_of_documents(documents: DataFrame, read: Collection[str], *, pinned: Mapping[str, str]) -> DataFrame | None:
    """Return id and those columns that `read` names; None if it names none. `pinned` are the files of hosts, as the filter read them.

    A file that is gone or has changed since says nothing of the run, so its column is left out.
    """
    lists = {name: sha256 for name, sha256 in pinned.items() if column_of(name) in read}
    facts = [name for name in FACTS if name != "id" and (name in read or (name == "host" and lists))]
    if not facts:
        return None
    rows = documents.select("id", *facts)
    try:
        return marked(rows, lists)
    except RecipeError:
        return rows
