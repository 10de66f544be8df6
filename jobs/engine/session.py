"""The Spark session: what gristmill needs of Spark's settings, and how the JVM is started."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JError, Py4JNetworkError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway

from jobs.engine.interrupt import handle_interrupts
from jobs.engine.known_classes import remember_classes
from jobs.engine.machine import NoSparkError, check_machine, has_name, java_options, utf8_locale
from jobs.engine.spark_log import gist, last_error

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
    # a worker takes no module from its working folder: there may be another udfs, or a numpy.py
    "spark.executorEnv.PYTHONSAFEPATH": "1",
    "spark.sql.execution.pyspark.udf.faulthandler.enabled": "true",
    # file bodies hold large strings; statistics of them help nobody
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.session.timeZone": "UTC",
    # a table of 900 chunks is 900 folders: Spark lists each by a task of its own, 10 CPU seconds a table, and by 32 tasks in 1.4
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "64",
    # a rule that divides by zero is null for that page, and so unmeasured; with ANSI on it would end the run
    "spark.sql.ansi.enabled": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # Spark gives a broadcast five minutes, the wait for free cores included, and then fails the job: a busy cluster would end a run
    "spark.sql.broadcastTimeout": "36000",
    # Spark's INFO is hundreds of lines a minute, among which nobody finds a stage's one
    "spark.log.level": "WARN",
}

# Short jobs, most of them in Python: the JVM's optimising compiler costs more than it brings (a third of all CPU). The code cache is
# then 48 MB by default, and once a long run fills it the JVM interprets all that follows. Spark's chunks of 1 MB are large objects in
# the heap's regions of 1 MB, and such an object begins a collection; in regions of 8 MB it is as any other.
SHORT_JOBS = ("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m", "-XX:G1HeapRegionSize=8m")
# By default Spark takes up to 64 MB for each aggregation and each sort, and 4 MB for each broadcast, however few the rows are: half of
# what the JVM of a small run allocates. A task can have 8,192 pages, so 16 GB.
FEW_ROWS = {"spark.buffer.pageSize": "2m", "spark.broadcast.blockSize": "256k"}


def local_session(
    *, master: str = "local[*]", shuffle_partitions: int = 8, driver_memory: str = "2g", log: Path | None = None
) -> "SparkSession":
    """Start (or return) a session in local mode, for a laptop, a test or a small crawl.

    What the JVM and the workers print goes to `log`, if one is given. A setting given by PYSPARK_SUBMIT_ARGS='--conf key=value
    pyspark-shell' stands above ours. Raises NoJavaError or NoSparkError if this machine cannot run Spark.
    """
    check_machine()
    os.environ["PYSPARK_PYTHON"] = sys.executable  # else workers run whatever python3 is first on the PATH
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.update(utf8_locale(os.environ))
    before = signal.getsignal(signal.SIGINT)
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    given = os.environ.get("PYSPARK_SUBMIT_ARGS", "")
    conf = SparkConf().setMaster(master).setAppName("gristmill")
    for key, value in (_local_settings(driver_memory, shuffle_partitions) | _code()).items():
        if f"{key}=" not in given:
            conf.set(key, value)
    if log is None or SparkContext._gateway is not None:
        return remember_classes(SparkSession.builder.config(conf=conf).getOrCreate())
    with _started(log), log.open("ab") as sink:
        gateway = launch_gateway(conf, {"stdout": sink, "stderr": sink})  # type: ignore[no-untyped-call]
        _name_user(gateway)
        SparkContext._ensure_initialized(gateway=gateway, conf=conf)
        spark = SparkSession.builder.config(conf=conf).getOrCreate()
    handle_interrupts(spark, before=before)
    return remember_classes(spark)


def _local_settings(driver_memory: str, shuffle_partitions: int) -> dict[str, str]:
    java = [*SHORT_JOBS, *java_options(os.environ)]
    ivy = {} if has_name() else {"spark.jars.ivy": str(Path(tempfile.gettempdir()) / f"ivy-{os.getuid()}")}
    return (
        NEEDED
        | FEW_ROWS
        | ivy
        | {
            "spark.driver.memory": driver_memory,
            "spark.driver.extraJavaOptions": " ".join(java),
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(shuffle_partitions),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            "spark.python.daemon.module": "jobs.engine.python_daemon",
        }
    )


def _code() -> dict[str, str]:
    """Say where workers of this machine find our code if it is not installed: they do not look into the working folder."""
    try:
        distribution("gristmill")
    except PackageNotFoundError:
        path = os.pathsep.join(filter(None, (str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH"))))
        return {"spark.executorEnv.PYTHONPATH": path}
    return {}


@contextmanager
def _started(log: Path) -> Iterator[None]:
    """Turn whatever keeps the JVM or Spark from starting into NoSparkError."""
    try:
        yield
    except (Py4JError, PySparkException, OSError) as error:
        gone = "JAVA_GATEWAY_EXITED" in str(error) or isinstance(error, Py4JNetworkError | OSError)
        why = last_error(log) if gone else gist(error)
        raise NoSparkError(f"Spark does not start ({why}); nothing was run. {_nameless()}Its log: {log}") from None


def _name_user(gateway: Any) -> None:
    """Give a user without a name one for Hadoop, whose login asks the system for it and fails."""
    if not has_name():
        security = gateway.jvm.org.apache.hadoop.security.UserGroupInformation
        security.setLoginUser(security.createRemoteUser(os.environ.get("USER") or f"user-{os.getuid()}"))


def _nameless() -> str:
    """Say what a user without a name can do, whom Java's login refuses."""
    if has_name():
        return ""
    line = f"spark:x:{os.getuid()}:{os.getgid()}::{tempfile.gettempdir()}:/bin/sh"
    return f"The user id {os.getuid()} has no name here: run as a user with a name, or add the line {line} to /etc/passwd. "


def cluster_session() -> "SparkSession":
    """Return the session that spark-submit set up, with gristmill's needs added where nothing was said."""
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    try:
        SparkContext._ensure_initialized()  # so that SparkConf sees what spark-submit was given
    except (Py4JError, KeyError, ValueError, OSError) as error:
        raise NoSparkError(
            f"PYSPARK_GATEWAY_PORT={os.environ.get('PYSPARK_GATEWAY_PORT')} says that spark-submit has started Spark, and there is none "
            f"({type(error).__name__}: {error}); nothing was run. Unset it, or start gristmill by spark-submit"
        ) from None
    given = SparkConf()
    builder = SparkSession.builder.appName("gristmill")
    for key, value in (NEEDED | (_code() if given.get("spark.master", "").startswith("local") else {})).items():
        if not given.contains(key):
            builder = builder.config(key, value)
    before = signal.getsignal(signal.SIGINT)
    spark = builder.getOrCreate()
    handle_interrupts(spark, before=before)
    return remember_classes(spark)
