"""Read Spark's event log: what each table that a job wrote cost in seconds, bytes shuffled and bytes spilled."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETTINGS = "--conf spark.eventLog.enabled=true --conf spark.eventLog.rolling.enabled=false --conf spark.eventLog.compress=false"
WRITES = re.compile(r"Execute InsertIntoHadoopFsRelationCommand (?:file:)?([^,]+),")
START = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart"
END = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd"


@dataclass
class Cost:
    """Say what it took to write one table, or to count something."""

    seconds: float = 0.0
    shuffled: int = 0
    spilled: int = 0
    written: int = 0


def environment(folder: Path) -> dict[str, str]:
    """Return the environment under which a session that is yet to start writes its event log into a folder."""
    folder.mkdir(parents=True)
    return {"PYSPARK_SUBMIT_ARGS": f"{SETTINGS} --conf spark.eventLog.dir=file:{folder} pyspark-shell"}


def costs(folder: Path, root: Path) -> dict[str, Cost]:
    """Return by table, named from the root on, what its writing cost; what writes none is under "no table"."""
    table_of: dict[int, str] = {}
    began: dict[int, int] = {}
    execution_of: dict[int, int] = {}  # by stage
    found: dict[str, Cost] = {}

    def cost(execution: int | None) -> Cost:
        return found.setdefault(table_of.get(execution, "no table") if execution is not None else "no table", Cost())

    for event in events(folder):
        if event["Event"] == START:
            execution = int(event["executionId"])
            path = _written(event["sparkPlanInfo"])
            if path is not None:
                table_of[execution] = path.removeprefix(f"{root}/")
            began[execution] = int(event["time"])
        elif event["Event"] == END:
            execution = int(event["executionId"])
            cost(execution).seconds += (int(event["time"]) - began[execution]) / 1000
        elif event["Event"] == "SparkListenerJobStart":
            within = (event.get("Properties") or {}).get("spark.sql.execution.id")
            if within is not None:
                for stage in event["Stage IDs"]:
                    execution_of.setdefault(int(stage), int(within))
        elif event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
            metrics = event["Task Metrics"]
            mine = cost(execution_of.get(int(event["Stage ID"])))
            mine.shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            mine.spilled += metrics["Disk Bytes Spilled"]
            mine.written += metrics["Output Metrics"]["Bytes Written"]
    return found


def _written(plan: dict[str, Any]) -> str | None:
    """Return the path that a plan writes to; adaptive execution puts a node of its own above the one that writes."""
    written = WRITES.match(plan["simpleString"])
    if written is not None:
        return written[1]
    return next((path for child in plan["children"] if (path := _written(child)) is not None), None)


def events(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the events of the sessions that wrote their logs into a folder."""
    for file in sorted(folder.iterdir()):
        if not file.name.startswith("."):
            with file.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)
