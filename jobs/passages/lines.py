"""Lines that two documents have: every copy goes or all but the first, as CCNet has it; all but the first, as C4 has it."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.passages.settings import C4Lines, CcnetLines
from jobs.passages.texts import Work, cut, errors, measure, once, with_chunk
from udfs.edits.edited_batches import Cuts, Keys
from udfs.passages import c4_line
from udfs.passages.ccnet_line import KIND, LINE_SCHEMA, cut_lines, line_keys

FEW_SENTENCES = "few_sentences_left"


def cut_repeated_lines(work: Work, settings: CcnetLines) -> DataFrame:
    """Write the cuts of the lines that go, and return nr and error of the documents whose lines could not be found."""
    keys = measure(work, "keys", Keys(line_keys, LINE_SCHEMA), LINE_SCHEMA)
    marks = once(work, "marks", lambda: with_chunk(work, _marks(keys, keep=settings.keep)))
    cut(work, marks, cutter=Cuts(cut_lines, KIND))
    return errors(keys)


def _marks(keys: DataFrame, *, keep: str) -> DataFrame:
    """Return nr, marks (numbers of lines), reason (none) of the documents that lose a line.

    A later copy of a line always goes, also within its document, as CCNet's finalize_doc has it. With keep "none" the first copy goes
    too, if the line is in two documents.
    """
    lines = keys.select("nr", F.posexplode("lines").alias("at", "key"))
    place = F.struct("nr", "at")
    seen = lines.groupBy("key").agg(F.min(place).alias("first"), F.max("nr").alias("last"), F.count("*").alias("n"))
    repeated = seen.where("n > 1").withColumn("shared", F.col("first.nr") != F.col("last")).drop("last", "n")
    goes = place != F.col("first")
    if keep == "none":
        goes = goes | F.col("shared")
    gone = lines.join(repeated, on="key", how="inner").where(goes)
    return gone.groupBy("nr").agg(F.collect_list("at").alias("marks")).withColumn("reason", F.lit(None).cast("string"))


def cut_lines_of_earlier_pages(work: Work, settings: C4Lines) -> DataFrame:
    """Write the cuts of the lines that go, and return nr and error of the documents whose lines could not be found.

    A document that keeps fewer sentences than the settings ask for goes whole.
    """
    keys = measure(work, "keys", Keys(c4_line.line_keys, c4_line.LINE_SCHEMA), c4_line.LINE_SCHEMA)
    marks = once(work, "marks", lambda: with_chunk(work, _marks_of_later(keys, min_sentences=settings.min_sentences)))
    cut(work, marks, cutter=Cuts(cut_lines, c4_line.KIND))
    return errors(keys)


def _marks_of_later(keys: DataFrame, *, min_sentences: int) -> DataFrame:
    """Return nr, marks (numbers of lines), reason of the documents that lose a line or have too few sentences."""
    lines = keys.select("nr", F.posexplode(F.arrays_zip("lines", "sentences")).alias("at", "line")).select("nr", "at", "line.*")
    place = F.struct("nr", "at")
    first = lines.groupBy("lines").agg(F.min(place).alias("first"), F.count("*").alias("n")).where("n > 1").drop("n")
    gone = lines.join(first, on="lines", how="inner").where(place > F.col("first"))
    lost = gone.groupBy("nr").agg(F.collect_list("at").alias("marks"), F.sum("sentences").alias("lost"))
    total = F.aggregate("sentences", F.lit(0).cast("long"), lambda sum, n: sum + n).alias("total")
    every = keys.where("error IS NULL").select("nr", total).join(lost, on="nr", how="left")
    few = F.col("total") - F.coalesce("lost", F.lit(0)) < min_sentences
    every = every.withColumn("reason", F.when(few, F.lit(FEW_SENTENCES)))
    marks = F.coalesce("marks", F.array().cast("array<int>")).alias("marks")
    return every.where("marks IS NOT NULL OR reason IS NOT NULL").select("nr", marks, "reason")
