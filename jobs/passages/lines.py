"""Lines that two documents have, as CCNet removes them: every copy, or all but the first."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.passages.settings import CcnetLines
from jobs.passages.texts import Work, cut, errors, measure, once, with_chunk
from udfs.edits.edited_batches import Cuts, Keys
from udfs.passages.ccnet_line import KIND, LINE_SCHEMA, cut_lines, line_keys


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
