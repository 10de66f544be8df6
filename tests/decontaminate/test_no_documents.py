"""A run whose files all failed has no chunk, and the stage is finished all the same."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.decontaminate import STAGE
from jobs.decontaminate import stage as decontaminate
from tests.decontaminate.test_decontaminate import given, item_file

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.spark
def test_nothing_to_search_is_a_stage_too(spark: "SparkSession", tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    job = given(tmp_path / "root", spark, items=item_file(tmp_path / "items.jsonl"), action="cut").job(STAGE)
    ledger = decontaminate.run(job).check("decontaminate")
    assert (ledger.came.count, ledger.kept.count) == (0, 0)
