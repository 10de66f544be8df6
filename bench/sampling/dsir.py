"""Hold dsir against the package data-selection on the same texts, and against chance.

    python -m bench.sampling.dsir POOL.jsonl.gz --target TARGET.jsonl.gz --reference-python reference/bin/python

The pool has id and text, the target has text. The package leaves out documents under 100 tokens; so both sides get the others.
"""

import argparse
import gzip
import json
import math
import subprocess
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from jobs.engine.root import Root
from jobs.engine.session import local_session
from jobs.sampling.pool import answered, begin
from jobs.sampling.settings import Step
from jobs.sampling.stage import decided, take
from jobs.sampling.targets import Target
from udfs.signals.hashed_ngrams import BUCKETS, COLUMN, TYPE, Features, measure

LEAST = 100


def lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines, compressed or not."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in data.decode("utf-8").split("\n") if line]


def by_spark(
    spark: SparkSession, ids: Sequence[str], pool: Sequence[Features], target: Target, *, parts: int
) -> dict[str, Any]:
    """Draw a tenth over so many partitions; return outcome, weight and cut by id."""
    step = Step.model_validate({"name": "unlike", "dsir": {"target": ["x"], "share": 0.1}})
    with tempfile.TemporaryDirectory() as folder:
        table = {"id": ids, "chunk": ["0"] * len(ids), COLUMN: pa.array([one.ngrams for one in pool], TYPE)}
        pq.write_table(pa.table(table), f"{folder}/pool.parquet")
        rows = spark.read.parquet(f"{folder}/pool.parquet").repartition(parts)
        taken = take(begin(answered(rows, [step])), [step], root=Root(spark, folder), folder="x", targets={"unlike": target})
        return {
            row["id"]: (row["outcome"], row["steps"][0]["value"], row["steps"][0]["cut"]) for row in decided(taken).collect()
        }


def counted(texts: Sequence[Features]) -> Counter[int]:
    """Add the n-grams of texts."""
    found: Counter[int] = Counter()
    for text in texts:
        found.update(dict(text.ngrams))
    return found


def divergence(target: Counter[int], chosen: Counter[int]) -> float:
    """Return KL(target || chosen) in nats, with DSIR's 1e-8 added to each share."""
    there, here = target.total(), chosen.total()
    return sum(n / there * (math.log(n / there + 1e-8) - math.log(chosen[b] / here + 1e-8)) for b, n in target.items())


def reference(python: str, pool: list[dict[str, Any]], target: list[dict[str, Any]]) -> dict[str, Any]:
    """Run the package on the same texts."""
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("pool", pool), ("target", target)):
            text = "".join(json.dumps({"id": row.get("id"), "text": row["text"]}) + "\n" for row in rows)
            Path(folder, f"{name}.jsonl").write_text(text, "utf-8")
        script = Path(__file__).with_name("dsir_reference.py")
        files = [f"{folder}/pool.jsonl", f"{folder}/target.jsonl", f"{folder}/work", f"{folder}/out.json"]
        subprocess.run([python, str(script), *files], check=True, capture_output=True)
        found: dict[str, Any] = json.loads(Path(folder, "out.json").read_text("utf-8"))
        return found


def main() -> None:
    """Print what the results page says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--reference-python", required=True)
    given = parser.parse_args()
    pool, target = lines(given.pool), lines(given.target)
    began = time.process_time()
    features = [measure(row["text"]) for row in pool]
    seconds = time.process_time() - began
    print(
        f"features: {len(pool) / seconds:,.0f} documents/s/core, {sum(f.tokens for f in features) / seconds:,.0f} tokens/s/core"
    )
    long = [n for n, one in enumerate(features) if one.tokens >= LEAST]
    pool, features = [pool[n] for n in long], [features[n] for n in long]
    wanted = [measure(row["text"]) for row in target]
    counts = counted(wanted)
    made = Target(tuple(counts[b] for b in range(BUCKETS)), sum(one.tokens for one in wanted) / len(wanted))
    theirs = reference(given.reference_python, pool, target)
    print(f"data-selection: fit {theirs['fit_s']:.1f} s, weigh {theirs['weigh_s']:.1f} s")
    ids = [str(row["id"]) for row in pool]
    spark = local_session(master="local[2]", shuffle_partitions=4)
    try:
        runs = [by_spark(spark, ids, features, made, parts=parts) for parts in (1, 3, 8)]
    finally:
        spark.stop()
    print(f"the same over 1, 3 and 8 partitions: {runs[0] == runs[1] == runs[2]}")
    mine = [runs[0][name][1] for name in ids]
    worst = max(abs(a - b) / max(abs(b), 1) for a, b in zip(mine, theirs["weights"], strict=True))
    print(f"{len(ids):,} weights, largest relative difference {worst:.1e}")
    best = sorted(range(len(ids)), key=lambda n: -mine[n])[: len(ids) // 10]
    print(f"top_k: {len({ids[n] for n in best} & set(theirs['top_k']))} of {len(best)} the same")
    noise = [value - cut for _, value, cut in (runs[0][name] for name in ids)]  # sum less the common cut
    drawn = sorted(range(len(ids)), key=lambda n: -(theirs["weights"][n] + noise[n] - mine[n]))[: round(len(ids) / 10)]
    kept = {name for name in ids if runs[0][name][0] == "kept"}
    print(f"the package's weights with our draws: {len({ids[n] for n in drawn} & kept)} of {len(kept)} the same")
    chance = sorted(range(len(ids)), key=lambda n: zlib.crc32(ids[n].encode()))[: len(kept)]
    for name, some in (("pool", range(len(ids))), ("chance", chance), ("dsir", [n for n in range(len(ids)) if ids[n] in kept])):
        print(f"KL(target || {name}): {divergence(counts, counted([features[n] for n in some])):.4f}")


if __name__ == "__main__":
    main()
