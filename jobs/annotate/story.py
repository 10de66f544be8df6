"""What explain tells of a document's signals."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from jobs.engine.job import Context
from jobs.engine.signal_sets import signals, unmeasured
from jobs.engine.story import fact


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield every signal of a document, of the sets that were measured."""
    row = signals(context.root, chunk=chunk).where(F.col("id") == page).first()
    if row is None:
        return
    hidden = unmeasured(context.root)
    yield "signals"
    for name, value in row.asDict().items():
        if name not in ("id", "chunk", "minhash", "hashed_ngrams", "edits", *hidden):
            yield fact(name, value)
    yield fact("edits", len(row["edits"] or ()))
