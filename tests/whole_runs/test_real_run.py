"""FineWeb's recipe over real pages: the ledger that bench/results/real_run.md states, to the page."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.recipe.load import load_recipe
from tests.runs import PROJECT, rows, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.real]


def test_the_ledger_of_real_pages_is_exact_and_as_documented(spark: "SparkSession", shared_data: Path, tmp_path: Path) -> None:
    warcs = [str(shared_data / f"real/cc-sample/cc-sample-0000{n}.warc.gz") for n in (1, 2)]
    recipe = load_recipe(PROJECT / "conf/fineweb.toml", overrides={"input": warcs, "split_mb": 16})
    stages = run(spark, recipe, tmp_path)
    lost = [stages[name]["ledger"][outcome] for name in stages for outcome in ("dropped", "failed")]
    assert stages["extract"]["ledger"]["in"] == 2605
    assert stages["publish"]["ledger"]["kept"] + sum(sum(reasons.values()) for reasons in lost) == 2605
    assert stages["extract"]["files"]["bytes_records"] == sum(Path(warc).stat().st_size for warc in warcs)

    text = (PROJECT / "bench/results/real_run.md").read_text("utf-8")
    for name in stages:
        line = re.search(rf"^\| {name} \| ([0-9,]+) \| ([0-9,]+) \|(.*)\|$", text, re.MULTILINE)
        assert line is not None
        counts = [int(number.replace(",", "")) for number in line.groups()[:2]]
        stated = {reason: int(n.replace(",", "")) for reason, n in re.findall(r"([a-z0-9_]+) ([0-9,]*[0-9])", line.group(3))}
        ledger = stages[name]["ledger"]
        assert (counts, stated) == ([ledger["in"], ledger["kept"]], {**ledger["dropped"], **ledger["failed"]})

    kept = {row["id"] for row in rows(tmp_path, "corpus")}
    for row in rows(tmp_path, "decisions/dedup"):
        assert row["outcome"] == "kept" or (row["duplicate_of"] in kept and row["id"] not in kept)
        assert row["reason"] != "near_duplicate" or row["similarity"] >= 0.75
