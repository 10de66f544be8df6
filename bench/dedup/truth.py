"""Hold dedup against the truth: all pairs of real pages by exact Jaccard, which of them meet, what is dropped, what is left."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.dedup.corpus import Page, write_chunk
from bench.dedup.curve import collision_curve, farthest_off, meet
from bench.dedup.join import PASS, Asked, join, mark_signals
from bench.dedup.sketch import sketching_of
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.engine.root import Root
from jobs.engine.session import local_session
from jobs.recipe.minhash import MinHash
from udfs.documents.worker import FileRange, extract_files
from udfs.page.extractor import ExtractSettings
from udfs.similarity.minhash import jaccard, shingle_hashes, text_hash

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NATURAL = ("cc-sample-00001.warc.gz", "cc-sample-00002.warc.gz")
PLANTED, TRUTH = "cc-neardup-00001.warc.gz", "cc-neardup-truth.jsonl.gz"
SETTINGS = {"default, 24 bands of 6": MinHash(), "fineweb, 14 bands of 8": MinHash(setting="fineweb")}
BACKENDS = ("datasketch", "rensa")
MIN_SIMILARITY = NearDuplicates().min_similarity  # the default, and FineWeb's
AT = 0.8  # Jaccard similarity at which recall is told besides the threshold
LEAST = 0.5  # Jaccard similarity of the pairs that are listed at all

Pairs = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Texts:
    """Hold texts by id, and all pairs of them that are alike, found by brute force."""

    name: str
    texts: Mapping[str, str]
    pairs: Pairs


def measure_truth(real: Path, folder: Path) -> dict[str, Any]:
    """Measure recall and precision on real pages and the collision curve on made ones."""
    with gzip.open(real / TRUTH, "rt", encoding="utf-8") as lines:
        truth = [json.loads(line) for line in lines]
    gold = {row["record_id"]: row["gold_text"] for row in truth}
    ngram = MinHash().ngram
    sets = [
        texts_of("planted, gold text", gold, ngram),
        texts_of("planted, extracted", dict(extracted([real / PLANTED])), ngram),
        texts_of("natural, extracted", dict(extracted([real / name for name in NATURAL])), ngram),
    ]
    found: dict[str, Any] = {"stated": stated(truth, ngram), "sets": [], "faults": []}
    spark = local_session(master="local[2]", shuffle_partitions=4)
    for number, texts in enumerate(sets):
        for name, minhash in SETTINGS.items():
            root = folder / f"{number}-{minhash.bands}"
            result: dict[str, Any] = {"texts": texts.name, "setting": name, "min_similarity": MIN_SIMILARITY}
            result |= measure_set(spark, root, texts, minhash)
            found["sets"].append(result)
            found["faults"] += [f"{texts.name}, {name}: {fault}" for fault in result["wrong"]]
    spark.stop()
    found["curve"] = {
        f"{name}, {backend}": collision_curve(minhash.model_copy(update={"backend": backend}))
        for name, minhash in SETTINGS.items()
        for backend in BACKENDS
    }
    return found


def extracted(warcs: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield id and text of every page that extraction gets a text from."""
    files = tuple(FileRange(str(warc), 0) for warc in warcs)
    worker = extract_files(files, settings=ExtractSettings(), dump="bench")
    for batch in worker([pa.RecordBatch.from_pydict({"id": list(range(len(files)))})]):
        for row in batch.column("document").to_pylist():
            if row is not None and row["outcome"] == "extracted":
                yield row["id"], row["text"]


def texts_of(name: str, texts: Mapping[str, str], ngram: int) -> Texts:
    """Find all pairs that are alike through an inverted index of shingles: none is missed, whatever LSH would do."""
    shingles: dict[str, list[int]] = {id_: shingle_hashes(text, ngram).tolist() for id_, text in texts.items()}
    holders: dict[int, list[str]] = defaultdict(list)
    pairs: dict[tuple[str, str], float] = {}
    for id_, mine in shingles.items():
        common: Counter[str] = Counter()
        for shingle in mine:
            common.update(holders[shingle])
            holders[shingle].append(id_)
        for other, count in common.items():
            similarity = count / (len(mine) + len(shingles[other]) - count)
            if similarity >= LEAST:
                pairs[other, id_] = similarity
    return Texts(name=name, texts=texts, pairs=pairs)


