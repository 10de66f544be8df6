"""What a signal is: a measured column, described once, from which schema, docs and the check of recipes are made."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Signal:
    """Describe one measured column of the signals table; `names` is a list of strings.

    `unit` is the unit of the value ("words", "fraction of lines"), `source` the paper and section or repository and path
    whose statistic this is, `definition` one sentence saying how it is computed. A value of None means unmeasured, which
    every filter treats as a failure.
    """

    name: str
    type: Literal["int", "float", "bool", "string", "names"]
    unit: str
    source: str
    definition: str
