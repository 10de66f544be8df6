"""Publish: put decisions, edits and text together and write the product, partitioned Parquet in files of a sensible size.

A chunk is written again only if its own rows change: its fingerprint hashes what was decided and cut in it, so a file that is added to
the input, or one that still cannot be read, leaves the files of all other chunks as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from jobs.engine.chunks import run_chunks
from jobs.engine.errors import RecipeError
from jobs.engine.facts_of_texts import most_rows, with_facts
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.laws import weave
from jobs.engine.ledger import Ledger
from jobs.engine.root import Root
from jobs.publish import annotations
from jobs.publish.digests import digests
from jobs.publish.routed import routed, slots_of
from jobs.publish.settings import Publish
from jobs.publish.tables import FAILED
from udfs.documents.schema import DOCUMENT_FIELDS
from udfs.edits.edit_batches import apply_edits
from udfs.signals.sets import EDITS

FOLDER = "corpus"
FINEWEB = ("text", "id", "dump", "url", "date", "file_path", "language", "language_score", "token_count")
PARTITIONS = ("dump", "language", "chunk")  # in the path, not in the files; a chunk of its own, so that redoing one replaces it
NOT_PUBLISHED = ("outcome", "reason", "error")
UNKNOWN = "und"  # the language of a text that has none
COUNTED = "group_size"  # of the group of duplicates that a document stands for
REPEATED = (
    "copies"  # how often a trainer's mix should have the document; a column, as a corpus that repeats texts is no smaller
)
ALWAYS = (COUNTED, REPEATED)  # of the columns that deciding stages offer, those of every product


def check(job: Job[Publish]) -> None:
    """Raise RecipeError if [publish] columns names one that is unknown, named twice, or there anyway."""
    columns = job.settings.columns
    every = (*DOCUMENT_FIELDS.names, *(s.name for s in job.context.catalogue), *_offers(job))
    known = [name for name in every if name not in (*FINEWEB, *NOT_PUBLISHED, *ALWAYS)]
    wrong = [name for name in columns if name not in known] + [name for name in set(columns) if columns.count(name) > 1]
    if wrong:
        raise RecipeError(
            f"[publish] columns: {', '.join(sorted(wrong))}: unknown, named twice, or there anyway; nothing was run. Known: {', '.join(known)}"
        )


def run(job: Job[Publish]) -> Ledger:
    """Write every unfinished chunk's documents to corpus/dump=…/language=…/chunk=…, and prove that none is missing or doubled.

    Chunks are written one after another, because Spark's writers share a scratch folder below the output path. The driver lists the
    languages of the corpus once, and counts the decisions of each chunk by one job.
    """
    root = job.root
    keys = _chunk_keys(job)
    root.markers.forget_chunks(FOLDER, root.markers.chunks(FOLDER).keys() - keys.keys())  # chunks without documents by now
    stale = _written(root)
    _delete_stand_in(root, stale)
    run_chunks(
        job.context,
        folder=FOLDER,
        fingerprints=keys,
        work=lambda chunk: _publish_chunk(job, chunk, stale.get(chunk, ())),
    )
    written = root.product(FOLDER)
    if written is None:
        _write_stand_in(job)
        written = root.table(FOLDER)
    annotations.write(job)
    failed = root.read(FAILED).selectExpr("id", "'failed' AS outcome", "'publish_error' AS reason")
    return weave(job.kept().selectExpr("id", "1L AS times"), placed=written.select("id"), left_out=failed)


def facts(job: Job[Publish]) -> dict[str, Any]:
    """Say in the stage's marker how large the corpus is: rows, files, bytes."""
    root = job.root
    jvm: Any = root.spark.sparkContext._jvm
    jsc: Any = root.spark.sparkContext._jsc
    written = root.product(FOLDER)
    if written is None:
        return {"corpus": {"rows": 0, "files": 0, "bytes": 0}}
    paths = [jvm.org.apache.hadoop.fs.Path(root.at(FOLDER, name)) for name in root.names(FOLDER) if name.startswith("dump=")]
    found = [path.getFileSystem(jsc.hadoopConfiguration()).getContentSummary(path) for path in paths]
    files, size = sum(int(one.getFileCount()) for one in found), sum(int(one.getLength()) for one in found)
    return {"corpus": {"rows": written.count(), "files": files, "bytes": size}}


def _offers(job: Job[Publish]) -> tuple[str, ...]:
    return tuple(name for stage in job.context.stages for name in stage.offers)


def _wanted(job: Job[Publish]) -> list[str]:
    """Name the columns of decisions that the product carries."""
    return [name for name in _offers(job) if name in (*job.settings.columns, *ALWAYS)]


def _chunk_keys(job: Job[Publish]) -> dict[str, str]:
    """Fingerprint each chunk's share of the corpus: how its documents were made and measured, and what was decided and cut."""
    columns = _wanted(job)
    decided = digests(job.offered(columns), columns)
    cut = [digests(job.root.read(table), ["edits"]) for table in job.edits()]
    source = job.context.job(job.context.source).how()
    sets = (job.root.markers.stage("signals") or {}).get("sets", {})
    return {
        chunk: fingerprint(_how(job), source, sets, decided.get(chunk), [digests.get(chunk) for digests in cut])
        for chunk in job.chunks()
    }


def _how(job: Job[Publish]) -> str:
    """Fingerprint how the product is made: annotations beside it change nothing in it."""
    return replace(job, settings=job.settings.model_copy(update={"annotations": False})).how()


def decides(job: Job[Publish]) -> Any:
    """Return the settings; those that ask for no annotations are what they were before there were any."""
    return job.settings.model_dump(mode="json", exclude=set() if job.settings.annotations else {"annotations"})


