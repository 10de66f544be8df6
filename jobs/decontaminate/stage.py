"""Decontaminate: documents that hold texts of evaluation sets are dropped, cut or marked, each with what it holds as a witness."""

from functools import lru_cache, partial
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema, from_arrow_type

from jobs.decontaminate.evaluation_sets import ReadSet, index_of, read_set
from jobs.decontaminate.settings import EACH_ALONE, Decontaminate, EvaluationSet
from jobs.decontaminate.tables import DECISIONS, EDITS, FOUND
from jobs.engine.chunks import run_chunks
from jobs.engine.errors import RecipeError
from jobs.engine.facts_of_texts import most_rows, with_facts
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger, ledger, tally
from udfs.grams.gram_index import GramIndex
from udfs.grams.held_batches import FindHeld
from udfs.signals.sets import EDITS as EDIT_TYPE
from udfs.similarity.shingles import LINE_EDITS

FOLDER = "decontaminate"
CONTAMINATED, NOTHING_ELSE, UNSEARCHED = "contaminated", "only_evaluation_items", "decontaminate_error"
_DECIDED_ELSEWHERE = {"set": {"__all__": {"uri", "sha256"}}, "max_index_mb": True}  # what a set holds is pinned by its sha256


def run(job: Job[Decontaminate]) -> Ledger:
    """Search every document that is kept so far, and prove that each has one decision.

    1. The driver reads the sets and builds the index, which Spark broadcasts.
    2. Workers search the texts as earlier edits leave them, chunk by chunk: decontaminate/<fingerprint>/found, a row for each document.
    3. What was found becomes decisions and, where words are cut, edits.
    So a killed run goes on with the chunk it was at.
    """
    root, key = job.root, fingerprint(job.key())
    folder = f"{FOLDER}/{key}"
    _search(job, folder, key)
    there = [folder] if job.chunks() else []  # of a run whose files all failed there is none
    found = root.folders(there, schema=from_arrow_schema(FOUND))
    cut = job.settings.action == "cut"
    edits = found.where("held IS NOT NULL" if cut else "false").select("id", "edits", "chunk")
    root.write(edits, EDITS)
    root.write(decided(found, action=job.settings.action), DECISIONS)
    proved = ledger(came=tally(job.kept()), decisions=root.read(DECISIONS), kept="kept")
    root.delete_all_but(FOLDER, [key])  # what other fingerprints have left
    return proved


def pin(job: Job[Decontaminate]) -> dict[str, Any]:
    """Return the sha256 and the number of items of each set: all of the run rests on these versions."""
    given = job.settings
    sets = (read_set(one, ngram=given.ngram, max_index_mb=given.max_index_mb) for one in given.set)  # one at a time
    return {one.settings.name: {"sha256": one.sha256, "items": len(one.names)} for one in sets}


def check(job: Job[Decontaminate]) -> None:
    """Raise RecipeError for a set that cannot be read, is empty or lacks a field, and for sets that no document could hold."""
    _index(job)


def decides(job: Job[Decontaminate]) -> Any:
    """Return the settings without where the sets lie; `pin` says what is in them."""
    found: dict[str, Any] = job.settings.model_dump(mode="json", exclude=_DECIDED_ELSEWHERE)  # type: ignore[arg-type]
    for one in found["set"]:
        if tuple(one["ngrams_of"]) == EACH_ALONE:
            del one["ngrams_of"]  # as before there was the key, so that it makes no finished work stale
    return found


def facts(job: Job[Decontaminate]) -> dict[str, Any]:
    """Say in the stage's marker how large the index is, and how many items of each set it protects."""
    index = _index(job)
    protected: dict[str, int] = dict.fromkeys(job.pinned, 0)
    for item in set(index.items[index.sought].tolist()):
        protected[index.item_names[item].set] += 1
    return {"index": {"bytes": index.nbytes, "ngrams": len(index.grams), "words": len(index.ids), "protected_items": protected}}


