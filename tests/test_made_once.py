"""Two processes of tests: what both need is made by one, and the files that take minutes are begun first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_collection_modifyitems
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


def test_files_that_take_minutes_are_begun_first_and_the_order_stays_otherwise() -> None:
    def item(name: str, *, long: bool) -> Any:
        return SimpleNamespace(name=name, get_closest_marker=lambda marker: True if marker == "long" and long else None)

    items = [item("a", long=False), item("b", long=True), item("c", long=False), item("d", long=True)]
    pytest_collection_modifyitems(items)
    assert [one.name for one in items] == ["b", "d", "a", "c"]
