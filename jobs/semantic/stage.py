"""Semantic: documents are clustered by their vectors; those that say the same as another go, and those that a cluster is full of."""

from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, DataType, NumericType

from jobs.engine.columns import complaint, is_chance, more_than_a_row
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.semantic.clustering import assigned, divided, fitted
from jobs.semantic.duplicates import threshold, write_gone
from jobs.semantic.labels import write_clusters
from jobs.semantic.pool import EMBEDDING, MEANT, empty, width_of, with_first, write_equal, write_pool
from jobs.semantic.prototypes import staying
from jobs.semantic.recall import recall, told
from jobs.semantic.settings import Semantic
from jobs.semantic.tables import CLUSTERS, DECISIONS
from jobs.semantic.work import Work
from udfs.vectors.agreement import too_weak
from udfs.vectors.kmeans import Vectors

FOLDER = "semantic"
ENGLISH = "all-MiniLM-L6-v2"  # the model whose vectors of other languages say nothing (docs/semantic.md)
DUPLICATE, PROTOTYPE, NO_VECTOR = "semantic_duplicate", "prototype", "no_vector"
GONE = ("duplicate_of", "cosine", "dropped_by", "dropped_by_cosine")
Clustering = tuple[Vectors, DataFrame]


def run(job: Job[Semantic]) -> Ledger:
    """Cluster the documents that are kept so far, decide which go, and prove that each has one decision.

    1. The pool is written: id, vector and what orders documents (`pool`). Of equal vectors the first stands for all (`equal`).
    2. K-means is fitted to a sample, every vector is assigned (`first`), and clusters that are too large are divided.
    3. Inside clusters documents are compared; those that go are written with their witnesses (`gone`).
    4. What is left is clustered anew (`second`), and the nearest to the centroids go (`prototypes`).
    5. Decisions and clusters are written.
    Each step is Parquet below semantic/<fingerprint>/ with a marker written last, so a killed run goes on with the step it was at.
    Raises RecipeError if the vectors are too weak to drop a document by.
    """
    refuse_weak(job)
    root, key = job.root, fingerprint(job.key())
    work = Work(root, f"{FOLDER}/{key}", job.settings)
    pool = write_pool(job, work)
    work = Work(root, work.folder, job.settings, width_of(pool))
    first, placed = _first(work, pool)
    gone = _gone(job, work, placed) if job.settings.duplicates is not None else None
    second = _second(work, first, gone) if job.settings.prototypes is not None else None
    root.write(_decided(work, pool, first[1], gone, second), DECISIONS)
    clusterings = [first, *([second] if second is not None else [])]
    write_clusters(job, work, clusterings)
    proved = ledger(came=tally(job.kept()), decisions=root.read(DECISIONS), kept="kept")
    root.delete_all_but(FOLDER, [key])  # what other fingerprints have left
    return proved


def refuse_weak(job: Job[Semantic]) -> None:
    """Raise RecipeError if documents would be dropped by vectors of a model that agrees too little with its teacher."""
    found = (job.root.markers.stage("signals") or {}).get(EMBEDDING)
    why = too_weak(found) if job.settings.drops else None
    if why is not None:
        raise RecipeError(
            f"[semantic] the vectors are too weak to drop a document by: {why}. Nothing was dropped, for documents that say different things "
            f"would go. Train the model on more texts, or let the transformer make the vectors ([annotate.embedding] model)"
        )


def _first(work: Work, pool: DataFrame) -> tuple[Clustering, DataFrame]:
    """Cluster the documents; return centroids and assigned rows, and the same rows with their places."""
    if work.settings.duplicates is not None:
        write_equal(work, pool)
        rows = with_first(work, pool).where("first IS NULL OR first = id").drop("first")
        rows = rows.withColumn("copies", F.coalesce("copies", F.lit(1).cast("long")))
    else:
        rows = pool.where("vector IS NOT NULL")
    centroids = fitted(work, rows, name="first")
    clustered = assigned(work, rows, name="first", centroids=centroids)
    return (centroids, clustered), divided(work, clustered, name="first") if work.settings.duplicates is not None else clustered


def _gone(job: Job[Semantic], work: Work, placed: DataFrame) -> DataFrame:
    """Write the documents that say the same as another; say how many pairs lie across clusters."""
    found = threshold(work, placed)
    gone = write_gone(work, placed, min_cosine=found["min_cosine"])
    if "keep" in found:
        job.context.progress.say(
            f"  semantic: min_cosine {found['min_cosine']:.4f} keeps {found['keep']:.1%} of {found['documents']:,} documents"
        )
    job.context.progress.say(f"  semantic: {told(recall(work, placed, min_cosine=found['min_cosine']))}")
    return gone


def _second(work: Work, first: Clustering, gone: DataFrame | None) -> Clustering:
    """Cluster what is left anew, with numbers that go on after the first clusters'; return centroids and rows with `stays`."""
    asked = work.settings.prototypes
    assert asked is not None
    left = first[1].drop("cluster", "to_centroid")
    if gone is not None:
        left = left.join(gone.select("id"), on="id", how="left_anti")
    centroids = fitted(work, left, name="second")
    rows = assigned(work, left, name="second", centroids=centroids, first=len(first[0]))
    return centroids, rows.join(staying(work, rows, asked), on="id", how="inner")


