"""One round of dedup: compare the best undecided documents of every bucket with the rest of it, then decide what can be decided."""

from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.dedup import captures as same_url
from jobs.dedup.all_pairs import decide_all
from jobs.dedup.captures import Captures
from jobs.dedup.compare import COMPARED, Work, compare, possible
from jobs.dedup.giants import GIANT, rekey
from jobs.dedup.grounds import edges_of, grounds_of, still_between
from jobs.dedup.one_pass import DECIDED, TAIL, Left, Pair, one_pass
from jobs.engine.root import Root
from jobs.engine.small_table import small_table

GROWTH = 4  # in round r at least the best 4^r documents of a bucket are compared with the rest of it
MEETINGS = 500_000  # of leaders with others, in all buckets, that are taken in one round however early: a round costs seconds


@dataclass(frozen=True)
class Round:
    """Say which round it is, where it writes, and what it starts from: tables, and how many documents are left."""

    number: int
    folder: str
    contested: str
    buckets: str
    left: int


@dataclass(frozen=True)
class Standing:
    """Hold the undecided classes of each bucket (`_standing`), how many of the best are compared in this round with those behind them,
    and the members of the largest bucket; captures of one URL likewise, if their texts are asked.
    """

    buckets: DataFrame
    leaders: int
    largest: int
    captures: Captures | None

    @property
    def ends_here(self) -> bool:
        """Tell whether after this round all pairs are compared."""
        sides = [(self.leaders, self.largest)]
        sides += [(self.captures.leaders, self.captures.largest)] if self.captures is not None else []
        return all(largest <= leaders + 1 for leaders, largest in sides)


def run_round(work: Work, this: Round) -> dict[str, Any]:
    """Run one round and return how many pairs it compared, and how many documents it decided and left.

    0. A small dedup has one round, in which the driver makes all pairs (`all_pairs`).
    1. Classes of documents with one text stand in their LSH buckets by the best undecided one of each, its head. In the second round
       giant buckets get finer keys.
    2. The first `leaders` of a bucket, 4^round or as many more as are little work, are compared with all that come after them, by exact
       shingles. So are the captures of a URL (`captures`).
    3. Kept: who is first by text and payload, was compared with all in its buckets and all captures of its URL (is among their leaders,
       or there is no more than one behind them), and measures as nobody's duplicate among the undecided better ones. The best undecided
       document of all always is, so every round decides.
    4. Dropped: who shares text or payload with a newly kept one, or is of a class that measures at or above the threshold with it, as a
       capture of its URL or as any text.
    5. When all pairs are compared and little is left, one pass in memory decides the rest (`one_pass`).

    Each table is written once: a run that was killed goes on with the first that is not finished.
    """
    root = work.root
    whole = decide_all(work, folder=this.folder) if this.number == 0 and this.left <= TAIL else None
    if whole is not None:
        return whole
    contested = work.table(this.contested)
    standing = root.once(f"{this.folder}/standing", lambda: _standing(contested, work.table(this.buckets)))
    leaders, largest = _leaders(standing, number=this.number)
    if this.number == 1 and largest > max(GIANT, leaders + 1):
        rough = standing
        finer = root.once(f"{this.folder}/keys", lambda: rekey(rough, work, folder=this.folder))
        standing = root.once(f"{this.folder}/standing_anew", lambda: _standing(contested, finer))
        leaders, largest = _leaders(standing, number=this.number)
    captures = _captures(work, this, contested)
    here = Standing(buckets=standing, leaders=leaders, largest=largest, captures=captures)
    pairs = root.once(f"{this.folder}/pairs", lambda: _met(here, work, this))
    compared = root.once(f"{this.folder}/compared", lambda: compare(pairs, work, folder=this.folder))
    between = still_between(work.earlier("compared", COMPARED).unionByName(compared), contested)

    def decide() -> DataFrame:
        rest = _decide_rest(work, contested, between) if this.left <= TAIL and here.ends_here else None
        return _decide(work, this, contested, here, between) if rest is None else rest

    decided = root.once(f"{this.folder}/decided", decide)
    counts = {row["outcome"]: int(row["count"]) for row in decided.groupBy("outcome").count().collect()}
    kept, dropped = counts.get("kept", 0), counts.get("dropped", 0)
    left = this.left - kept - dropped
    if left:
        unfinished = standing.where(F.col("members") > leaders + 1).select("key", "class", "n", "small")
        _pass_on(root, this, contested=contested, unfinished=unfinished, decided=decided)
    work.let_go()
    return {"leaders": leaders, "pairs": compared.count(), "kept": kept, "dropped": dropped, "left": left}


