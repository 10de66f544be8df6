"""conf/spark: every setting is one that Spark or the named vendor knows, has its reason above it, and arrives through spark-submit."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.engine.session import NEEDED
from tests.runs import PROJECT
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDER = PROJECT / "conf/spark"
NAMES = ("dataproc", "emr", "emr-serverless", "local")
VENDORS = {  # known to a vendor's Spark, not to Apache's
    "spark.emr-serverless.executor.disk",
    "spark.emr-serverless.executor.disk.type",
}
BY_NAME = {"spark.local.dir", "spark.master"}  # Spark reads them without having registered them
NEEDS_A_JAR = "org.apache.spark.internal.io.cloud."  # spark-hadoop-cloud, which pyspark does not bring
PREFIXES = ("spark.metrics.conf.", "spark.hadoop.")  # handed on to another library under the rest of the name
SINCE = {  # after 4.0, the oldest that gristmill runs on
    "spark.python.worker.killOnIdleTimeout": (4, 1),
    "spark.sql.execution.pyspark.udf.killOnIdleTimeout": (4, 1),
}
HOLDERS = (  # the objects that Spark's settings are registered by when they are first touched
    "org.apache.spark.internal.config.package$",
    "org.apache.spark.internal.config.Python$",
    "org.apache.spark.internal.config.UI$",
    "org.apache.spark.deploy.yarn.config.package$",
    "org.apache.spark.sql.internal.SQLConf$",
)


def settings(name: str, *, commented: bool = False) -> dict[str, str]:
    """Read a file's settings by the rules of properties files that it uses, or those that it names in comments."""
    found: dict[str, str] = {}
    for line in (FOLDER / f"{name}.conf").read_text("utf-8").splitlines():
        match = re.fullmatch(r"(# )?(spark\.\S+) +(\S+)", line)
        if match and bool(match[1]) == commented:
            assert match[2] not in found, f"{match[2]} stands twice"
            found[match[2]] = match[3]
    return found


def test_there_are_four_files_and_each_setting_has_its_reason_above_it() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == list(NAMES)
    for name in NAMES:
        before = ""
        for line in (FOLDER / f"{name}.conf").read_text("utf-8").splitlines():
            assert not line or re.match(r"# \S|spark\.\S+ +\S+$", line), line
            assert not line.startswith("spark.") or before.startswith(("#", "spark.")), f"{name}: {line} has no reason above it"
            before = line


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_is_repeated_that_gristmill_makes_itself(name: str) -> None:
    assert set(settings(name)) & set(NEEDED) == set()


@pytest.mark.parametrize("name", ["emr", "emr-serverless", "dataproc"])
def test_python_workers_have_a_gigabyte_and_a_half_a_core_beside_the_jvm(name: str) -> None:
    found = settings(name)
    assert int(found["spark.executor.memoryOverhead"].removesuffix("g")) >= 1.5 * int(found["spark.executor.cores"])


def test_a_batch_of_dataproc_is_given_nothing_that_it_refuses() -> None:
    refused = ("spark.master", "spark.yarn.", "spark.shuffle.service", "spark.dynamicAllocation.shuffleTracking")
    assert [key for key in settings("dataproc") if key.startswith(refused)] == []


@pytest.mark.spark
@pytest.mark.parametrize("name", NAMES)
def test_spark_knows_every_setting_and_takes_its_value(spark: "SparkSession", name: str) -> None:
    jvm: Any = spark.sparkContext._jvm
    loader = jvm.Thread.currentThread().getContextClassLoader()
    for holder in HOLDERS:
        jvm.java.lang.Class.forName(holder, True, loader)
    version = tuple(int(part) for part in spark.version.split(".")[:2])
    registry = jvm.org.apache.spark.internal.config.ConfigEntry
    assert registry.findEntry("spark.no.such.setting") is None
    unknown = []
    for key, value in {**settings(name, commented=True), **settings(name)}.items():
        if key in VENDORS or key in BY_NAME or key.startswith(PREFIXES) or SINCE.get(key, (4, 0)) > version:
            continue
        entry = registry.findEntry(key)
        if entry is None:
            unknown.append(key)
        elif "BUCKET" not in value and not value.startswith(NEEDS_A_JAR):
            entry.valueConverter().apply(value)  # raises if it is none, such as a time without a number
    assert unknown == []


@pytest.mark.spark
@pytest.mark.parametrize("name", NAMES)
def test_spark_submit_hands_the_settings_on(tmp_path: Path, name: str) -> None:
    script = tmp_path / "settings.py"
    script.write_text(
        "import json, sys\nfrom pyspark import SparkConf, SparkContext\nSparkContext._ensure_initialized()\n"
        "json.dump(dict(SparkConf().getAll()), open(sys.argv[1], 'w'))\n"
    )
    out = tmp_path / "settings.json"
    line = [str(Path(sys.executable).parent / "spark-submit"), "--properties-file", str(FOLDER / f"{name}.conf")]
    line += ["--conf", "spark.master=local[1]", str(script), str(out)]
    subprocess.run(
        line, check=True, capture_output=True, timeout=PATIENCE_S, env=os.environ | {"PYSPARK_PYTHON": sys.executable}
    )
    arrived = json.loads(out.read_text("utf-8"))
    wanted = settings(name) | {"spark.master": "local[1]"}
    assert {key: arrived.get(key) for key in wanted} == wanted