def _decided(work: Work, pool: DataFrame, first: DataFrame, gone: DataFrame | None, second: Clustering | None) -> DataFrame:
    """Return a decision for every document of the pool.

    Cluster and distance are those of the last clustering that had the document; a copy of a vector has those of the first of its equals.
    """
    rows = first.select("id", "chunk", "cluster", "to_centroid")
    nothing = [F.lit(None).cast(kind).alias(name) for name, kind in zip(GONE, ("string", "double") * 2, strict=True)]
    rows = rows.join(gone, on="id", how="left") if gone is not None else rows.select("*", *nothing)
    if second is not None:
        later = second[1].select("id", F.col("cluster").alias("later"), F.col("to_centroid").alias("to_later"), "stays")
        rows = rows.join(later, on="id", how="left").withColumns(
            {"cluster": F.coalesce("later", "cluster"), "to_centroid": F.coalesce("to_later", "to_centroid")}
        )
    else:
        rows = rows.withColumn("stays", F.lit(True))
    duplicate, prototype = F.col("duplicate_of").isNotNull(), ~F.col("stays")
    rows = rows.select(
        "id",
        F.when(duplicate | prototype, "dropped").otherwise("kept").alias("outcome"),
        F.when(duplicate, DUPLICATE).when(prototype, PROTOTYPE).alias("reason"),
        *GONE,
        "cluster",
        (1 - F.col("to_centroid")).alias("distance_to_centroid"),
        "chunk",
    )
    outside = ~F.col(MEANT)  # null where nobody knows, and that fails
    none = pool.where("vector IS NULL").select(
        "id",
        F.when(outside, "kept").otherwise("failed").alias("outcome"),
        F.when(~F.coalesce(outside, F.lit(False)), NO_VECTOR).alias("reason"),
        "chunk",
    )
    every = rows.unionByName(none, allowMissingColumns=True)
    return every.unionByName(_copies(work, pool, rows)) if gone is not None else every


def _copies(work: Work, pool: DataFrame, rows: DataFrame) -> DataFrame:
    """Return a decision for each document whose vector an earlier one has: it goes, for that one or for what that one went for.

    Its witness is the one that the rule kept: where that is the first of the equals itself, the cosine is 1.
    """
    others = with_first(work, pool).where("first != id").select(F.col("id").alias("copy"), "first", F.col("chunk").alias("of"))
    found = others.join(rows.withColumnRenamed("id", "first"), on="first", how="inner")
    return found.select(
        F.col("copy").alias("id"),
        F.lit("dropped").alias("outcome"),
        F.lit(DUPLICATE).alias("reason"),
        F.coalesce("duplicate_of", "first").alias("duplicate_of"),
        F.coalesce("cosine", F.lit(1.0)).alias("cosine"),
        F.col("first").alias("dropped_by"),
        F.lit(1.0).alias("dropped_by_cosine"),
        "cluster",
        "distance_to_centroid",
        F.col("of").alias("chunk"),
    )


def check(job: Job[Semantic]) -> None:
    """Refuse a recipe that measures no vectors, and a quality that is no number of one document. Raises RecipeError."""
    annotate = job.recipe.sections.get("annotate")
    if getattr(annotate, EMBEDDING, None) is None:
        raise RecipeError(
            "[semantic] clusters documents by their vectors, and nothing makes them; nothing was run. Add [annotate.embedding]"
        )
    rows = empty(job)
    for name, sql, kind in (("where", job.settings.where, BooleanType), ("quality", job.settings.quality, NumericType)):
        why = _fault(rows, sql, kind) if sql is not None else None
        if why is not None:
            raise RecipeError(f"[semantic] {name} {sql!r} {why}; nothing was run. Columns: {', '.join(rows.columns)}")


def _fault(rows: DataFrame, sql: str, kind: type[DataType]) -> str | None:
    """Say why an expression cannot answer for one document alone, or answers with the wrong type; None if it can."""
    try:
        chosen = rows.select(F.expr(sql).alias("asked"))
    except AnalysisException as error:
        return f"does not fit: {complaint(error)}"
    if more_than_a_row(chosen, rows) or is_chance(chosen):
        return "looks at other documents, or is another at every run"
    found = chosen.schema["asked"].dataType
    return None if isinstance(found, kind) else f"gives {found.simpleString()}"


def lines(job: Job[Semantic]) -> list[str]:
    """Warn of a model of one language that is to compare all."""
    made = getattr(job.recipe.sections.get("annotate"), EMBEDDING, None)
    if job.settings.drops and job.settings.where is None and made is not None and made.model.startswith(ENGLISH):
        return [
            "semantic  MiniLM knows English alone: to it texts of another script are all alike, and most of them would go. "
            "Add where = \"language = 'en'\" to [semantic], or name another model"
        ]
    return []


def facts(job: Job[Semantic]) -> dict[str, Any]:
    """Say in the stage's marker what was found: clusters, the threshold, and the pairs that clusters part."""
    folder = f"{FOLDER}/{fingerprint(job.key())}"
    first = job.root.read(CLUSTERS).groupBy("clustering").agg(F.count("*").alias("n"), F.max("documents").alias("largest"))
    clusters = {str(row["clustering"]): {"clusters": row["n"], "largest": row["largest"]} for row in first.collect()}
    found: dict[str, Any] = {"clusterings": clusters}
    for name in ("threshold", "recall"):
        one = job.root.read_json(f"{folder}/{name}.json")
        if one is not None and job.settings.duplicates is not None:
            found[name] = one
    if job.settings.duplicates is not None and "threshold" not in found:
        found["threshold"] = {"min_cosine": job.settings.duplicates.min_cosine}
    return found
