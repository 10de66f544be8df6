"""A run learns, goes on from a checkpoint with the same bits, and takes no checkpoint of another run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch")

from udfs.testbed.model import Shape  # noqa: E402
from udfs.testbed.training import CHECKPOINT, CURVE, Run, Schedule, learn, read_checkpoint, restored, train  # noqa: E402

SHAPE = Shape(layers=2, width=16, heads=2, hidden=32, vocabulary=32, sequence_length=12)
SCHEDULE = Schedule(
    steps=40, learning_rate=1e-2, warmup=0.1, weight_decay=0.1, clip=1.0, precision="float32", device="cpu", checkpoint_steps=10
)


class Killed(Exception):
    """Ends a run where a kill would."""


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def rows(step: int) -> npt.NDArray[np.int64]:
    """Return sequences that count up from anywhere."""
    first = np.random.default_rng(step).integers(0, 32, (4, 1))
    return (first + np.arange(13)) % 32


def killed_at(step: int) -> Any:
    def told(done: int) -> None:
        if done == step:
            raise Killed

    return told


def test_a_killed_run_ends_with_the_bits_and_the_curve_of_one_that_was_not(tmp_path: Path) -> None:
    whole = train(Run(tmp_path / "whole", 1, "k"), SHAPE, SCHEDULE, rows, lambda step: None)
    run = Run(tmp_path / "killed", 1, "k")
    with pytest.raises(Killed):
        train(run, SHAPE, SCHEDULE, rows, killed_at(27))
    with (run.folder / CURVE).open("a") as file:
        file.write('{"step": 2')  # torn
    again = train(run, SHAPE, SCHEDULE, rows, lambda step: None)
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    curves = [(folder / CURVE).read_text() for folder in (tmp_path / "whole", run.folder)]
    assert curves[0] == curves[1]
    told = [json.loads(line) for line in curves[0].splitlines()]
    assert [one["step"] for one in told] == list(range(40)) and told[-1]["tokens"] == 40 * 4 * 12
    assert told[-1]["loss"] < 0.5 * told[0]["loss"]


def test_a_run_starts_from_its_own_checkpoint_alone(tmp_path: Path) -> None:
    run = Run(tmp_path, 1, "k")
    train(run, SHAPE, replace(SCHEDULE, steps=10), rows, lambda step: None)
    assert restored(run, SHAPE, SCHEDULE).step == 10 and restored(replace(run, key="other"), SHAPE, SCHEDULE).step == 0
    found = read_checkpoint(tmp_path)
    assert found is not None and Shape(**found["shape"]) == SHAPE and found["optimizer"] is None
    (tmp_path / CHECKPOINT).write_bytes((tmp_path / CHECKPOINT).read_bytes()[:500])
    assert read_checkpoint(tmp_path) is None and restored(run, SHAPE, SCHEDULE).step == 0


def test_padding_is_not_learned() -> None:
    batch = rows(0)
    batch[1:, 5:] = -1
    padded = learn(restored(Run(Path("absent"), 1, "k"), SHAPE, SCHEDULE), batch, SHAPE, SCHEDULE)
    whole = learn(restored(Run(Path("absent"), 1, "k"), SHAPE, SCHEDULE), batch[:1], SHAPE, SCHEDULE)
    short = learn(restored(Run(Path("absent"), 1, "k"), SHAPE, SCHEDULE), batch[1:, :5], SHAPE, SCHEDULE)
    assert padded == pytest.approx((whole * 12 + short * 12) / 24, rel=1e-5)


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(FloatingPointError, match="the loss is nan"):
        train(Run(tmp_path, 1, "k"), SHAPE, replace(SCHEDULE, learning_rate=1e30, clip=1e30), rows, lambda step: None)


def test_products_in_bfloat16_learn_about_the_same(tmp_path: Path) -> None:
    short = replace(SCHEDULE, steps=8)
    for precision in ("float32", "bfloat16"):
        train(Run(tmp_path / precision, 1, "k"), SHAPE, replace(short, precision=precision), rows, lambda step: None)
    last = [json.loads((tmp_path / one / CURVE).read_text().splitlines()[-1])["loss"] for one in ("float32", "bfloat16")]
    assert last[0] != last[1] and last[0] == pytest.approx(last[1], rel=0.02)
