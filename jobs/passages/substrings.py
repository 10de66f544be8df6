"""Runs of words that stood in an earlier document, or earlier in the same one: cut where they stand again (`udfs/passages/repeated_windows.py`)."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.passages.settings import Substrings
from jobs.passages.texts import Work, by_chunk_of, cut, each_chunk, edited_texts, errors, measure, once, read, with_chunk
from udfs.edits.edited_batches import Cuts, Keys
from udfs.passages.repeated_windows import ANCHOR_SCHEMA, KIND, WINDOW_SCHEMA, Anchors, CutWindows, Windows


def cut_repeated_substrings(work: Work, settings: Substrings) -> DataFrame:
    """Write the cuts of words that a window covers which stood before; return nr and error of documents that could not be searched.

    1. Each text gives its anchors; documents are asked about those that stand at two places or more.
    2. A document that is asked gives its windows known by these anchors. Equal windows all do.
    3. Of equal windows the first by (document, place) stays, and the words that any other covers go.
    """
    size = settings.min_tokens
    anchors = measure(work, "anchors", Keys(Anchors(size), ANCHOR_SCHEMA), ANCHOR_SCHEMA)
    asked = once(work, "asked", lambda: with_chunk(work, _asked(anchors)))
    asked_of = by_chunk_of(work, "asked", asked.select("nr", "chunk", "anchors"))

    def windows(chunk: str) -> DataFrame:
        needed = asked_of(chunk)
        texts = edited_texts(work, chunk, needed=needed)
        return texts.mapInArrow(Keys(Windows(size), WINDOW_SCHEMA), from_arrow_schema(WINDOW_SCHEMA))

    each_chunk(work, "windows", windows)
    found = read(work.root, work.at("windows"), WINDOW_SCHEMA)
    marks = once(work, "marks", lambda: with_chunk(work, _marks(found)))
    cut(work, marks, cutter=Cuts(CutWindows(size), KIND))
    return errors(anchors).unionByName(errors(found))


def _asked(anchors: DataFrame) -> DataFrame:
    """Return nr and anchors, of those that stand at two places or more."""
    places = anchors.select("nr", F.explode("anchors").alias("anchor"))
    repeated = places.groupBy("anchor").agg(F.count("*").alias("n")).where("n > 1").select("anchor")
    shared = places.join(repeated, on="anchor", how="inner")
    return shared.groupBy("nr").agg(F.collect_set("anchor").alias("anchors"))


def _marks(windows: DataFrame) -> DataFrame:
    """Return nr, marks (numbers of windows that stood before), reason (none)."""
    rows = windows.select("nr", F.explode("windows").alias("w")).select("nr", "w.*")
    place = F.struct("nr", "at")
    first = rows.groupBy("high", "low").agg(F.min(place).alias("first"), F.count("*").alias("n")).where("n > 1").drop("n")
    again = rows.join(first, on=["high", "low"], how="inner").where(place != F.col("first"))
    return again.groupBy("nr").agg(F.collect_list("at").alias("marks")).withColumn("reason", F.lit(None).cast("string"))
