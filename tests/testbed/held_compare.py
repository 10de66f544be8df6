"""A comparison in a process of its own that stops at a place and says so, so that a test can kill it there.

python -m tests.testbed.held_compare RECIPE.json ROOT inside|between REACHED
"""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jobs.testbed.compare import compare
from jobs.testbed.settings import Compare
from udfs.testbed import one_run, training

HELD_STEP = 25  # of the second run; its last checkpoint is some steps older


def main(recipe: str, root: str, place: str, reached: str) -> None:
    """Run the comparison up to the place."""

    def hold() -> None:
        Path(reached).touch()
        signal.pause()

    def done() -> int:
        return len([*Path(root).glob("runs/*/*/result.json")])

    def inside(state: Any, *others: Any) -> float:
        if done() == 1 and state.step == HELD_STEP:
            hold()
        return learn(state, *others)

    def between(target: Path, value: Any) -> None:
        write_json(target, value)
        hold()

    learn: Callable[..., float] = training.learn
    write_json: Callable[[Path, Any], None] = one_run.write_json  # type: ignore[attr-defined]
    if place == "inside":
        training.learn = inside  # type: ignore[assignment]
    else:
        one_run.write_json = between  # type: ignore[attr-defined]
    compare(Compare.model_validate_json(Path(recipe).read_text("utf-8")), root, say=print)


if __name__ == "__main__":
    main(*sys.argv[1:])
