"""Tests of `gristmill core`: what it prints for whole results, for a part, and for several files of one model."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jobs.main import app
from jobs.testbed.core_table import table
from udfs.testbed.core_tasks import CORE_TASKS
from udfs.testbed.harness_results import ResultsError


def _file(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document), "utf-8")
    return str(path)


def test_a_whole_result_has_both_metrics_in_both_versions_and_every_category(tmp_path: Path) -> None:
    path = _file(tmp_path / "one.json", {"eval_metrics": {"icl": dict.fromkeys(CORE_TASKS, 0.7)}})
    shown = CliRunner().invoke(app, ["core", path, "--tasks"]).output.splitlines()
    assert shown[0] == f"{path}  (DCLM)"
    core, extended = (line.split() for line in shown[2:4])
    assert core[0] == "CORE" and extended[0] == "EXTENDED" and float(core[1]) > float(core[2]) > 0
    assert [line.split("  ")[1] for line in shown[4:10]] == sorted(
        {task.category for task in CORE_TASKS.values()}, key=[task.category for task in CORE_TASKS.values()].index
    )
    assert "  boolq                                 70.00     21.05  yes" in shown


def test_a_part_has_no_metric_and_says_what_is_missing_and_left_out(tmp_path: Path) -> None:
    accuracies = {name: 0.5 for name, task in CORE_TASKS.items() if task.in_core and name != "squad"} | {"mine": 0.5}
    shown = list(table([_file(tmp_path / "one.json", {"icl": accuracies})], together=False, tasks=False))
    assert shown[2].split() == ["CORE", "–", "–"] and shown[3] == "    missing 1: squad"
    assert shown[4].split() == ["EXTENDED", "–", "–"] and shown[5].startswith("    missing 32: mmlu_zeroshot, ")
    assert shown[-1] == "  left out: mine is no task of CORE or EXTENDED"


def test_parts_of_one_model_are_put_together(tmp_path: Path) -> None:
    names = [name for name, task in CORE_TASKS.items() if task.in_core]
    paths = [
        _file(tmp_path / f"{part}.json", {"icl": dict.fromkeys(some, 1.0)}) for part, some in enumerate((names[:9], names[9:]))
    ]
    assert list(table(paths, together=True, tasks=False))[2].split() == ["CORE", "100.00", "100.00"]
    assert [line.split()[1] for line in table(paths, together=False, tasks=False) if "CORE" in line] == ["–", "–"]


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("{", "utf-8")
    with pytest.raises(ResultsError, match="cannot be read as JSON"):
        list(table([str(tmp_path / "one.json")], together=False, tasks=False))
