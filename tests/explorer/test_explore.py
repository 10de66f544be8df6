"""Explore over a finished run: every document has one outcome, the sample is the same however it is cut, and the page is written."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.report.page import render
from tests.report.page_data import report_data
from tests.runs import Finished, context, rows, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_finished_run_has_a_map(spark: "SparkSession", finished: Finished, tmp_path: Path) -> None:
    from jobs.explorer.gather import gather
    from jobs.explorer.write import write_explorer

    root = finished.copy(tmp_path / "root")
    found = context(spark, tiny(list(finished.inputs)), root)
    corpus = gather(found, most=100_000)
    strata, points = corpus.strata, corpus.points

    # the strata are the ledgers of the stages, but for records whose id an earlier one has
    expected = Counter({("kept", ""): finished.markers["dedup"]["ledger"]["kept"]})
    for stage in ("extract", "annotate", "filter", "dedup"):
        ledger = finished.markers[stage]["ledger"]
        expected.update({(stage, reason): n for outcome in ("dropped", "failed") for reason, n in ledger[outcome].items() if n})
    expected.pop(("extract", "duplicate_id"), None)
    assert {(one.stage, one.reason): one.count for one in strata} == dict(expected)
    assert Counter(points.stratum.tolist()) == {place: one.count for place, one in enumerate(strata)}

    # each document has its own facts, and its story
    captures = rows(root, "documents")
    assert Counter(points.urls) == Counter(row["url"] for row in captures)
    documents = {row["url"]: row for row in captures}  # a URL may have several captures
    once = {url for url, count in Counter(points.urls).items() if count == 1}
    at = next(place for place, story in enumerate(points.stories) if story.witness in once and points.urls[place] in once)
    lost = next(row for row in rows(root, "decisions/dedup") if row["id"] == documents[points.urls[at]]["id"])
    assert points.stories[at].witness == next(row["url"] for row in captures if row["id"] == lost["duplicate_of"])
    assert ("similarity", lost["similarity"]) in points.stories[at].values
    signals = {row["id"]: row for row in rows(root, "signals")}
    assert points.signals["word_count"][at] == signals[lost["id"]]["word_count"]
    assert sum(one.count for one in corpus.areas[0].areas) == len(points)
    assert sum(one.kept for one in corpus.areas[0].areas) == expected["kept", ""]

    # a smaller sample is part of the larger one, rare reasons included
    few = gather(found, most=100)
    assert len(few.points) <= 100 and set(few.points.urls) < set(points.urls)
    assert {one.reason for one in few.strata if one.shown} == {one.reason for one in strata}

    # the command's page, twice the same; the report that is there names it
    (root / "report.html").write_text(render(report_data()), "utf-8")
    page = Path(write_explorer(found, points=100))
    text = page.read_text("utf-8")
    assert page == root / "explorer.html" and write_explorer(found, points=100, out=str(tmp_path / "other.html"))
    assert (tmp_path / "other.html").read_text("utf-8") == text
    assert (root / "report.html").read_text("utf-8") == render(replace(report_data(), explorer=True))
    head = json.loads(text.partition('id="head">')[2].partition("</script>")[0])
    assert head["n"] == len(few.points) and head["root"] == str(root)
