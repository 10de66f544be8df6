"""Measure a function that should be linear in its page."""

import gc
import time
from collections.abc import Callable

TIMES = 3


def least_seconds(rewrite: Callable[[str], str], page: str) -> float:
    """Return the CPU seconds of the fastest of TIMES calls, without collections of garbage.

    A collection takes as long as all that the tests before have left.
    """
    spent = []
    gc.disable()
    try:
        for _ in range(TIMES):
            began = time.process_time()
            rewrite(page)
            spent.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(spent)