def _pass_on(root: Root, this: Round, *, contested: DataFrame, unfinished: DataFrame, decided: DataFrame) -> None:
    """Write what the next round starts from: the undecided documents, and their places in buckets with pairs not compared."""
    left = root.once(f"{this.folder}/contested", lambda: contested.join(decided.select("nr"), on="nr", how="left_anti"))
    alive = left.select(F.col("text").alias("class")).distinct()
    root.once(f"{this.folder}/buckets", lambda: unfinished.join(alive, on="class", how="left_semi"))


def _leaders(standing: DataFrame, *, number: int) -> tuple[int, int]:
    """Return how many of a bucket's best documents to compare with the rest of it, and the members of the largest bucket."""
    steps = [min(GROWTH**power, 2**31 - 2) for power in range(number, number + 6)]  # a row number is an int
    meetings = [F.sum(F.when(F.col("position") <= step, F.col("members") - F.col("position"))) for step in steps]
    row = standing.agg(F.max("members"), *meetings).first()
    largest, *counts = [int(value or 0) for value in row] if row is not None else [0]
    few = [step for step, count in zip(steps, counts, strict=True) if count <= MEETINGS]
    return max(few, default=steps[0]), largest


def _standing(contested: DataFrame, buckets: DataFrame) -> DataFrame:
    """Return key, class, n, small, head, position (1 is best) and members of every class with undecided documents in each bucket."""
    heads = contested.groupBy(F.col("text").alias("class")).agg(F.min("nr").alias("head"))
    bucket = Window.partitionBy("key")
    rows = (
        buckets.join(heads, on="class", how="inner")
        .withColumn("position", F.row_number().over(bucket.orderBy("head")))
        .withColumn("members", F.count("*").over(bucket))
        .withColumn("has_small", F.max("small").over(bucket))
    )
    return rows.where("members > 1 AND has_small").drop("has_small")


def _captures(work: Work, this: Round, contested: DataFrame) -> Captures | None:
    """Return the undecided captures of each URL; None if their texts are not asked, or no URL has two texts left."""
    if work.min_url_similarity == 0:
        return None
    standing = work.root.once(f"{this.folder}/captures_standing", lambda: same_url.standing(contested))
    leaders, largest = _leaders(standing, number=this.number)
    return Captures(standing=standing, leaders=leaders, largest=largest) if largest else None


def _met(here: Standing, work: Work, this: Round) -> DataFrame:
    """Return a, b, lsh of the pairs to compare: those of buckets, and those of captures that were not compared before."""
    near = _pairs(here.buckets, work, leaders=here.leaders).withColumn("lsh", F.lit(True))
    if here.captures is None:
        return near
    captures = work.root.once(f"{this.folder}/captures", partial(same_url.pairs, here.captures, work)).select("a", "b")
    known = work.earlier("compared", COMPARED).select("a", "b")
    other = captures.join(known, on=["a", "b"], how="left_anti").withColumn("lsh", F.lit(False))
    return near.unionByName(other).groupBy("a", "b").agg(F.max("lsh").alias("lsh"))