def _index(job: Job[Decontaminate]) -> GramIndex:
    return _built(job.settings, tuple(job.pinned[one.name]["sha256"] for one in job.settings.set))


@lru_cache(maxsize=1)
def _built(settings: Decontaminate, pinned: tuple[str, ...]) -> GramIndex:
    """Read the sets and build the index, once a run. Raises RecipeError if a set is no longer what it was when the run began."""
    return index_of(map(partial(_read_again, settings), settings.set, pinned), settings)


def _read_again(settings: Decontaminate, one: EvaluationSet, pinned: str) -> ReadSet:
    found = read_set(one, ngram=settings.ngram, max_index_mb=settings.max_index_mb)
    if found.sha256 != pinned:
        raise RecipeError(
            f"[[decontaminate.set]] {one.name!r}: {one.uri} changed while the run went on, so documents would be held "
            f"against two versions; the stage stopped. Run again"
        )
    return found


def _search(job: Job[Decontaminate], folder: str, key: str) -> None:
    """Write what each document holds, chunk by chunk, those that are not finished."""
    root = job.root
    index = root.spark.sparkContext.broadcast(_index(job))

    def write(chunk: str) -> dict[str, Any]:
        rows = _texts(job, chunk).mapInArrow(FindHeld(index), from_arrow_schema(FOUND))
        rows.write.mode("overwrite").parquet(root.at(folder, f"chunk={chunk}"))
        return {}

    try:
        run_chunks(
            job.context,
            folder=folder,
            fingerprints=dict.fromkeys(job.chunks(), key),
            work=write,
            at_once=job.recipe.run.chunks_at_once,
        )
    finally:
        index.destroy()


def _texts(job: Job[Decontaminate], chunk: str) -> DataFrame:
    """Return id, chunk, text and layers (line edits, then the cuts of each stage before) of a chunk's documents that are still there.

    The text is not moved, unless the chunk has more documents than a driver should hold the edits of.
    """
    lines = F.filter("edits", lambda edit: edit["kind"].isin(*LINE_EDITS)).alias("layer")
    rows = job.kept(chunk).select("id").join(job.signals("edits", chunk=chunk).select("id", lines), on="id", how="left")
    layers: list[Column] = [F.col("layer")]
    for place, table in enumerate(job.edits()):
        cuts = job.root.read(table, chunk).select("id", F.col("edits").alias(f"layer_{place}"))
        rows = rows.join(cuts, on="id", how="left")
        layers.append(F.col(f"layer_{place}"))
    kind = from_arrow_type(EDIT_TYPE)
    rows = rows.select("id", F.array(*(layer.cast(kind) for layer in layers)).alias("layers"))
    texts = with_facts(job.documents(chunk).select("id", "text"), rows, rows=most_rows(job.root, chunk))
    return texts.select("id", F.lit(chunk).alias("chunk"), "text", "layers")


def decided(found: DataFrame, *, action: str) -> DataFrame:
    """Return a decision for every document: with the text that it holds the largest share of, if it holds one."""
    held, failed = F.col("held").isNotNull(), F.col("error").isNotNull()
    first = F.col("held")[0]
    goes = held & (F.lit(True) if action == "drop" else ~F.col("is_left") if action == "cut" else F.lit(False))
    why = CONTAMINATED if action == "drop" else NOTHING_ELSE
    removed = F.when(held & F.lit(action == "cut"), F.col("removed"))
    return found.select(
        "id",
        F.when(failed, "failed").when(goes, "dropped").otherwise("kept").alias("outcome"),
        F.when(failed, UNSEARCHED).when(goes, why).alias("reason"),
        *(first[name].alias(f"evaluation_{name.removeprefix('evaluation_')}") for name in _WITNESS),
        F.coalesce(removed, F.lit(0)).cast("long").alias("removed_characters"),
        "held",
        "chunk",
    )


_WITNESS = ("evaluation_set", "item", "field", "share", "start", "end")
