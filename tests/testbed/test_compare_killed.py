"""A comparison that is killed, within a run or between two, goes on to the same results."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from jobs.testbed.compare import compare
from jobs.testbed.settings import Compare
from tests.runs import PROJECT
from tests.testbed.held_compare import HELD_STEP
from tests.testbed.tiny import SHAPE, texts, tokenizer, write_jsonl
from tests.waiting import wait_for

STEPS, CHECKPOINT_STEPS = 31, 10


def _recipe(folder: Path) -> Path:
    """Write a recipe of two arms and one seed, each run with checkpoints after 10, 20 and 30 of its 31 steps."""
    arms = [
        {"name": name, "corpus": [str(write_jsonl(folder / f"{name}.jsonl", ({"text": text} for text in some)))]}
        for name, some in (("first", texts(150)), ("second", texts(150, is_shuffled=True)))
    ]
    held = write_jsonl(folder / "held.jsonl", ({"text": text} for text in texts(5, seed=9)))
    training = {"tokens": 2_000, "batch_sequences": 4, "learning_rate": 0.01, "processes": 1, "device": "cpu"}
    table = {
        "name": "killed",
        "tokenizer": str(tokenizer(folder)),
        "seeds": [1],
        "model": SHAPE,
        "training": {**training, "checkpoint_steps": CHECKPOINT_STEPS},
        "arms": arms,
        "held_out": [{"name": "held", "uri": str(held), "web": False}],
    }
    (folder / "recipe.json").write_text(json.dumps(table))
    return folder / "recipe.json"


def _finished(recipe: Path, root: Path) -> dict[str, Any]:
    """Run the comparison to its end in this process; return every run's results but the time, and every run's curve."""
    compare(Compare.model_validate_json(recipe.read_text()), str(root), say=lambda line: None)
    results = {str(path.relative_to(root)): json.loads(path.read_text()) for path in root.glob("runs/*/*/result.json")}
    curves = {str(path.relative_to(root)): path.read_text() for path in root.glob("runs/*/*/curve.jsonl")}
    return {name: {key: value for key, value in found.items() if key != "seconds"} for name, found in results.items()} | curves


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _recipe(tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def expected(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _finished(recipe, tmp_path_factory.mktemp("whole") / "root")


@pytest.mark.parametrize("place", ["inside", "between"])
def test_a_killed_comparison_goes_on_to_the_same_results(
    recipe: Path, expected: dict[str, Any], tmp_path: Path, place: str
) -> None:
    root, reached = tmp_path / "root", tmp_path / "reached"
    command = [sys.executable, "-m", "tests.testbed.held_compare", str(recipe), str(root), place, str(reached)]
    process = subprocess.Popen(command, cwd=PROJECT)
    try:
        wait_for(lambda: reached.exists() or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    first = root / "runs/first/seed-1/result.json"
    before = first.stat().st_mtime_ns
    assert [*root.glob("runs/*/*/result.json")] == [first]
    if place == "inside":
        lines = (root / "runs/second/seed-1/curve.jsonl").read_text().splitlines()
        assert CHECKPOINT_STEPS < HELD_STEP < STEPS and len(lines) < STEPS
        assert (root / "runs/second/seed-1/checkpoint.pt").exists()
    assert _finished(recipe, root) == expected and len(expected) == 4
    assert first.stat().st_mtime_ns == before
