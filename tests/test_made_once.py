"""Two processes of tests: what both need is made by one, and the files that take minutes are begun first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.made_once import made_once
from tests.waiting import wait_for


def test_what_two_ask_for_at_once_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []
    together = Barrier(4)

    def ask(number: int) -> int:
        def make() -> int:
            made.append(number)
            wait_for(lambda: len(made) > 1, seconds=0.2)  # time for another to begin, if nothing held it
            return number

        together.wait()
        return made_once(tmp_path / "value", make)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(ask, range(4)))
    assert given == made * 4


def test_what_fails_is_tried_by_the_next(tmp_path: Path) -> None:
    def fails() -> int:
        raise RuntimeError("no such luck")

    with pytest.raises(RuntimeError, match="no such luck"):
        made_once(tmp_path / "value", fails)
    assert made_once(tmp_path / "value", lambda: 7) == made_once(tmp_path / "value", fails) == 7
