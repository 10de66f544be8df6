"""What explain tells of a document's signals."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from jobs.engine.job import Context
from jobs.engine.signal_sets import signals, unmeasured
from jobs.engine.story import fact
from udfs.vectors.half import width_of


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield every signal of a document, of the sets that were measured."""
    row = signals(context.root, chunk=chunk).where(F.col("id") == page).first()
    if row is None:
        return
    hidden = unmeasured(context.root)
    yield "signals"
    for name, value in row.asDict().items():
        if name not in ("id", "chunk", "minhash", "hashed_ngrams", "embedding", "edits", *hidden):
            yield fact(name, value)
    if "embedding" not in hidden:
        vector = row["embedding"]
        yield fact("embedding", "none: the text holds nothing to embed" if vector is None else f"{width_of(vector)} numbers")
    yield fact("edits", len(row["edits"] or ()))
