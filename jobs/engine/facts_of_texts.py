"""Facts joined to the texts of a chunk: broadcast while they are few, by a shuffle of both when they are not."""

from typing import TYPE_CHECKING

from jobs.engine import documents

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from jobs.engine.root import Root

BROADCAST_ROWS = 200_000  # documents whose facts go through the driver: with their edits some hundred MB at most


def with_facts(texts: "DataFrame", facts: "DataFrame", *, rows: int) -> "DataFrame":
    """Join facts to texts by id; `rows` bounds how many facts there are.

    The facts of a few documents are broadcast, so their texts stay where they were read. More of them would go through the driver
    whole, whose memory a larger chunk does not enlarge; then both sides are shuffled by id.
    """
    from pyspark.sql import functions as F

    some = F.broadcast(facts) if rows <= BROADCAST_ROWS else facts.hint("merge")
    return texts.join(some, on="id", how="inner")


def most_rows(root: "Root", chunk: str) -> int:
    """Return how many documents of a chunk have a text, as its marker says: what any stage keeps is no more."""
    return int(documents.finished(root).get(chunk, {}).get("kept", 0))
