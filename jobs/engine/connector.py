"""Refuse what this Spark cannot write or read before any work is done: s3a:// and gs:// need a connector that pip's Spark lacks."""

from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

from jobs.engine.errors import RecipeError

S3 = ("s3", "s3a", "s3n")


def check_connector(spark: SparkSession, path: str, *, lost: str = "nothing could be kept there") -> None:
    """Raise RecipeError if Hadoop knows no file system for a path's scheme, with the line that adds it; asks no network.

    `lost` says what cannot be done without it.
    """
    scheme = path.partition("://")[0].lower() if "://" in path else "file"
    if _known(spark, scheme):
        return
    jvm: Any = spark.sparkContext._jvm
    hadoop = jvm.org.apache.hadoop.util.VersionInfo.getVersion()
    version = spark.version.partition("-")[0]  # a vendor's 4.1.3-amzn-0 has no package of its own
    line = f"PYSPARK_SUBMIT_ARGS='--packages org.apache.spark:spark-hadoop-cloud_2.13:{version} pyspark-shell' gristmill …"
    if scheme in S3 and _known(spark, "s3a"):
        advice = f"Write s3a://{path.partition('://')[2]}"
    elif scheme in S3:
        advice = f"Write s3a:// and add the S3A connector, hadoop-aws {hadoop}: {line}"
    elif scheme == "gs":
        advice = f"Add Google's connector, gcs-connector: {line}"
    else:
        advice = "Give a path on disk, or add the Hadoop connector of that store by --packages"
    raise RecipeError(
        f"{path}: this Spark {spark.version} has no connector for {scheme}://, so {lost}; nothing was run. {advice}"
    )


def _known(spark: SparkSession, scheme: str) -> bool:
    jvm: Any = spark.sparkContext._jvm
    jsc: Any = spark.sparkContext._jsc
    try:
        jvm.org.apache.hadoop.fs.FileSystem.getFileSystemClass(scheme, jsc.hadoopConfiguration())
    except Py4JJavaError:
        return False
    return True
