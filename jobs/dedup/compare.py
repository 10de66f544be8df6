"""Compare pairs of classes by their exact shingles, reading text only of those that are in a pair."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import reduce

from pyspark import inheritable_thread_target
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedup.one_pass import Thresholds
from jobs.dedup.order import where
from jobs.dedup.settings import NearDuplicates
from jobs.engine import documents, signal_sets
from jobs.engine.errors import LedgerError
from jobs.engine.facts_of_texts import BROADCAST_ROWS, with_facts
from jobs.engine.literal_paths import literal
from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from udfs.similarity.shingles import compare_batches, shingle_batches

COMPARED = "a bigint, b bigint, common bigint, n_a bigint, n_b bigint, lsh boolean"
SHINGLES = "class bigint, shingles binary, error string"
FEW_PAIRS = 1_000_000  # whose classes are broadcast, 8 bytes each
CANDIDATES_AT_ONCE = BROADCAST_ROWS  # documents whose ids and edits are broadcast to a job
PORTIONS_AT_ONCE = 2  # jobs side by side, so that the last task of one leaves no cluster idle; each broadcasts


@dataclass(frozen=True)
class Work:
    """Name the tables of one dedup: its root, the folder of its order and keys, the folder of its rounds and those that are finished,
    what is a near-duplicate, how alike captures of one URL must be (0: no matter), and the roots of the published dumps that it is
    compared with.
    """

    root: Root
    folder: str
    rounds_folder: str
    rounds: tuple[str, ...]
    ngram: int
    near: NearDuplicates
    min_url_similarity: float
    published: Mapping[str, Root]
    held: list[DataFrame] = field(default_factory=list)

    @property
    def thresholds(self) -> Thresholds:
        """Return from which similarity two documents that met are duplicates."""
        return Thresholds(self.near.measure, self.near.min_similarity, self.min_url_similarity)

    def hold(self, rows: DataFrame) -> DataFrame:
        """Keep a table that a round asks twice in memory or on local disk until the round ends."""
        self.held.append(rows.persist())
        return self.held[-1]

    def let_go(self) -> None:
        """Give back what the round has kept; what another stage keeps stays."""
        while self.held:
            self.held.pop().unpersist()

    def table(self, name: str) -> DataFrame:
        """Read a table of the dedup's own."""
        return self.root.table(f"{self.rounds_folder if name.startswith('round=') else self.folder}/{name}")

    def earlier(self, name: str, schema: str) -> DataFrame:
        """Read a table of all rounds before; empty in the first."""
        return self.of(self.rounds, name, schema)

    def of(self, rounds: Sequence[str], name: str, schema: str) -> DataFrame:
        """Read a table of these rounds; one that had no need of it has none."""
        there = [self.root.at(folder, name) for folder in rounds if self.root.exists(f"{folder}/{name}")]
        if not there:
            return small_table(self.root.spark, [], schema)
        return literal(self.root.spark).schema(schema).option("recursiveFileLookup", "true").parquet(*there)


def compare(pairs: DataFrame, work: Work, *, folder: str) -> DataFrame:
    """Count the common shingles of each pair: a, b, common, n_a, n_b, lsh.

    A pair has a, b and lsh: whether they met in an LSH bucket, so that they may be near-duplicates, or only as captures of one URL.
    """
    classes = pairs.select(F.col("a").alias("class")).union(pairs.select(F.col("b").alias("class"))).distinct()
    shingle(classes, work, folder=folder, part="pairs")
    shingles = work.of((*work.rounds, folder), "shingles", SHINGLES)
    if pairs.count() <= FEW_PAIRS:  # the shingles of all rounds would be moved for the few that a late round compares
        shingles = shingles.join(F.broadcast(classes), on="class", how="left_semi")
    left, right = shingles.selectExpr("class AS a", "shingles AS s_a"), shingles.selectExpr("class AS b", "shingles AS s_b")
    both = pairs.join(right, on="b", how="inner").join(left, on="a", how="inner")
    return both.mapInArrow(compare_batches, COMPARED)


def shingle(classes: DataFrame, work: Work, *, folder: str, part: str) -> None:
    """Write the shingles of those of the classes that have none yet, by one job for many chunks of the run and of published dumps.

    The ids are broadcast to a chunk's text, so that no text is shuffled: what moves are the shingles of candidates (law 6). Only where
    one chunk has more candidates than a driver should hold, its text is shuffled to them. Several jobs run side by side, each over the
    candidates of its own chunks alone. A run that was killed goes on with the portions that are not finished; their markers lie beside
    the candidates, since a folder of shingles is read as a whole.
    """
    root = work.root

    def missing() -> DataFrame:
        known = work.of((*work.rounds, folder), "shingles", SHINGLES).select("class")
        places = where(work.root, work.folder).withColumnRenamed("nr", "class")
        return classes.join(known, on="class", how="left_anti").join(places, on="class", how="inner")

    needed = root.once(f"{folder}/candidates/{part}", missing)
    counts = needed.groupBy("dump", "chunk").count().collect()
    sizes = {(row["dump"], str(row["chunk"])): int(row["count"]) for row in counts}
    portions = list(_portions(sizes))
    if len(portions) > 1:  # a job would read the candidates of all
        needed = _by_chunk(root, needed, f"{folder}/candidates/{part}-by-chunk")

    def write(number: int) -> None:
        marker, portion = f"{folder}/candidates/{part}-{number}.json", portions[number]
        if root.read_json(marker) is not None:
            return
        wanted = sum(sizes[dump, chunk] for dump, chunks in portion.items() for chunk in chunks)
        texts = [_texts_of(work, needed, dump, chunks, rows=wanted) for dump, chunks in portion.items()]
        shingles = reduce(DataFrame.unionByName, texts).mapInArrow(shingle_batches(work.ngram), SHINGLES)
        # hashes are noise: no encoding makes them smaller
        plain = {"compression": "uncompressed", "parquet.enable.dictionary": "false"}
        place = f"{folder}/shingles/{part}-{number}"
        shingles.write.mode("overwrite").options(**plain).parquet(root.at(place))
        if root.table(place).count() != wanted:
            _name_the_missing(work, needed, place, portion=portion, sizes=sizes)
        root.write_json(marker, {"finished": True})

    with ThreadPoolExecutor(PORTIONS_AT_ONCE) as pool:
        list(pool.map(inheritable_thread_target(root.spark)(write), range(len(portions))))


