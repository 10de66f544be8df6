"""A whole run that looks for n-grams which begin in an item's question and end in its answer."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.runs import Finished, changed, rows, run, tiny

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

UNSEEN = " ".join(f"zq{number}" for number in range(13))  # on no page of the sample


@pytest.mark.spark
def test_a_page_that_holds_a_question_s_end_and_its_answer_s_beginning_is_found_by_what_overlaps(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    page, words = next(
        (row, words[at : at + 24])
        for row in rows(finished.root, "corpus")
        for words in [row["text"].split()]
        for at in range(len(words) - 24)
        if all(word.isalpha() and word.isascii() for word in words[at : at + 24])
    )
    item = {"q": f"{UNSEEN} {' '.join(words[:12])}", "a": f"{' '.join(words[12:])} {UNSEEN}"}
    (tmp_path / "items.jsonl").write_text(json.dumps(item) + "\n", "utf-8")
    one = {"uri": str(tmp_path / "items.jsonl"), "question": "q", "answer": "a"}
    sets = [{"name": "alone", **one}, {"name": "across", **one, "ngrams_of": ["overlap"]}]
    root = finished.copy(tmp_path / "root")
    markers = run(spark, changed(tiny(list(finished.inputs)), decontaminate={"set": sets}), root)
    assert (markers["decontaminate"]["ledger"]["kept"], len(rows(root, "corpus"))) == (
        markers["dedup"]["ledger"]["kept"] - 1,
    ) * 2
    found = [row for row in rows(root, "decisions/decontaminate") if row["outcome"] == "dropped"]
    assert [(row["id"], row["reason"], row["evaluation_set"]) for row in found] == [(page["id"], "contaminated", "across")]
    assert page["text"][found[0]["evaluation_start"] : found[0]["evaluation_end"]].split() == words
