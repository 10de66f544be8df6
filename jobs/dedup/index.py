"""The index of published dumps: their signatures' keys, by dump, so that a new crawl is compared with them without their text."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.annotate.stage import scheme
from jobs.engine.numbering import numbered
from jobs.engine.root import Root
from jobs.recipe.load import Dedup, MinHash, RecipeError

MANIFEST = "_index.json"  # written last; the underscore hides it from every Parquet reader
KEYS_AT_ONCE = 4_000_000  # keys broadcast to a job: some 100 MB
KEYS = "kind string, key bigint, nr bigint"


@dataclass(frozen=True)
class Published:
    """Describe one dump of the index: where its keys lie, the root of its text, and what made it."""

    name: str
    folder: str
    root: str
    fingerprint: str
    documents: int
    slices: int


def against(root: Root, *, settings: Dedup, own: str) -> tuple[Published, ...]:
    """Return the published dumps that a run over the dump `own` is compared with, by name; none if the scope is the dump.

    Left out are the run's own dump and those that were themselves compared with it: they came later, and two dumps that give way to each
    other would both lose a page. Raises RecipeError for a dump whose signatures were made otherwise, since they cannot be compared.
    """
    if settings.scope == "dump" or settings.index is None:
        return ()
    index = Root(root.spark, settings.index)
    found = []
    for folder in index.names(""):
        manifest = index.read_json(f"{folder}/{MANIFEST}") if folder.startswith("dump=") else None
        name = folder.removeprefix("dump=")
        if manifest is None or name == own or own in manifest["against"]:
            continue
        ours = _scheme(settings.minhash)
        if manifest["scheme"] != ours:
            raise RecipeError(
                f"{settings.index}: dump {name} has signatures of another kind, which cannot be compared with this recipe's; nothing was run. "
                f"{_differences(manifest['scheme'], ours)}. Give this recipe the same [dedup.minhash], or another index"
            )
        keys = ("root", "fingerprint", "documents", "slices")
        found.append(Published(name, index.at(folder), *[manifest[key] for key in keys]))
    return tuple(found)


def call(root: Root, work: str, *, published: tuple[Published, ...], pool: DataFrame) -> DataFrame | None:
    """Return the published documents that share a key with one of the pool, in the pool's columns, with negative numbers.

    Only the new dump's keys are moved: they are broadcast, slice by slice, to the index, of which a slice is read once. So the cost grows
    with the new dump; of the old ones it is the reading of their keys. Earlier dumps come first. Their bands are those that are shared.
    """
    if not published:
        return None
    asked = root.save(_keys(pool).select("kind", "key").distinct(), f"{work}/asked")
    jobs = _slices(asked.count())
    for number in range(jobs):
        wanted = F.broadcast(asked.where(F.pmod("key", F.lit(jobs)) == number))
        root.save(
            _read_keys(root, published, jobs=jobs, number=number).join(wanted, on=["kind", "key"], how="left_semi"),
            f"{work}/hits/{number}",
        )
    hits = root.spark.read.schema(f"dump string, {KEYS}").option("recursiveFileLookup", "true").parquet(root.at(work, "hits"))
    shared = F.collect_set(F.when(F.col("kind") == "lsh", F.col("key")))
    found = hits.groupBy("dump", "nr").agg(shared.alias("bands"))
    rows, base = None, 0
    for dump in reversed(published):
        base -= dump.documents
        documents = root.spark.read.parquet(f"{dump.folder}/documents")
        mine = documents.join(found.where(F.col("dump") == dump.name), on="nr", how="inner").withColumn(
            "nr", F.col("nr") + F.lit(base)
        )
        rows = mine if rows is None else rows.unionByName(mine)
    return rows


def publish(root: Root, work: str, *, settings: Dedup, own: str, kept: DataFrame) -> None:
    """Write the published documents (id) of the dump `own` to the index, in place of what it holds of this dump."""
    if settings.index is None:
        return
    index, folder, fingerprint = Root(root.spark, settings.index), f"dump={own}", work.split("/")[-1]
    published = kept.agg(F.count("*").alias("n"), F.sum(F.xxhash64("id").cast("decimal(38,0)")).alias("ids")).first()
    state = f"{fingerprint}-{published['n']}-{published['ids']}" if published is not None else fingerprint
    if (index.read_json(f"{folder}/{MANIFEST}") or {}).get("fingerprint") == state:
        return
    index.delete(folder)
    documents = numbered(root, work).join(kept.select("id"), on="id", how="left_semi")
    index.save(documents.drop("bands"), f"{folder}/documents")
    keys = _keys(documents)
    slices = _slices(keys.count())
    by_slice = keys.withColumn("slice", F.pmod("key", F.lit(slices))).repartition("slice").sortWithinPartitions("kind", "key")
    by_slice.write.mode("overwrite").partitionBy("slice").parquet(index.at(folder, "keys"))
    manifest = {
        "root": root.qualified(),
        "fingerprint": state,
        "documents": int((root.read_json(f"{work}/order.json") or {"documents": 0})["documents"]),
        "slices": slices,
        "scheme": _scheme(settings.minhash),
        "against": {dump.name: dump.fingerprint for dump in against(root, settings=settings, own=own)},
    }
    index.write_json(f"{folder}/{MANIFEST}", manifest)


def _keys(rows: DataFrame) -> DataFrame:
    """Return kind, key, nr of the documents; exact keys are hashes here, and are compared in full once their documents are called."""
    exact = [("url", "url_key"), ("text", "text_hash"), ("digest", "digest")]
    parts = [
        rows.where(F.col(column).isNotNull()).select(F.lit(kind).alias("kind"), F.xxhash64(column).alias("key"), "nr")
        for kind, column in exact
    ]
    lsh = rows.select(F.lit("lsh").alias("kind"), F.explode("bands").alias("key"), "nr")
    return parts[0].unionByName(parts[1]).unionByName(parts[2]).unionByName(lsh)


def _slices(keys: int) -> int:
    """Return the power of two that leaves a slice at most KEYS_AT_ONCE keys; powers of two, so that slices of two dumps fit.

    >>> _slices(0), _slices(4_000_001), _slices(9_000_000)
    (1, 2, 4)
    """
    slices = 1
    while slices * KEYS_AT_ONCE < keys:
        slices *= 2
    return slices


def _read_keys(root: Root, published: tuple[Published, ...], *, jobs: int, number: int) -> DataFrame:
    """Read the keys of all published dumps that fall into one of the jobs, with the name of their dump."""
    rows = root.spark.createDataFrame([], f"dump string, {KEYS}")
    for dump in published:
        numbers = range(number, dump.slices, jobs) if dump.slices >= jobs else [number % dump.slices]
        paths = [f"{dump.folder}/keys/slice={slice_}" for slice_ in numbers]
        there = [path for path in paths if Root(root.spark, path).exists("")]
        if there:
            keys = root.spark.read.schema(KEYS).parquet(*there).select(F.lit(dump.name).alias("dump"), "kind", "key", "nr")
            rows = rows.unionByName(keys)
    return rows


def _scheme(minhash: MinHash | None) -> dict[str, Any]:
    """Say what two documents must have in common for their keys to be comparable."""
    return {} if minhash is None else {**scheme(minhash), "bands": minhash.bands, "rows": minhash.rows}


def _differences(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    names = sorted(name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name))
    return ", ".join(f"{name}: {theirs.get(name)!r} there, {ours.get(name)!r} here" for name in names)
