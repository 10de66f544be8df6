"""What the report shows of the passages that were cut."""

from collections.abc import Iterator

from pyspark.sql import functions as F

from jobs.engine.card import Card
from jobs.engine.job import Context
from jobs.passages.tables import EDITS


def cards(context: Context) -> Iterator[Card]:
    """Yield how much each way cut: documents that lose a passage, passages, characters; one row for each kind of cut."""
    cuts = context.root.read(EDITS).select("id", F.explode("edits").alias("edit")).select("id", "edit.*")
    rows = (
        cuts.groupBy("kind")
        .agg(
            F.count_distinct("id").alias("documents"),
            F.count("*").alias("cuts"),
            F.sum(F.expr("end - start")).alias("characters"),
        )
        .orderBy("kind")
        .collect()
    )
    yield Card(
        title="Passages cut",
        note="What was cut out of documents, those that were dropped for it included.",
        columns=("kind", "documents", "passages", "characters"),
        rows=tuple((row["kind"], row["documents"], row["cuts"], row["characters"]) for row in rows),
    )
