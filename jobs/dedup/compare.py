"""Compare pairs of classes by their exact shingles, reading text only of those that are in a pair."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedup.order import where
from jobs.dedup.settings import NearDuplicates
from jobs.engine import documents, signal_sets
from jobs.engine.errors import LedgerError
from jobs.engine.literal_paths import literal
from jobs.engine.root import Root
from udfs.similarity.shingles import compare_batches, shingle_batches

COMPARED = "a bigint, b bigint, common bigint, n_a bigint, n_b bigint, lsh boolean"
SHINGLES = "class bigint, shingles binary, error string"
FEW_PAIRS = 1_000_000  # whose classes are broadcast, 8 bytes each
CANDIDATES_AT_ONCE = 200_000  # documents whose ids and edits are broadcast to a job: some hundred MB at most


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
            return self.root.spark.createDataFrame([], schema)
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
    """Write the shingles of those of the classes that have none yet, chunk by chunk.

    The ids are broadcast to a chunk's text, so that no text is shuffled: what moves are the shingles of candidates (law 6).
    """
    root = work.root
    known = work.of((*work.rounds, folder), "shingles", SHINGLES).select("class")
    places = where(work.root, work.folder).withColumnRenamed("nr", "class")
    missing = classes.join(known, on="class", how="left_anti").join(places, on="class", how="inner")
    needed = root.save(missing, f"{folder}/candidates/{part}")
    counts = needed.groupBy("dump", "chunk").count().collect()
    for dump in sorted({row["dump"] for row in counts}, key=str):
        sizes = {str(row["chunk"]): int(row["count"]) for row in counts if row["dump"] == dump}
        for number, chunks in enumerate(_portions(sizes)):
            some = needed.where(F.col("dump").eqNullSafe(dump) & F.col("chunk").isin(chunks))
            texts = candidate_texts(work.published[dump] if dump is not None else root, some, chunks)
            shingles = texts.mapInArrow(shingle_batches(work.ngram), SHINGLES)
            # hashes are noise: no encoding makes them smaller
            plain = {"compression": "uncompressed", "parquet.enable.dictionary": "false"}
            place = f"{folder}/shingles/{part}-{dump or ''}-{number}"
            shingles.write.mode("overwrite").options(**plain).parquet(root.at(place))
            _check_all_there(root, place, wanted=sum(sizes[chunk] for chunk in chunks), dump=dump, chunks=chunks)


def _check_all_there(root: Root, place: str, *, wanted: int, dump: str | None, chunks: Sequence[str]) -> None:
    """Raise LedgerError if candidates have no shingles: each pair that they are in would be lost without a word."""
    found = root.table(place).count()
    if found != wanted:
        where = f"the published dump {dump}" if dump is not None else "this run"
        raise LedgerError(
            f"dedup: of {wanted:,} documents of {where} that are to be compared, {found:,} have a text (chunks {', '.join(chunks)}): their "
            f"near-duplicates would all stay, so the stage is not finished and nothing after it ran. Was a folder below documents/ or "
            f"signals/ of that root taken away? Bring it back"
        )


def candidate_texts(root: Root, needed: DataFrame, chunks: Sequence[str]) -> DataFrame:
    """Return class, text, edits of the candidates of some chunks."""
    some = F.broadcast(needed.select("id", "class"))
    edits = signal_sets.signals(root, ("edits",), chunk=chunks).select("id", "edits").join(some, on="id", how="inner")
    texts = documents.documents(root, chunks).select("id", "text")
    return texts.join(F.broadcast(edits), on="id", how="inner").drop("id")


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


def _portions(sizes: dict[str, int]) -> Iterator[list[str]]:
    """Put chunks together, in order, until the next would make them more than CANDIDATES_AT_ONCE."""
    portion: list[str] = []
    total = 0
    for chunk in sorted(sizes):
        if portion and total + sizes[chunk] > CANDIDATES_AT_ONCE:
            yield portion
            portion, total = [], 0
        portion.append(chunk)
        total += sizes[chunk]
    if portion:
        yield portion
