"""What explain tells of a duplicate: the document it lost to, and how similar the two measured."""

from collections.abc import Iterator

from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs.dedup.tables import DECISIONS
from jobs.engine.documents import documents
from jobs.engine.job import Context
from jobs.engine.story import row_of


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield the decision, and where the witness is."""
    decision = row_of(context.root, DECISIONS, page, chunk=chunk)
    if decision is None:
        return
    witness = decision["duplicate_of"]
    if witness is None:
        yield f"dedup     kept, in a group of {decision['group_size']:,}"
        return
    better = _address(context, str(witness))
    where = f"is published in {decision['duplicate_dump']}" if decision["duplicate_dump"] else "was kept"
    became = f"dropped, {decision['reason']}" if decision["outcome"] == "dropped" else "kept, a duplicate"
    yield f"dedup     {became}: similarity {decision['similarity']:.4f} to {witness}, which {where}"
    if better is not None and (told := [str(fact) for fact in better if fact]):
        yield f"  {'  '.join(told)}"


def _address(context: Context, witness: str) -> Row | None:
    """Find url and date of the witness, in its chunk alone; a published one is in none."""
    place = context.root.read(DECISIONS).where(F.col("id") == witness).select("chunk").first()
    if place is None:
        return None
    return documents(context.root, str(place["chunk"])).where(F.col("id") == witness).select("url", "date").first()