def stated(truth: Sequence[Mapping[str, Any]], ngram: int) -> dict[str, float]:
    """Compare our exact Jaccard similarity of the planted texts to their base with the one that their makers state."""
    base = {row["group"]: shingle_hashes(row["gold_text"], ngram) for row in truth if row["variant"] == "base"}
    differences = [
        abs(jaccard(base[row["group"]], shingle_hashes(row["gold_text"], ngram)) - row["jaccard5_to_base"])
        for row in truth
        if row["variant"] != "base"
    ]
    return {
        "pairs": len(differences),
        "within 0.01": sum(difference <= 0.01 for difference in differences),
        "largest difference": max(differences),
    }


def measure_set(spark: "SparkSession", folder: Path, texts: Texts, minhash: MinHash) -> dict[str, Any]:
    """Deduplicate the texts and say which similar pairs met, which were parted, and whether every drop was right."""
    sketching = sketching_of(minhash)
    # a URL of its own for every page: what is dropped is dropped for its text
    pages = [Page(id=id_, text=text, url_key=str(number)) for number, (id_, text) in enumerate(texts.texts.items())]
    write_chunk(folder, "00000", pages)
    signals = sketching.signals([page.id for page in pages], [page.text for page in pages], ["00000"] * len(pages))
    below = folder / f"signals/{PASS}/chunk=00000"
    below.mkdir(parents=True)
    pq.write_table(pa.Table.from_batches([signals]).drop_columns("chunk"), below / "part-0.parquet")
    mark_signals(folder, ["00000"])
    sketches = dict(zip(signals.column("id").to_pylist(), signals.column("minhash").to_pylist(), strict=True))
    asked = Asked(minhash, Dedup(near_duplicates=NearDuplicates(min_similarity=MIN_SIMILARITY)))
    rows = join(Root(spark, str(folder)), "dedup/truth", asked).collect()
    kept = {row["id"] for row in rows if row["outcome"] == "kept"}
    found: dict[str, Any] = {"documents": len(pages), "kept": len(kept)}
    for least in (AT, MIN_SIMILARITY):
        alike = [pair for pair, similarity in texts.pairs.items() if similarity >= least]
        found[f"{least}"] = {
            "pairs": len(alike),
            "met": sum(meet(sketches[a], sketches[b], minhash) for a, b in alike),
            "both_kept": sum(a in kept and b in kept for a, b in alike),
        }
    drops = [row for row in rows if row["outcome"] == "dropped"]
    wrong = []
    for row in drops:
        mine, witness = texts.texts[row["id"]], texts.texts[row["duplicate_of"]]
        similarity = jaccard(shingle_hashes(mine, minhash.ngram), shingle_hashes(witness, minhash.ngram))
        same = row["reason"] == "exact_text" and text_hash(mine) == text_hash(witness)
        if not (same or (row["reason"] == "near_duplicate" and similarity >= MIN_SIMILARITY)):
            wrong.append(f"{row['id']} is no duplicate of {row['duplicate_of']}: {row['reason']}, measured {similarity:.3f}")
    return found | {"dropped": len(drops), "wrong": wrong}


def truth_tables(found: dict[str, Any]) -> list[str]:
    """Return recall, precision and the collision curve as Markdown."""
    told = found["stated"]
    lines = [
        f"Planted pairs: {told['pairs']} with a stated Jaccard similarity, of which ours is within 0.01 for {told['within 0.01']}, "
        f"farthest off {told['largest difference']:.3f}.",
        "",
        f"| texts | setting | documents | dropped | right by exact Jaccard | pairs ≥ {AT}: met | none or one kept | pairs ≥ threshold: met "
        "| none or one kept |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found["sets"]:
        shares = []
        for least in (AT, row["min_similarity"]):
            pairs = row[f"{least}"]
            total = max(1, pairs["pairs"])
            shares.append(f"{pairs['met'] / total:.2%} of {pairs['pairs']} | {1 - pairs['both_kept'] / total:.2%}")
        right = (row["dropped"] - len(row["wrong"])) / max(1, row["dropped"])
        lines.append(
            f"| {row['texts']} | {row['setting']} | {row['documents']:,} | {row['dropped']:,} | {right:.2%} | {' | '.join(shares)} |"
        )
    for name, points in found["curve"].items():
        lines += ["", f"| {name}: similarity from | pairs | met | 1 − (1 − s^r)^b |", "|---|---|---|---|"]
        lines.append(
            f"| all | {sum(int(p['pairs']) for p in points)} | farthest off: {farthest_off(points):.1f} standard errors | |"
        )
        lines += [f"| {p['from']:.2f} | {p['pairs']} | {p['measured']:.3f} | {p['expected']:.3f} |" for p in points]
    return lines
