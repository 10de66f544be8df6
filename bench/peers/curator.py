"""Run distributed-curator over the corpus, from Parquet to the kept documents' Parquet, by the Python that has it.

The command is bench/peers/sides.py's. Spark is local, with as many cores, partitions and heap as gristmill's.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Mark duplicates, write the kept documents, and say how long each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("root", type=Path, help="a folder that bench/dedup/corpus.py has written")
    parser.add_argument("out", type=Path, help="JSON file to write")
    parser.add_argument("work", type=Path, help="folder for the kept documents")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    parser.add_argument("--partitions", type=int, default=16)
    parser.add_argument("--similarity", type=float, default=0.8, help="share of equal slots of two signatures")
    parser.add_argument("--bands", type=int, default=16, help="of 64 slots")
    given = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from distributed_curator import (  # type: ignore[import-not-found, unused-ignore]
        get_jar_path,
        partition_aware_deduplicate,
    )
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{given.cores}]").config("spark.jars", get_jar_path())  # type: ignore[attr-defined, unused-ignore]
    for key, value in {
        "spark.driver.memory": given.memory,
        "spark.sql.shuffle.partitions": given.partitions,
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": "--add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.misc=ALL-UNNAMED",
    }.items():
        builder = builder.config(key, value)
    spark, seconds = builder.getOrCreate(), {}
    rows = spark.read.parquet(f"{given.root}/documents").where("kind = 'document'").selectExpr("id AS doc_id", "text")
    began = time.perf_counter()
    marked = partition_aware_deduplicate(
        spark,
        rows,
        similarity_threshold=given.similarity,
        num_bands=given.bands,
        num_partitions=given.partitions,
        is_input_doc_id_unique=True,
    )
    seconds["duplicates marked"] = time.perf_counter() - began
    began = time.perf_counter()
    kept = marked.where("NOT is_duplicate").selectExpr("doc_id AS id", "text")
    kept.write.mode("overwrite").parquet(str(given.work / "output"))
    seconds["kept text"] = time.perf_counter() - began
    spark.stop()
    given.out.write_text(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
