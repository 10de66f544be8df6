"""What the report shows of packing: the sequences, and tokens by language and domain."""

from collections.abc import Iterator
from typing import Any

from pyspark.sql import functions as F

from jobs.engine.card import Card
from jobs.engine.job import Context, Job
from jobs.pack.law import spans
from jobs.pack.settings import Pack
from jobs.pack.tables import MANIFEST
from jobs.pack.tokenised import tokens_of

MOST = 20  # rows of a card


def cards(context: Context) -> Iterator[Card]:
    """Yield the sequences with their padding and cuts, and the tokens by language and by domain."""
    job: Job[Pack] = context.job(context.stage("pack"))
    manifest = job.root.read_json(MANIFEST) or {}
    tokens = int(manifest["tokens"]) // int(manifest["epochs"])
    yield _sequences(job, manifest, tokens)
    yield _tokens(job, "language", tokens)
    yield _tokens(job, "domain", tokens)


def _sequences(job: Job[Pack], manifest: dict[str, Any], tokens: int) -> Card:
    length, epochs = int(manifest["sequence_length"]), int(manifest["epochs"])
    copies = (
        spans(job, epochs=1)
        .groupBy("id", "copy")
        .agg(F.count("*").alias("pieces"), F.sum(F.col("end") - F.col("start")).alias("tokens"))
    )
    row = copies.agg(
        F.count("*").alias("documents"),
        F.count_if(F.col("pieces") > 1).alias("cut"),
        F.count_if(F.col("pieces") > F.ceil(F.col("tokens") / length)).alias("beyond"),
    ).first()
    assert row is not None
    rows = (
        ("sequences", int(manifest["sequences"]) // epochs),
        ("tokens of documents", tokens),
        ("padding, in percent", round(100 * manifest["padding"] / max(1, manifest["sequences"] * length), 4)),
        ("documents, copies counted", row["documents"]),
        ("documents that are cut", row["cut"]),
        ("documents cut more often than they must be", row["beyond"]),
    )
    return Card(
        title="Sequences",
        note=f"One epoch of sequences of {length:,} tokens. A document must be cut only where it is longer than a sequence.",
        columns=("what", "how many"),
        rows=rows,
    )


def _tokens(job: Job[Pack], column: str, whole: int) -> Card:
    times = F.col("count") * F.col("copies")
    counted = tokens_of(job.root).where("count > 0").groupBy(column)
    sums = counted.agg(F.count("*").alias("n"), F.sum("count").alias("once"), F.sum(times).alias("tokens"))
    rows = sums.orderBy(F.desc("tokens"), column).limit(MOST).collect()
    return Card(
        title=f"Tokens by {column}",
        note=f"The {MOST} with the most tokens, copies counted; the share is of all tokens of an epoch.",
        columns=(column, "documents", "tokens once", "tokens with copies", "share"),
        rows=tuple(
            (row[column] or "unknown", row["n"], row["once"], row["tokens"], round(row["tokens"] / max(1, whole), 4))
            for row in rows
        ),
    )
