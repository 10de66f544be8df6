"""A root may have any name that is text: its tables, markers and partitions are found again under it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from jobs.engine.root import Root
from jobs.engine.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAMES = (
    "a [x] b",
    "{a,b}*?",
    "[0-9]^!",
    "back\\slash",
    "100%25 %2F",
    "a:b",
    "x=1",
    "#&;$'\"",
    "für 東京 😀",
    "_under",
    ".hidden",
    "line\nfeed",
    "-r",
)
ROWS = Table("decisions/some", pa.schema([("id", pa.string()), ("outcome", pa.string())]))


@pytest.mark.spark
def test_tables_below_a_root_of_any_name_are_found_again(spark: "SparkSession", tmp_path: Path) -> None:
    got: dict[str, object] = {}
    for name in NAMES:
        folder = tmp_path / name / "run"
        root = Root(spark, str(folder))
        rows = spark.createDataFrame(
            [("a", "kept", "00000"), ("b", "dropped", "00001")], "id string, outcome string, chunk string"
        )
        read = [tuple(row) for row in root.write(rows.coalesce(1), ROWS, gather=False).orderBy("id").collect()]
        one = [row["id"] for row in root.read(ROWS, "00001").collect()]
        saved = root.save(rows.select("id").coalesce(1), "dedup/x/order").count()
        found = root.table("decisions/some").count()
        root.write_json("run.json", {"exit_code": 0})
        got[name] = (read, one, saved, found, root.read_json("run.json"), root.names("decisions"), folder.is_dir())
    whole = [("a", "kept", "00000"), ("b", "dropped", "00001")]
    assert got == dict.fromkeys(NAMES, (whole, ["b"], 2, 2, {"exit_code": 0}, ["some"], True))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)
