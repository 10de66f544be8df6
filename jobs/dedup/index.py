"""The index of published dumps: their signatures' keys, by dump, so that a new crawl is compared with them without their text."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedup.index_keys import KEYS, Published, keys_of, slices_of, write_by_slice, write_hits
from jobs.dedup.settings import Dedup
from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.literal_paths import literal
from jobs.engine.numbering import numbered
from jobs.engine.root import Root
from jobs.recipe.minhash import MinHash, scheme

MANIFEST = "_index.json"  # written last; the underscore hides it from every Parquet reader


def against(root: Root, *, settings: Dedup, minhash: MinHash | None, own: str) -> tuple[Published, ...]:
    """Return the published dumps that a run over the dump `own` is compared with, by name; none if the scope is the dump.

    Left out are the run's own dump and those that were themselves compared with it: they came later, and two dumps that give way to each
    other would both lose a page. A request for each dump of the index, and a few for each that is compared with.

    Raises RecipeError for a dump whose signatures were made otherwise, since they cannot be compared, and for one whose text is gone.
    """
    if settings.scope == "dump" or settings.index is None:
        return ()
    index, ours = Root(root.spark, settings.index), _scheme(minhash)
    found = []
    for folder in index.names(""):
        manifest = index.read_json(f"{folder}/{MANIFEST}") if folder.startswith("dump=") else None
        name = folder.removeprefix("dump=")
        if manifest is None or name == own or own in manifest["against"]:
            continue
        if manifest["scheme"] != ours:
            raise RecipeError(
                f"{settings.index}: dump {name} has signatures of another kind, which cannot be compared with this recipe's; nothing was run. "
                f"{_differences(manifest['scheme'], ours)}. Give this recipe the same [annotate.minhash], or another index"
            )
        keys = ("root", "fingerprint", "documents", "slices")
        found.append(Published(name, index.at(folder, manifest["state"]), *[manifest[key] for key in keys]))
    if settings.near_duplicates is not None or settings.asks_texts_of_captures:
        _check_texts(root, found, index=settings.index)
    return tuple(found)


def pinned(published: tuple[Published, ...]) -> list[dict[str, Any]]:
    """Return the dumps as JSON, as a stage pins them."""
    return [asdict(dump) for dump in published]


def of_pinned(rows: list[Mapping[str, Any]]) -> tuple[Published, ...]:
    """Read the dumps that a stage pinned."""
    return tuple(Published(**row) for row in rows)


def _check_texts(root: Root, published: list[Published], *, index: str) -> None:
    """Raise RecipeError for dumps whose documents are gone: none of their near-duplicates would be found."""
    gone = [dump for dump in published if dump.documents and not documents.finished(Root(root.spark, dump.root))]
    if gone:
        names = "; ".join(f"{dump.name} at {dump.root}" for dump in gone)
        raise RecipeError(
            f"{index} names dumps whose documents are gone ({names}): their texts could not be compared and each near-duplicate of them "
            f"would stay, so nothing was run. Bring documents/ and signals/ back, take the dumps' folders out of the index, or leave "
            f"[dedup.near_duplicates] out and set [dedup] min_url_similarity = 0"
        )


def call(root: Root, work: str, *, published: tuple[Published, ...], pool: DataFrame, settings: Dedup) -> DataFrame | None:
    """Return the published documents that share a key with one of the pool, in the pool's columns, with negative numbers.

    Only the new dump's keys are moved: to the slices of the index, of which each is read once. Earlier dumps come first. Their bands are
    those that are shared.
    """
    if not published:
        return None
    root.delete(f"{work}/hits")  # of an attempt that was killed
    write_hits(root, work, published=published, pool=pool, settings=settings)
    hits = (
        literal(root.spark).schema(f"dump string, {KEYS}").option("recursiveFileLookup", "true").parquet(root.at(work, "hits"))
    )
    shared = F.collect_set(F.when(F.col("kind") == "lsh", F.col("key")))
    found = hits.groupBy("dump", "nr").agg(shared.alias("bands"))
    rows, base = None, 0
    for dump in reversed(published):
        base -= dump.documents
        listed = literal(root.spark).parquet(f"{dump.folder}/documents")
        mine = listed.join(found.where(F.col("dump") == dump.name), on="nr", how="inner").withColumn(
            "nr", F.col("nr") + F.lit(base)
        )
        rows = mine if rows is None else rows.unionByName(mine)
    return rows


def publish(
    root: Root,
    work: str,
    *,
    settings: Dedup,
    minhash: MinHash | None,
    own: str,
    kept: DataFrame,
    compared: tuple[Published, ...],
) -> None:
    """Write the published documents (id) of the dump `own` to the index, in place of what it holds of this dump.

    They go to a folder that nobody knows yet, and the manifest names it last: who reads the index at this moment sees the old state or
    the new one. The state before stays for those who read it now; older ones are deleted.
    """
    if settings.index is None:
        return
    index, folder, made = Root(root.spark, settings.index), f"dump={own}", work.split("/")[-1]
    published = kept.agg(F.count("*").alias("n"), F.sum(F.xxhash64("id").cast("decimal(38,0)")).alias("ids")).first()
    state = f"{made}-{published['n']}-{published['ids']}" if published is not None else made
    before = index.read_json(f"{folder}/{MANIFEST}") or {}
    names = {dump.name: dump.fingerprint for dump in compared}
    if (before.get("fingerprint"), before.get("against")) == (state, names):
        return
    rows = numbered(root, work).join(kept.select("id"), on="id", how="left_semi")
    index.save(rows.drop("bands"), f"{folder}/{state}/documents")
    keys = keys_of(rows, None)
    slices = slices_of(keys.count())
    write_by_slice(index, keys, f"{folder}/{state}/keys", slices=slices)
    manifest = {
        "root": root.qualified,
        "state": state,
        "fingerprint": state,
        "documents": int((root.read_json(f"{work}/order.json") or {"documents": 0})["documents"]),
        "slices": slices,
        "scheme": _scheme(minhash),
        "against": names,
    }
    index.write_json(f"{folder}/{MANIFEST}", manifest)
    index.delete_all_but(folder, (state, before.get("state"), MANIFEST))


def _scheme(minhash: MinHash | None) -> dict[str, Any]:
    """Say what two documents must have in common for their keys to be comparable."""
    return {} if minhash is None else {**scheme(minhash), "bands": minhash.bands, "rows": minhash.rows}


def _differences(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    names = sorted(name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name))
    return ", ".join(f"{name}: {theirs.get(name)!r} there, {ours.get(name)!r} here" for name in names)
