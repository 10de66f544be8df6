"""Dedup: exact copies and near-duplicates as a distributed join; every drop names a kept witness and how similar it measured.

The result is that of one pass over the documents in survivor order which drops a document if, and only if, some kept earlier
document has its text or its payload, or has its URL or shares an LSH bucket with it and measures at or above the threshold (law 5).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup import in_memory
from jobs.dedup import index as dedup_index
from jobs.dedup.compare import Work
from jobs.dedup.decisions import joined_decisions
from jobs.dedup.index_keys import Published
from jobs.dedup.keys import write_keys
from jobs.dedup.newest import write_superseded
from jobs.dedup.order import write_order
from jobs.dedup.rounds import Round, run_round
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.dedup.survivor import check_order
from jobs.dedup.tables import DECISIONS
from jobs.engine.analysed import analysis
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.ledger import Ledger, ledger, tally
from jobs.engine.numbering import numbered
from jobs.engine.root import Root
from jobs.recipe.minhash import MinHash, minhash_of, recall_lines, scheme, swapped
from udfs.signals.sets import signal_fields

MOST_ROUNDS = (
    100  # leaders grow past any bucket in a dozen; what is left then are chains, which the last round takes in one pass
)
FOLDER = "dedup"


class DedupError(RuntimeError):
    """Say that the rounds did not come to an end."""


def pin(job: Job[Dedup]) -> list[dict[str, Any]]:
    """Read which published dumps the run is compared with."""
    minhash, own = minhash_of(job.recipe), job.recipe.run.dump
    return dedup_index.pinned(dedup_index.against(job.root, settings=job.settings, minhash=minhash, own=own))


def decides(job: Job[Dedup]) -> Any:
    """Return all settings but the alarm, how a signature is cut, and how wide a shingle is."""
    return [job.settings.model_dump(exclude={"alarm"}), *_cut(job)]


def _cut(job: Job[Dedup]) -> list[Any]:
    minhash, settings = minhash_of(job.recipe), job.settings
    bands = [minhash.bands, minhash.rows] if minhash is not None and settings.near_duplicates is not None else None
    return [bands, _ngram(minhash)] if settings.asks_texts_of_captures else [bands]


def _ngram(minhash: MinHash | None) -> int:
    """Return the words in a shingle; captures of one URL are compared without signatures too."""
    return (minhash or MinHash()).ngram


def check(job: Job[Dedup]) -> None:
    """Refuse a survivor order that is none, and near-duplicates that could not be found. Raises RecipeError."""
    columns = pa.schema([*signal_fields(job.context.catalogue), pa.field("date", pa.string())])
    with analysis(job, job.settings.survivor, columns) as rows:
        check_order(job.settings.survivor, rows=rows)
    near, minhash = job.settings.near_duplicates, minhash_of(job.recipe)
    if near is None:
        return
    if minhash is None:
        raise RecipeError(
            "[dedup.near_duplicates] needs signatures, and nothing measures them: no near-duplicate could be found, so nothing was run. "
            "Add [annotate.minhash], or leave [dedup.near_duplicates] out"
        )
    fault = swapped(minhash, min_similarity=near.min_similarity)
    if fault is not None:
        raise RecipeError(f"{fault}; nothing was run")


def lines(job: Job[Dedup]) -> list[str]:
    """Say which near-duplicates the recipe can be expected to find. Raises RecipeError if its backend is not installed."""
    near, minhash = job.settings.near_duplicates, minhash_of(job.recipe)
    if near is None or minhash is None:
        return []
    algorithm = str(scheme(minhash)["algorithm"])
    return list(recall_lines(minhash, algorithm=algorithm, min_similarity=near.min_similarity, measure=near.measure))


def run(job: Job[Dedup]) -> Ledger:
    """Decide which of the filter's documents are duplicates, and prove that each has one decision.

    1. Documents are numbered in survivor order (`order`); documents of published dumps that share a key with one of them come
       before all (`index`).
    2. Exact groups and LSH buckets of two members and more say which documents are contested (`keys`).
    3. In rounds, the best undecided documents of each bucket are compared with the rest of it; a document that no undecided better one
       can drop is kept, and what measures as its duplicate is dropped (`rounds`).
    4. A small dedup does the same in the driver's memory, and has none of these tables (`in_memory`).
    5. Each step is Parquet below dedup/, under the fingerprint of what decides it, so a killed run goes on with the table it was at, and
       another threshold finds the order and the keys where they are. What no fingerprint names any more goes when the stage is done.
    """
    root, came = job.root, tally(job.kept())
    order, rounds = folders(job)
    decisions = _in_memory(job, documents=came.count)
    if decisions is not None:
        written = root.write(decisions.coalesce(1), DECISIONS, gather=False)
    else:
        decisions = decisions_of(
            root,
            kept=job.kept(),
            settings=job.settings,
            minhash=minhash_of(job.recipe),
            order=order,
            rounds=f"{order}/{rounds}",
            say=job.context.progress.say,
            published=dedup_index.of_pinned(job.pinned),
        )
        root.name_jobs("dedup", step="decisions")
        written = root.write(decisions, DECISIONS)
    found = ledger(came=came, decisions=written, kept="kept")
    _tidy(root, order=order, rounds=rounds)
    return found


def _in_memory(job: Job[Dedup], *, documents: int) -> DataFrame | None:
    """Decide in the driver's memory; None if there is too much for that."""
    minhash, say = minhash_of(job.recipe), job.context.progress.say
    if not in_memory.fits(job.settings, minhash=minhash, documents=documents):
        return None
    return in_memory.decide(job.root, kept=job.kept(), settings=job.settings, minhash=minhash, say=say)


