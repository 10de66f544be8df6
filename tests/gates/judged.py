"""Judge the labelled rephrases by the rules of conf/beyondweb, as Spark would, without a JVM."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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


@cache
def judged() -> tuple[Judged, ...]:
    """Return every labelled answer with the reasons of the rules that are not true of it."""
    rules = tomllib.loads(RECIPE.read_text("utf-8"))["filter"]
    rows = [{**one.signals, "language": "en"} for one in labelled()]
    schema = pa.schema([*signal_fields(SIGNALS), pa.field("language", pa.string())])
    answers = pa.Table.from_pylist(rows, schema=schema)  # noqa: F841 (duckdb finds it by its name)
    sql = ", ".join(f"NOT coalesce({rule['keep']}, false)" for rule in rules)
    found = duckdb.connect().execute(f"SELECT {sql} FROM answers").fetchall()
    reasons = [rule["reason"] for rule in rules]
    return tuple(
        Judged(one, tuple(reason for reason, broken in zip(reasons, row, strict=True) if broken))
        for one, row in zip(labelled(), found, strict=True)
    )
