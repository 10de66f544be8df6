"""One step of sampling at work."""

from dataclasses import dataclass

from jobs.sampling.cuts import Once
from jobs.sampling.settings import Step


@dataclass(frozen=True)
class Work:
    """One step at its place: `once` keeps its tables, `few` is given to the search for cuts."""

    step: Step
    place: int
    once: Once
    few: int