def _written(root: Root) -> Mapping[str, Sequence[str]]:
    """Find the folders of each chunk in the corpus, whichever run wrote them: a listing for each language."""
    found: dict[str, list[str]] = {}
    for chunk in root.names(FAILED.path):
        found.setdefault(chunk.removeprefix("chunk="), []).append(f"{FAILED.path}/{chunk}")
    for dump in root.names(FOLDER):
        if dump.startswith("dump="):
            for language in root.names(f"{FOLDER}/{dump}"):
                for chunk in root.names(f"{FOLDER}/{dump}/{language}"):
                    found.setdefault(chunk.removeprefix("chunk="), []).append(f"{FOLDER}/{dump}/{language}/{chunk}")
    return found


def _write_stand_in(job: Job[Publish]) -> None:
    """Write a file with the product's columns and without rows, since readers refuse a folder without a file."""
    chunk = next(iter(job.chunks()), "00000")
    rows = product(job, chunk).drop("edits", "cuts", "error", *PARTITIONS).limit(0).coalesce(1)
    folder = f"{FOLDER}/dump={job.recipe.run.dump}/language={UNKNOWN}/chunk={chunk}"
    rows.write.mode("overwrite").parquet(job.root.at(folder))


def _delete_stand_in(root: Root, written: Mapping[str, Sequence[str]]) -> None:
    """Take away what no marker vouches for: the file that stands for no documents, and what chunks have that are gone."""
    known = root.markers.chunks(FOLDER)
    gone = [folder for chunk, some in written.items() if known.get(chunk, {}).get("files", 0) == 0 for folder in some]
    root.delete_all(gone)
    root.delete_all(
        [language for language in sorted({folder.rpartition("/")[0] for folder in gone}) if not root.names(language)]
    )


def _publish_chunk(job: Job[Publish], chunk: str, stale: Sequence[str]) -> dict[str, Any]:
    root = job.root
    root.delete_all(stale)
    facts = facts_of(job, chunk)
    slots = slots_of(facts, file_bytes=job.settings.file_mb << 20)
    if not slots.files:
        return {"files": 0}
    placed = _shaped(job, routed(_documents(job, chunk), facts, slots), chunk)
    texts = placed.mapInArrow(apply_edits, placed.drop("edits", "cuts").schema)
    seen = Observation()
    good = texts.observe(seen, F.count("error").alias("failed")).where("error IS NULL").drop("error")
    good.sortWithinPartitions(*PARTITIONS, "id").write.mode("append").partitionBy(*PARTITIONS).parquet(root.at(FOLDER))
    if seen.get["failed"]:  # found again, for they are hardly ever there
        bad = texts.where("error IS NOT NULL").select("id", "error")
        bad.write.mode("overwrite").parquet(root.at(FAILED.path, f"chunk={chunk}"))
    return {"files": slots.files, **seen.get}


def product(job: Job[Publish], chunk: str) -> DataFrame:
    """Return the kept documents of a chunk with the product's columns, and `edits` and `cuts`, which are not applied yet."""
    return _shaped(job, with_facts(_documents(job, chunk), facts_of(job, chunk), rows=most_rows(job.root, chunk)), chunk)


def _documents(job: Job[Publish], chunk: str) -> DataFrame:
    """Return a chunk's documents; those of a source that does not repeat them have no copies of their own."""
    rows, source = job.documents(chunk), job.context.source.source
    return rows if source is not None and source.repeats else rows.drop(REPEATED)


def facts_of(job: Job[Publish], chunk: str) -> DataFrame:
    """Return what the product has of the kept documents of a chunk beside their texts: id, language, signals, edits, cuts."""
    columns = job.settings.columns
    kept = job.offered(_wanted(job), chunk).drop("chunk")
    kept = kept if COUNTED in kept.columns else kept.withColumn(COUNTED, F.lit(1).cast("long"))
    kept = kept.withColumn("cuts", F.lit(None).cast(_layers_type()))
    layers: list[Column] = []
    for place, table in enumerate(job.edits()):
        cuts = job.root.read(table, chunk).select("id", F.col("edits").alias(f"cuts_{place}"))
        kept = kept.join(cuts, on="id", how="left")
        layers.append(F.col(f"cuts_{place}"))
    if layers:
        kept = kept.withColumn("cuts", F.array(*layers)).drop(*(f"cuts_{place}" for place in range(len(layers))))
    measured = [s.name for s in job.context.catalogue if s.name in ("language", "language_score", "token_count", *columns)]
    signals = job.signals(*measured, "edits", chunk=chunk).drop("chunk", "error")
    facts = kept.join(signals, on="id", how="inner")
    return facts.withColumn("language", F.coalesce("language", F.lit(UNKNOWN)))


def _shaped(job: Job[Publish], rows: DataFrame, chunk: str) -> DataFrame:
    """Give documents with their facts the product's columns, in its order."""
    columns = job.settings.columns
    rows = rows.withColumn("chunk", F.lit(chunk)).withColumn("error", F.lit(None).cast("string"))
    rows = rows.withColumnRenamed(COUNTED, "duplicate_count")
    last = ("duplicate_count", *(name for name in (REPEATED,) if name in rows.columns))
    return rows.select(*FINEWEB, *(c for c in columns if c not in FINEWEB), *last, "chunk", "edits", "cuts", "error")


def _layers_type() -> Any:
    from pyspark.sql.pandas.types import from_arrow_type
    from pyspark.sql.types import ArrayType

    return ArrayType(from_arrow_type(EDITS))
