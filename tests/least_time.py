"""Measure a function that should be linear in what it is given."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
TIMES = 3


def least_seconds(function: Callable[[T], object], given: T) -> float:
    """Return the CPU seconds of the fastest of TIMES calls, without collections of garbage.

    A collection takes as long as all that the tests before have left.
    """
    spent = []
    gc.disable()
    try:
        for _ in range(TIMES):
            began = time.process_time()
            function(given)
            spent.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(spent)
