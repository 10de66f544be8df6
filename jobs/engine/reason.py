"""A reason for which a stage drops or fails a record; each stage lists its own, and the rules of a recipe add theirs."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reason:
    """Say whether the record counts as dropped or failed, what the reason means, and what a user can do about it.

    A reason of scope "file" is given to an input file, any other to a document.
    """

    outcome: Literal["dropped", "failed"]
    name: str
    meaning: str
    advice: str = ""
    scope: Literal["file", "document"] = "document"
