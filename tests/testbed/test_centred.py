"""Tests of CORE and EXTENDED: the arithmetic, what is missing, and all published results."""

import ast
import gzip
import json
from pathlib import Path

import pytest

from udfs.testbed.centred import categories, centred_task, core, extended
from udfs.testbed.core_tasks import CORE_TASKS, Version
from udfs.testbed.harness_results import read_accuracies

GUESSED: dict[Version, dict[str, float]] = {
    version: {name: task.baselines[version - 1] / 100 for name, task in CORE_TASKS.items()} for version in (1, 2)
}
PERFECT = dict.fromkeys(CORE_TASKS, 1.0)


def test_there_are_22_tasks_of_53() -> None:
    assert (sum(task.in_core for task in CORE_TASKS.values()), len(CORE_TASKS)) == (22, 53)


@pytest.mark.parametrize("version", [1, 2])
def test_guessing_is_zero_and_all_right_is_one(version: Version) -> None:
    for metric in (core, extended):
        assert metric(GUESSED[version], version).value == pytest.approx(0, abs=1e-12)
        assert metric(PERFECT, version).value == pytest.approx(1)


def test_the_versions_differ_in_their_baselines() -> None:
    assert centred_task("commonsense_qa", 0.2, 1) == 0 == pytest.approx(centred_task("commonsense_qa", 0.403, 2), abs=1e-12)
    assert core(GUESSED[1], 2).value != pytest.approx(0, abs=1e-3)


def test_no_mean_is_made_of_a_part() -> None:
    part = {name: 1.0 for name in CORE_TASKS if name != "boolq"}
    assert (core(part).value, core(part).missing) == (None, ("boolq",))
    assert (extended(part).value, extended(part).missing) == (None, ("boolq",))
    assert categories(part)["reading comprehension"] is None and categories(part)["safety"] == 1


@pytest.mark.real
def test_all_published_results_are_met(shared_data: Path) -> None:
    """149 have all 53 tasks; of the 7 others EXTENDED is refused for the tasks that the publication names."""
    with gzip.open(shared_data / "eval/core/published.jsonl.gz", "rt") as file:
        published = [json.loads(line) for line in file]
    met = 0
    for one in published:
        found = read_accuracies({"eval_metrics": {"icl": one["icl"]}}, where=one["file"]).found
        for version in (1, 2):
            assert core(found, version).value == pytest.approx(one[f"core_v{version}"], abs=1e-6)
            whole, said = extended(found, version), one[f"extended_v{version}"]
            if isinstance(said, str):
                named = ast.literal_eval(said.removeprefix("N/A due to missing tasks: "))
                assert whole.value is None and sorted(whole.missing) == sorted(named)
            else:
                assert whole.value == pytest.approx(said, abs=1e-6)
        met += 1
    assert met == 156
