"""Classes of the JVM for which PySpark asks by name at every call of a function."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = ("org.apache.spark.sql.functions", "PythonUtils", "PythonSQLUtils")


def remember_classes(spark: "SparkSession") -> "SparkSession":
    """Have Python remember these classes, and return the session.

    To answer, the JVM looks for each name in a dozen packages, and so in each of Spark's 300 jars: a twentieth of a driver's work.
    """
    jvm: Any = spark.sparkContext._jvm
    for name in NAMES:
        setattr(jvm, name, getattr(jvm, name))
    return spark
