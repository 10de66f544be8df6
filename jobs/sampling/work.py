"""One step of sampling at work."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.sampling.cuts import Once
from jobs.sampling.settings import Step
from jobs.sampling.targets import Target


@dataclass(frozen=True)
class Work:
    """One step at its place: `once` keeps its tables, `few` is given to the search for cuts, `targets` are by step."""

    step: Step
    place: int
    once: Once
    few: int
    targets: Mapping[str, Target] = field(default_factory=dict)
