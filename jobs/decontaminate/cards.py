"""What the report shows of contamination: by evaluation set, how many items were met, in how many documents and tokens."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from jobs.decontaminate.tables import DECISIONS
from jobs.engine.card import Card
from jobs.engine.documents import FEW
from jobs.engine.job import Context
from jobs.engine.signal_sets import signals


def cards(context: Context) -> Iterator[Card]:
    """Yield a row for each evaluation set, those that no document holds too."""
    marker = context.root.markers.stage(DECISIONS.path) or {}
    items = {name: one["items"] for name, one in marker.get("pinned", {}).items()}
    protected = marker.get("index", {}).get("protected_items", {})
    held = context.root.read(DECISIONS).where("held IS NOT NULL").select("id", F.explode("held").alias("one"))
    pairs = held.select("id", F.col("one.evaluation_set").alias("set"), "one.item", "one.words")
    documents = pairs.groupBy("set", "id").agg(F.sum("words").alias("words"))
    some = F.broadcast(documents) if documents.count() <= FEW else documents  # so that no signals are shuffled for a few
    tokens = signals(context.root, ["token_count"]).select("id", "token_count").join(some, on="id", how="inner")
    sums = tokens.groupBy("set").agg(
        F.count("*").alias("documents"), F.sum("token_count").alias("tokens"), F.sum("words").alias("words")
    )
    counted = sums.join(pairs.groupBy("set").agg(F.count_distinct("item").alias("touched")), on="set", how="inner")
    found = {row["set"]: row for row in counted.collect()}
    rows = tuple(
        (
            name,
            count,
            protected.get(name),
            *(_number(found.get(name), key) for key in ("touched", "documents", "tokens", "words")),
        )
        for name, count in items.items()
    )
    yield Card(
        title="Contamination",
        note="By evaluation set: its items, those that could be protected, and those that a document holds; the documents that hold some, "
        "their tokens, and the shared words.",
        columns=("evaluation set", "items", "protected", "touched", "documents", "tokens", "shared words"),
        rows=rows,
    )


def _number(row: object, key: str) -> int:
    return int(row[key] or 0) if row is not None else 0  # type: ignore[index]