def folders(job: Job[Dedup]) -> tuple[str, str]:
    """Name the folder of the order and the keys, and the folder of the rounds within it, each after what decides it."""
    keys = job.settings.model_dump(exclude={"alarm", "near_duplicates", "mode", "index"})
    near = job.settings.near_duplicates.model_dump() if job.settings.near_duplicates is not None else None
    return f"{FOLDER}/{fingerprint(job.upstream(), keys, *_cut(job), job.pinned)}", f"near={fingerprint(near)}"


def _tidy(root: Root, *, order: str, rounds: str) -> None:
    """Delete what other fingerprints have left, once this one's result is there."""
    root.delete_all_but(FOLDER, [order.removeprefix(f"{FOLDER}/")])
    for name in root.names(order):
        if name.startswith("near=") and name != rounds:
            root.delete(f"{order}/{name}")


def publish_to_index(job: Job[Dedup]) -> None:
    """Add the published documents to the recipe's index, if it names one; of duplicates that stay, the survivors."""
    root, minhash = job.root, minhash_of(job.recipe)
    if job.settings.index is None:
        return
    corpus = root.product("corpus")
    if corpus is None:
        return
    survivors = root.read(DECISIONS).where("duplicate_of IS NULL").select("id")
    kept = corpus.select("id").join(survivors, on="id", how="left_semi")
    compared = dedup_index.of_pinned(job.pinned)
    order, _ = folders(job)
    dedup_index.publish(
        root, order, settings=job.settings, minhash=minhash, own=job.recipe.run.dump, kept=kept, compared=compared
    )


def decisions_of(
    root: Root,
    *,
    kept: DataFrame,
    settings: Dedup,
    minhash: MinHash | None,
    order: str,
    rounds: str,
    say: Callable[[str], None],
    published: tuple[Published, ...] = (),
) -> DataFrame:
    """Return id, chunk, outcome, reason, duplicate_of, similarity, duplicate_dump, group_id, group_size of the documents in `kept`.

    `kept` has id and chunk. `order` and `rounds` name the folders, below the root, of the order and keys, and of the rounds.
    """
    near = settings.near_duplicates
    write_order(root, order, kept=kept, settings=settings, minhash=minhash if near is not None else None)
    state = Work(
        root=root,
        folder=order,
        rounds_folder=rounds,
        rounds=(),
        ngram=_ngram(minhash),
        near=near or NearDuplicates(),  # without LSH keys no two texts meet
        min_url_similarity=settings.min_url_similarity if settings.exact_url != "off" else 0.0,
        published={dump.name: Root(root.spark, dump.root) for dump in published},
    )
    if root.read_json(f"{order}/keys.json") is None:
        own = numbered(root, order).withColumn("dump", F.lit(None).cast("string"))
        called = dedup_index.call(root, order, published=published, pool=own, settings=settings)
        pool = own if called is None else own.unionByName(root.save(called, f"{order}/called"))
        if settings.exact_url == "newest":
            pool = write_superseded(pool, state)
        write_keys(root, order, pool=pool, settings=settings)
    return joined_decisions(_run_rounds(state, say=say), mode=settings.mode)


def _run_rounds(work: Work, *, say: Callable[[str], None]) -> Work:
    """Run rounds until no contested document is undecided."""
    root = work.root
    left = int((root.read_json(f"{work.folder}/keys.json") or {"contested": 0})["contested"])
    contested, buckets = "contested", "buckets"
    while left:
        number = len(work.rounds)
        folder = f"{work.rounds_folder}/round={number:03d}"
        marker = root.read_json(f"{folder}/round.json")
        if marker is None:
            if number >= MOST_ROUNDS:
                raise DedupError(
                    f"{left:,} documents are undecided after {number} rounds: nothing is published. A bug in gristmill"
                )
            this = Round(number=number, folder=folder, contested=contested, buckets=buckets, left=left)
            marker = run_round(work, this)
            if marker["left"] == left:
                raise DedupError(f"round {number} decided nothing with {left:,} documents left: a bug in gristmill")
            root.write_json(f"{folder}/round.json", marker)
        left = int(marker["left"])
        work = replace(work, rounds=(*work.rounds, folder))
        contested, buckets = f"round={number:03d}/contested", f"round={number:03d}/buckets"
        say(
            f"  round {number}: best {marker['leaders']:,} of each bucket, {marker['pairs']:,} pairs compared, {marker['kept']:,} kept, {marker['dropped']:,} dropped"
        )
    return work
