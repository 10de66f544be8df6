"""Judge the labelled rephrases by the rules of conf/beyondweb, as Spark would, without a JVM."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.gates.labelled import Labelled, labelled
from udfs.signals.rephrase import SIGNALS
from udfs.signals.sets import signal_fields

RECIPE = Path(__file__).parent.parent.parent / "conf/beyondweb/2-rephrases.toml"
# the reason by which each fault of the set is to be found
GATE_OF = {
    "refusal": "refusal", "preamble": "preamble", "leak": "prompt_leak", "number": "new_numbers", "name": "new_names", "unit": "new_quantities",
    "copy": "copied", "repetition": "repetition", "form": "form", "cut": "cut_off", "links": "new_links", "language": "language", "short": "length",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """An answer and the rules that it breaks."""

    one: Labelled
    broken: tuple[str, ...]


def broken_rules(signals: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return, for each row of signals, the reasons of the rules that are not true of it. The language counts as English."""
    rules = tomllib.loads(RECIPE.read_text("utf-8"))["filter"]
    schema = pa.schema([*signal_fields(SIGNALS), pa.field("language", pa.string())])
    answers = pa.Table.from_pylist([{**one, "language": "en"} for one in signals], schema=schema)  # noqa: F841 (duckdb finds it)
    sql = ", ".join(f"NOT coalesce({rule['keep']}, false)" for rule in rules)
    found = duckdb.connect().execute(f"SELECT {sql} FROM answers").fetchall()
    reasons = [rule["reason"] for rule in rules]
    return [tuple(reason for reason, broken in zip(reasons, row, strict=True) if broken) for row in found]


@cache
def judged() -> tuple[Judged, ...]:
    """Return every labelled answer with the reasons of the rules that are not true of it."""
    broken = broken_rules([one.signals for one in labelled()])
    return tuple(Judged(one, some) for one, some in zip(labelled(), broken, strict=True))
