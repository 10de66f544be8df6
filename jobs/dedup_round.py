"""One round of dedup: compare the best undecided documents of every bucket with the rest of it, then decide what can be decided."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.root import Root
from udfs.shingles import shingle_batches

LEADERS = 32  # best documents of a bucket compared in round 0; buckets up to this size are done in one round
COMPARED = "better string, worse string, similarity double"
SHINGLES = "id string, shingles array<bigint>"
DECIDED = "id string, outcome string, reason string, duplicate_of string, similarity double"
GROWTH = 4  # each round compares this many times more of them: a bucket of a million unlike documents takes eight rounds


@dataclass(frozen=True)
class State:
    """Name what the rounds before have written."""

    root: Root
    work: str
    rounds: tuple[str, ...]

    def table(self, name: str) -> DataFrame:
        """Read a table of the dedup's own: keys or contested."""
        return self.root.table(f"{self.work}/{name}")

    def earlier(self, name: str) -> DataFrame | None:
        """Read a table of all rounds before; None in the first."""
        if not self.rounds:
            return None
        schema = {"compared": COMPARED, "decided": DECIDED}[name]
        return self.root.spark.read.schema(schema).parquet(*[self.root.at(folder, name) for folder in self.rounds])


@dataclass(frozen=True)
class Round:
    """Say which round it is, where it writes, and from which Jaccard similarity on a pair is a duplicate."""

    number: int
    folder: str
    verify: float
    ngram: int

    @property
    def leaders(self) -> int:
        """Return how many of a bucket's best documents are compared with the rest of it."""
        return min(int(LEADERS * GROWTH**self.number), 2**31 - 1)  # a row number is an int


def run_round(state: State, *, this: Round) -> dict[str, Any]:
    """Run one round and return how many pairs it compared and documents it decided.

    1. Undecided documents stand in their buckets in survivor order. A document whose text an undecided better one has stays out of
       the LSH buckets: it measures as that one does, whatever the partner.
    2. The first `leaders` of an LSH bucket are compared with all that come after them, by exact Jaccard of their shingles.
    3. Kept: who is first by URL and by text, was compared with all better ones of its buckets (is among their leaders), and measures
       as nobody's duplicate among the undecided better ones. The best undecided document of all always is, so every round decides.
    4. Dropped: who has the URL or the text of a newly kept one, or measures at or above the threshold with it, and every document
       with the text of such a one.
    """
    root = state.root
    standing = _standing(state).persist()
    pairs = root.save(_pairs(standing, state, leaders=this.leaders), f"{this.folder}/pairs")
    compared = root.save(_compare(pairs, state, this), f"{this.folder}/compared")
    before = state.earlier("compared")
    edges = (compared if before is None else before.unionByName(compared)).where(F.col("similarity") >= this.verify)
    decided = root.save(decide(standing, edges=edges, leaders=this.leaders), f"{this.folder}/decided")
    root.spark.catalog.clearCache()
    counts = {row["outcome"]: int(row["count"]) for row in decided.groupBy("outcome").count().collect()}
    kept, dropped = counts.get("kept", 0), counts.get("dropped", 0)
    return {"pairs": compared.count(), "kept": kept, "dropped": dropped, "decided": kept + dropped}


def _standing(state: State) -> DataFrame:
    """Return kind, key, id, rank, position (1 is best) of every undecided document in each of its buckets."""
    undecided = state.table("contested")
    decided = state.earlier("decided")
    if decided is not None:
        undecided = undecided.join(decided.select("id"), on="id", how="left_anti")
    members = state.table("keys").join(undecided, on="id", how="inner")
    order = Window.partitionBy("kind", "key").orderBy("rank")
    exact = members.where("kind != 'lsh'").withColumn("position", F.row_number().over(order))
    copies = exact.where("kind = 'text' AND position > 1").select("id")
    lsh = (
        members.where("kind = 'lsh'").join(copies, on="id", how="left_anti").withColumn("position", F.row_number().over(order))
    )
    return exact.unionByName(lsh)


def _pairs(standing: DataFrame, state: State, *, leaders: int) -> DataFrame:
    """Pair the leaders of each LSH bucket with everyone after them, leaving out pairs that were compared before."""
    lsh = standing.where("kind = 'lsh'")
    first = lsh.where(F.col("position") <= leaders).select("key", F.col("id").alias("better"), F.col("position").alias("at"))
    after = lsh.select("key", F.col("id").alias("worse"), "position")
    pairs = first.join(after, on="key", how="inner").where("at < position").select("better", "worse").distinct()
    before = state.earlier("compared")
    return pairs if before is None else pairs.join(before, on=["better", "worse"], how="left_anti")