def _pairs(standing: DataFrame, work: Work, *, leaders: int) -> DataFrame:
    """Pair the leaders of each bucket with everyone after them, leaving out what was compared before and what cannot be similar."""
    columns = ("key", "class", "head", "n", "small", "position")
    first = standing.where(F.col("position") <= leaders).selectExpr(*[f"{name} AS {name}_better" for name in columns])
    after = standing.selectExpr(*[f"{name} AS {name}_worse" for name in columns])
    met = first.join(after, on=F.col("key_better") == F.col("key_worse"), how="inner").where("position_better < position_worse")
    if work.near.measure == "containment":
        marked = F.col("small_worse") | F.col("small_better")
    else:
        marked = F.when(F.col("n_worse") <= F.col("n_better"), F.col("small_worse")).otherwise(F.col("small_better"))
        marked = marked | ((F.col("n_worse") == F.col("n_better")) & F.col("small_better"))
    # what is published already is not compared with its like
    new = (F.col("head_better") >= 0) | (F.col("head_worse") >= 0)
    pairs = met.where(possible(work.near) & marked & new).select(
        F.least("class_better", "class_worse").alias("a"), F.greatest("class_better", "class_worse").alias("b")
    )
    known = work.earlier("compared", COMPARED).where("lsh").select("a", "b")
    return pairs.distinct().join(known, on=["a", "b"], how="left_anti")


def _decide_rest(work: Work, contested: DataFrame, between: DataFrame) -> DataFrame | None:
    """Decide all that is left by one pass in memory; None if there are too many pairs for that."""
    pairs = [Pair(*row) for row in between.select(*Pair._fields).limit(TAIL + 1).collect()]
    if len(pairs) > TAIL:
        return None
    left = [Left(*row) for row in contested.select("nr", "url", "text", "digest").collect()]
    decisions = one_pass(left, pairs, thresholds=work.thresholds)
    return small_table(work.root.spark, decisions, DECIDED)


def _decide(work: Work, this: Round, contested: DataFrame, here: Standing, between: DataFrame) -> DataFrame:
    """Decide what a round can, as tables: nr, outcome, reason, witness, similarity."""
    root, folder = work.root, this.folder
    edges = root.once(f"{folder}/edges", lambda: edges_of(work, between.where("lsh")))
    met = work.of((*work.rounds, this.folder), "captures", same_url.PAIRS)
    asks = work.min_url_similarity > 0
    alike = root.once(f"{folder}/alike", lambda: same_url.alike(met, between, work)) if asks else None
    kept = root.once(f"{folder}/kept", lambda: _kept(contested, here, edges=edges, alike=alike))
    dropped = grounds_of(contested, kept=kept, edges=edges, captures=alike)
    staying = kept.selectExpr(
        "nr",
        "'kept' AS outcome",
        "cast(NULL AS string) AS reason",
        "cast(NULL AS bigint) AS witness",
        "cast(NULL AS double) AS similarity",
    )
    return staying.unionByName(dropped)


def _kept(contested: DataFrame, here: Standing, *, edges: DataFrame, alike: DataFrame | None) -> DataFrame:
    """Return nr, url, text, digest of the documents that nothing stops.

    Whoever was not compared with all is stopped. So is who has a better one beside it, unless it is published already: that stays.
    """
    far = (F.col("members") > here.leaders + 1) & (F.col("position") > here.leaders)
    texts = here.buckets.where(far).selectExpr("class AS stopped", "true AS published")
    texts = texts.unionByName(edges.selectExpr("worse AS stopped", "false AS published")).distinct()
    copies = [_later(contested, kind) for kind in (("url",) if alike is None else ()) + ("text", "digest")]
    numbers = reduce(DataFrame.unionByName, copies).selectExpr("nr AS stopped", "false AS published")
    if here.captures is not None and alike is not None:
        behind = same_url.behind(here.captures, contested).selectExpr("nr AS stopped", "true AS published")
        waiting = same_url.waiting(contested, alike).selectExpr("nr AS stopped", "false AS published")
        numbers = numbers.unionByName(behind).unionByName(waiting)
    rows, stops = contested.select("nr", "url", "text", "digest"), F.expr("published OR nr >= 0")
    rows = rows.join(texts, on=(F.col("text") == F.col("stopped")) & stops, how="left_anti")
    return rows.join(numbers, on=(F.col("nr") == F.col("stopped")) & stops, how="left_anti")


def _later(contested: DataFrame, kind: str) -> DataFrame:
    """Return nr of the documents that have a better one in their group."""
    place = F.row_number().over(Window.partitionBy(kind).orderBy("nr")).alias("place")
    return contested.where(F.col(kind).isNotNull()).select("nr", place).where("place > 1").select("nr")
