"""Run what bench/dedup/measure.py times of gristmill: signatures, the whole dedup stage with its comparisons, and the kept text written.

A process of its own, so that the JVM's start and the imports are in the time. Takes a root as bench/dedup/corpus.py makes it.
"""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from bench.dedup.join import PASS, Asked, mark_signals, write_decisions
from bench.dedup.sketch import SIGNALS, Sketching, sketching_of
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.dedup.tables import DECISIONS
from jobs.engine import documents
from jobs.engine.root import Root
from jobs.engine.session import local_session
from jobs.recipe.minhash import MinHash

PROJECT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run the steps and write how long each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("root", type=Path, help="a folder that bench/dedup/corpus.py has written")
    parser.add_argument("out", type=Path, help="JSON file to write")
    parser.add_argument("--minhash", default="{}", help="[annotate.minhash] as JSON")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g", help="heap of the JVM, driver and executor in one")
    parser.add_argument("--partitions", type=int, default=8, help="spark.sql.shuffle.partitions")
    parser.add_argument("--keep-text", action="store_true", help="write the kept documents' text too")
    arguments = parser.parse_args()
    minhash = MinHash.model_validate_json(arguments.minhash)
    os.environ["PYTHONPATH"] = str(PROJECT)  # Spark's workers find what this file imports
    spark = local_session(
        master=f"local[{arguments.cores}]", shuffle_partitions=arguments.partitions, driver_memory=arguments.memory
    )
    root, seconds = Root(spark, str(arguments.root.absolute())), {}
    steps: dict[str, Callable[[], None]] = {
        "signatures": lambda: write_signals(root, sketching_of(minhash)),
        "join": lambda: write_decisions(
            root, "dedup/bench", Asked(minhash, Dedup(near_duplicates=NearDuplicates())), loud=True
        ),
    }
    if arguments.keep_text:
        steps["kept text"] = lambda: write_kept(root)
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        seconds[name] = time.perf_counter() - began
    spark.stop()
    arguments.out.write_text(json.dumps({"seconds": seconds} | count_decisions(arguments.root)))


def write_signals(root: Root, sketching: Sketching) -> None:
    """Write the signals that dedup reads."""
    rows = documents.documents(root).select("id", "text", "chunk").mapInArrow(sketching, from_arrow_schema(SIGNALS))
    rows.write.mode("overwrite").partitionBy("chunk").parquet(root.at("signals", PASS))
    mark_signals(Path(root.path), documents.chunks(root))


def write_kept(root: Root) -> None:
    """Write id and text of the kept documents, chunk by chunk; their ids are broadcast, as in publish, so no text is shuffled."""
    for chunk in documents.chunks(root):
        kept = F.broadcast(root.read(DECISIONS, chunk).where("outcome = 'kept'").select("id"))
        rows = documents.documents(root, chunk).select("id", "text").join(kept, on="id", how="left_semi")
        rows.write.mode("overwrite").parquet(root.at("kept", chunk))


def count_decisions(root: Path) -> dict[str, Any]:
    """Count the decisions by reason, and tell the largest group; without Spark, as it is no part of what is timed."""
    rows = ds.dataset(root / "decisions/dedup", format="parquet").to_table(columns=["outcome", "reason", "group_size"])
    counts = Counter(
        reason or outcome for outcome, reason in zip(*(rows[name].to_pylist() for name in ("outcome", "reason")), strict=True)
    )
    return {"decisions": dict(counts), "largest_group": pc.max(rows["group_size"]).as_py()}


if __name__ == "__main__":
    main()