def _compare(pairs: DataFrame, state: State, this: Round) -> DataFrame:
    """Measure the exact Jaccard similarity of the pairs, reading text only of documents that are in one."""
    _shingle(pairs, state, this)
    shingles = (
        state.root.spark.read.schema(SHINGLES)
        .option("recursiveFileLookup", "true")
        .parquet(*[state.root.at(folder, "shingles") for folder in (*state.rounds, this.folder)])
    )
    both = pairs.join(shingles.selectExpr("id AS better", "shingles AS a"), on="better", how="inner").join(
        shingles.selectExpr("id AS worse", "shingles AS b"), on="worse", how="inner"
    )
    common = F.size(F.array_intersect("a", "b"))
    return both.select("better", "worse", (common / (F.size("a") + F.size("b") - common)).alias("similarity"))


def _shingle(pairs: DataFrame, state: State, this: Round) -> None:
    """Write the shingles of the documents in the pairs, those of earlier rounds left out, chunk by chunk.

    A chunk's ids are broadcast to its text, so that no text is shuffled: what moves are the shingles of candidates (law 6).
    """
    root = state.root
    ids = pairs.select(F.col("better").alias("id")).union(pairs.select(F.col("worse").alias("id"))).distinct()
    for folder in state.rounds:
        done = root.spark.read.schema(SHINGLES).option("recursiveFileLookup", "true").parquet(root.at(folder, "shingles"))
        ids = ids.join(done.select("id"), on="id", how="left_anti")
    needed = root.save(
        ids.join(state.table("contested").select("id", "chunk"), on="id", how="inner"), f"{this.folder}/candidates"
    )
    empty = root.spark.createDataFrame([], SHINGLES)
    root.save(empty, f"{this.folder}/shingles/none")  # a round without new candidates has a table too
    for chunk in sorted(str(row["chunk"]) for row in needed.select("chunk").distinct().collect()):
        texts = candidate_texts(root, needed, chunk)
        root.save(texts.mapInArrow(shingle_batches(this.ngram), SHINGLES), f"{this.folder}/shingles/{chunk}")


def candidate_texts(root: Root, needed: DataFrame, chunk: str) -> DataFrame:
    """Return id, text, edits of a chunk's candidates."""
    some = F.broadcast(needed.where(F.col("chunk") == chunk).select("id"))
    edits = root.signals(chunk).select("id", "edits").join(some, on="id", how="inner")
    return root.documents(chunk).select("id", "text").join(F.broadcast(edits), on="id", how="inner")


def decide(standing: DataFrame, *, edges: DataFrame, leaders: int) -> DataFrame:
    """Decide what a round can: id, outcome, reason, duplicate_of, similarity of the documents newly kept and newly dropped."""
    limit = F.when(F.col("kind") == "lsh", leaders).otherwise(1)
    undecided = (
        standing.groupBy("id")
        .agg(
            F.first("rank").alias("rank"),
            F.max(F.col("position") > limit).alias("behind"),
            F.max(F.when(F.col("kind") == "url", F.col("key"))).alias("url"),
            F.max(F.when(F.col("kind") == "text", F.col("key"))).alias("text"),
        )
        .persist()
    )
    better = undecided.selectExpr("id AS better", "rank AS witness_rank")
    worse = undecided.selectExpr("id AS worse", "text")
    between = edges.join(better, on="better", how="inner").join(worse, on="worse", how="inner").persist()
    waiting = between.selectExpr("worse AS id")
    kept = undecided.where("NOT behind").join(waiting, on="id", how="left_anti").persist()
    dropped = _grounds(undecided, kept=kept, between=between)
    staying = kept.selectExpr(
        "id",
        "'kept' AS outcome",
        "cast(NULL AS string) AS reason",
        "cast(NULL AS string) AS duplicate_of",
        "cast(NULL AS double) AS similarity",
    )
    return staying.unionByName(dropped)


def _grounds(undecided: DataFrame, *, kept: DataFrame, between: DataFrame) -> DataFrame:
    """Find for each undecided document the newly kept one that it is a duplicate of: by URL, else by text, else by similarity.

    A document with the text of a near-duplicate is one too, at the same similarity, without being compared. Of several witnesses
    the first in survivor order is named.
    """
    witness = F.struct("place", "witness_rank", "witness", "similarity", "reason").alias("ground")
    exact = [
        undecided.join(kept.selectExpr(f"{key}", "id AS witness", "rank AS witness_rank"), on=key, how="inner")
        .where("id != witness")
        .selectExpr("*", f"{place} AS place", "1.0D AS similarity", f"'exact_{key}' AS reason")
        .select("id", witness)
        for place, key in enumerate(("url", "text"))
    ]
    near = between.join(kept.selectExpr("id AS better"), on="better", how="left_semi").selectExpr(
        "worse AS id", "text", "2 AS place", "witness_rank", "better AS witness", "similarity", "'near_duplicate' AS reason"
    )
    copies = near.drop("id").join(undecided.select("id", "text"), on="text", how="inner")
    found = exact[0].union(exact[1]).union(near.select("id", witness)).union(copies.select("id", witness))
    best = found.groupBy("id").agg(F.min("ground").alias("ground"))
    return best.selectExpr(
        "id",
        "'dropped' AS outcome",
        "ground.reason AS reason",
        "ground.witness AS duplicate_of",
        "ground.similarity AS similarity",
    )