def _by_chunk(root: Root, needed: DataFrame, relative: str) -> DataFrame:
    """Write candidates again, by dump and chunk, so that a job reads those of its chunks."""
    rows = needed.repartition("dump", "chunk")
    rows.write.mode("overwrite").partitionBy("dump", "chunk").parquet(root.at(relative))
    return literal(root.spark).schema(needed.schema).parquet(root.at(relative))


def _name_the_missing(
    work: Work,
    needed: DataFrame,
    place: str,
    *,
    portion: Mapping[str | None, Sequence[str]],
    sizes: Mapping[tuple[str | None, str], int],
) -> None:
    """Raise LedgerError if candidates have no shingles: each pair that they are in would be lost without a word."""
    there = work.root.table(place).select("class").join(needed, on="class", how="inner").groupBy("dump").count().collect()
    found = {row["dump"]: int(row["count"]) for row in there}
    for dump, chunks in portion.items():
        wanted = sum(sizes[dump, chunk] for chunk in chunks)
        if found.get(dump, 0) != wanted:
            where = f"the published dump {dump}" if dump is not None else "this run"
            raise LedgerError(
                f"dedup: of {wanted:,} documents of {where} that are to be compared, {found.get(dump, 0):,} have a text (chunks "
                f"{', '.join(chunks)}): their near-duplicates would all stay, so the stage is not finished and nothing after it ran. Was a "
                f"folder below documents/ or signals/ of that root taken away? Bring it back"
            )
    raise LedgerError(f"dedup: {place} has texts that no pair asked for: a bug in gristmill")


def _texts_of(work: Work, needed: DataFrame, dump: str | None, chunks: Sequence[str], *, rows: int) -> DataFrame:
    some = needed.where(F.col("dump").eqNullSafe(F.lit(dump)) & F.col("chunk").isin(list(chunks)))
    return candidate_texts(work.published[dump] if dump is not None else work.root, some, chunks, rows=rows)


def candidate_texts(root: Root, needed: DataFrame, chunks: Sequence[str], *, rows: int = 0) -> DataFrame:
    """Return class, text, edits of the candidates of some chunks; `rows` bounds how many there are."""
    edits = signal_sets.signals(root, ("edits",), chunk=chunks).select("id", "edits")
    some = with_facts(edits, needed.select("id", "class"), rows=rows)
    texts = documents.documents(root, chunks).select("id", "text")
    return with_facts(texts, some, rows=rows).drop("id")


def similarity(measure: str) -> Column:
    """Return the similarity of a pair whose classes are named `worse` and `better`, their shingles n_worse and n_better."""
    if measure == "containment":
        return F.expr("common / n_worse")
    return F.expr("common / (n_worse + n_better - common)")


def alike(compared: DataFrame, *, min_similarity: float) -> DataFrame:
    """Return a, b, similarity of the compared pairs whose Jaccard similarity is at or above a bound; two without a shingle have none."""
    measured = compared.withColumn("similarity", F.expr("common / nullif(n_a + n_b - common, 0)"))
    return measured.where(F.col("similarity") >= min_similarity).select("a", "b", "similarity")


def possible(near: NearDuplicates) -> Column:
    """Tell of a pair with n_worse and n_better shingles whether it can reach the threshold at all."""
    if near.measure == "containment":  # of the smaller one in the larger; which is which may turn while copies are decided
        return F.lit(True)
    return F.least("n_worse", "n_better") / F.greatest("n_worse", "n_better") >= near.min_similarity


def _portions(sizes: Mapping[tuple[str | None, str], int]) -> Iterator[dict[str | None, list[str]]]:
    """Put chunks of dumps together, in order, until the next would make them more than CANDIDATES_AT_ONCE: one job for each portion.

    >>> list(_portions({("b", "00001"): 1, (None, "00000"): 2, ("b", "00000"): CANDIDATES_AT_ONCE}))
    [{None: ['00000']}, {'b': ['00000']}, {'b': ['00001']}]
    """
    portion: dict[str | None, list[str]] = {}
    total = 0
    for dump, chunk in sorted(sizes, key=lambda one: (one[0] or "", one[1])):
        if portion and total + sizes[dump, chunk] > CANDIDATES_AT_ONCE:
            yield portion
            portion, total = {}, 0
        portion.setdefault(dump, []).append(chunk)
        total += sizes[dump, chunk]
    if portion:
        yield portion
