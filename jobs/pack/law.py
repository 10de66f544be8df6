"""The law of weave, by document: the tokens of each, times its copies and the epochs, stand in the sequences, each once."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.errors import LedgerError
from jobs.engine.job import Job
from jobs.engine.laws import weave
from jobs.engine.ledger import ID_SUM, Ledger, Tally
from jobs.pack.settings import Pack
from jobs.pack.tables import CORPUS, spans_of
from jobs.pack.tokenised import tokens_of
from udfs.tokens.shard_batches import SPANS

PLACE = r"epoch-(\d+)/[^/]+/shard-(\d+)\.parquet$"
NO_TOKENS, FAILED = "no_tokens", "tokenize_error"


def proved(job: Job[Pack]) -> Ledger:
    """Make the ledger of the stage from what its files list. Raises LedgerError if a token is missing, or stands twice.

    Spans that cover 0 to n once have lengths that sum up to n, and squares of ends less squares of starts that sum up to n squared.
    A gap and an overlap that cancel out in the first sum do not in the second.
    """
    root, epochs = job.root, job.settings.epochs
    documents = tokens_of(root)
    length, squares = F.sum(F.col("end") - F.col("start")), F.sum(F.expr("`end` * `end` - `start` * `start`"))
    copies = spans(job, epochs=epochs).groupBy("id", "copy", "epoch").agg(length.alias("length"), squares.alias("squares"))
    placed = copies.groupBy("id", "length").agg(
        F.count("*").alias("times"), F.bool_and(F.expr("squares = length * length")).alias("whole")
    )
    owed = documents.where("count > 0").select("id", "count", (F.col("copies") * epochs).alias("owed"))
    stands = _tally(owed.join(placed, on="id", how="full_outer"))
    reason = F.when(F.col("error").isNotNull(), FAILED).otherwise(NO_TOKENS)
    outcome = F.when(F.col("error").isNotNull(), "failed").otherwise("dropped")
    out = documents.where("count = 0").select("id", outcome.alias("outcome"), reason.alias("reason"))
    corpus = root.product(CORPUS.path)
    came = (corpus if corpus is not None else documents).selectExpr("id", "1L AS times")
    return weave(came, placed=stands, left_out=out)


def _tally(both: DataFrame) -> Tally:
    """Tally the documents that stand in sequences, and hold each against what is owed, in one query: it opens the file of every shard.

    If none is wrong, all rows are of documents that stand there.
    """
    wrong = F.expr("NOT coalesce(count = length AND owed = times AND whole, false)")
    row = both.agg(
        F.count_if(wrong).alias("wrong"),
        F.min(F.when(wrong, F.col("id"))).alias("such"),
        F.count("*").alias("n"),
        F.expr(ID_SUM).alias("s"),
    ).first()
    assert row is not None
    if row["wrong"]:
        raise LedgerError(
            f"pack: the tokens of {row['wrong']:,} documents do not stand in the sequences as often as they should, such as those of "
            f"{row['such']}: the stage is not finished and nothing after it ran. Run it again with --from pack; if it happens twice, it "
            f"is a bug in gristmill"
        )
    return Tally(int(row["n"]), int(row["s"]))


def spans(job: Job[Pack], *, epochs: int) -> DataFrame:
    """Read the spans of the first epochs: epoch, shard, sequence, id, copy, start, end, at."""
    root = job.root
    folders = [spans_of(epoch) for epoch in range(epochs) if root.exists(spans_of(epoch))]
    rows = root.folders(folders, schema=from_arrow_schema(SPANS))
    named = rows.withColumn("path", F.col("_metadata.file_path") if folders else F.lit(""))
    return named.select(
        F.regexp_extract("path", PLACE, 1).cast("int").alias("epoch"),
        F.regexp_extract("path", PLACE, 2).cast("long").alias("shard"),
        "sequence",
        F.explode("documents").alias("span"),
    ).select("epoch", "shard", "sequence", "span.*")
