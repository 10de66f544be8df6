"""The Spark session: what gristmill needs of Spark's settings, and what it says when Java is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.engine.errors import RefusedError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# settings that every run needs, wherever it runs; spark-submit's own --conf stands above them
NEEDED = {
    # 16 MB of text a batch: a worker holds a few batches, not 10,000 pages (law 7)
    "spark.sql.execution.arrow.maxBytesPerBatch": str(16 << 20),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
    # extract writes two kinds of rows by partition; with open writers for both, no task sorts pages by kind first
    "spark.sql.maxConcurrentOutputFileWriters": "4",
    # a crashing worker names its line
    "spark.python.worker.faulthandler.enabled": "true",
    "spark.sql.execution.pyspark.udf.faulthandler.enabled": "true",
    # file bodies hold large strings; statistics of them help nobody
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.session.timeZone": "UTC",
    # a rule that divides by zero is null for that page, and so unmeasured; with ANSI on it would end the run
    "spark.sql.ansi.enabled": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # Spark gives a broadcast five minutes, the wait for free cores included, and then fails the job: a busy cluster would end a run
    "spark.sql.broadcastTimeout": "36000",
    # Spark's INFO is hundreds of lines a minute, among which nobody finds a stage's one
    "spark.log.level": "WARN",
}


class NoJavaError(RefusedError):
    """Say that Spark cannot start for want of Java, and how to get it."""


def local_session(*, master: str = "local[*]", shuffle_partitions: int = 8, driver_memory: str = "2g") -> "SparkSession":
    """Start (or return) a session in local mode, for a laptop, a test or a small crawl.

    A setting given by PYSPARK_SUBMIT_ARGS='--conf key=value pyspark-shell' stands above ours. Raises NoJavaError if there is no
    Java to run Spark on.
    """
    check_java()
    os.environ["PYSPARK_PYTHON"] = sys.executable  # else workers run whatever python3 is first on the PATH
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("gristmill")
    settings = NEEDED | {
        "spark.driver.memory": driver_memory,
        # short jobs, most of them in Python: the JVM's optimising compiler costs more than it brings (a third of all CPU). The code cache
        # is then 48 MB by default, and once a long run fills it the JVM interprets all that follows
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(shuffle_partitions),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    given = os.environ.get("PYSPARK_SUBMIT_ARGS", "")
    for key, value in settings.items():
        if f"{key}=" not in given:
            builder = builder.config(key, value)
    return builder.getOrCreate()


def cluster_session() -> "SparkSession":
    """Return the session that spark-submit set up, with gristmill's needs added where nothing was said."""
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    SparkContext._ensure_initialized()  # so that SparkConf sees what spark-submit was given
    given = SparkConf()
    builder = SparkSession.builder.appName("gristmill")
    for key, value in NEEDED.items():
        if not given.contains(key):
            builder = builder.config(key, value)
    return builder.getOrCreate()


def check_java() -> None:
    """Make sure that a Java 17 or later can be run."""
    java = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    how = "Spark needs Java 17 or later: apt-get install openjdk-17-jre-headless, or brew install openjdk@17, then run again"
    if not java:
        raise NoJavaError(f"no java on the PATH and no JAVA_HOME. {how}")
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    except OSError as error:
        raise NoJavaError(f"{java} does not run ({error}). {how}") from None
    version = answer.split('"')[1].split(".")[0] if '"' in answer else "0"
    if not version.isdigit() or int(version) < 17:
        raise NoJavaError(f"{java} is version {version}. {how}")
