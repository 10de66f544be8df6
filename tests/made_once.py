"""What is costly and only looked at is made by one of the processes that run the tests, and read by the others."""

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def made_once(place: Path, make: Callable[[], T]) -> T:
    """Return what the process that asked first has made; the others wait for it. What fails is tried by the next.

    `place` is a path that all processes know: the value lies there pickled, and a lock beside it.
    """
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            part = place.with_suffix(".part")
            part.write_bytes(pickle.dumps(make()))
            part.replace(place)
        made: T = pickle.loads(place.read_bytes())
    return made
