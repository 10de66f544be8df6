"""The run report, <root>/run.json: how a run ended and what it did, for a scheduler, which in cluster mode never sees the exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import typer

from jobs.engine.disk import DiskError, fault_of
from jobs.engine.errors import GristmillError, LostLeaseError
from jobs.engine.fingerprint import package_versions
from jobs.engine.root import Root
from jobs.recipe.recipe import Recipe

MEANINGS = {
    0: "complete",
    1: "a bug in gristmill, or Spark failed: see error; the same command goes on where it stopped",
    2: "refused: bad usage or configuration, or a disk that is full or may not be written: see error",
    3: "finished, but some input files could not be read: the same command retries just those",
    4: "a ledger does not balance: the stage is not finished, and nothing after it ran",
    5: "an alarm, such as [dedup.alarm], stopped the run before publish: nothing was published",
    130: "interrupted: the same command goes on where it stopped",
}
MOST_CHARACTERS = 4000  # of an error's message: Spark's carry the plan and the executors' tracebacks


def exit_code(error: BaseException) -> int:
    """Return the exit code of a run that ended with this error."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, GristmillError):
        return error.exit_code
    return 1 if fault_of(error) is None else DiskError.exit_code


@dataclass
class RunReport:
    """Gather what a run does, for run.json."""

    root: Root
    recipe: Recipe
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    stage: str | None = "plan"  # the one under way
    stages: list[dict[str, Any]] = field(default_factory=list)
    failed_files: list[str] | None = None  # None: not known, since extract has not ended
    corpus: dict[str, int] | None = None  # rows, files and bytes, if this run has seen to the end that it is there
    written: bool = False  # whether run.json is kept up to date

    def stage_began(self, name: str) -> None:
        """Take note of the stage under way, for whoever finds a run that was killed in it."""
        self.stage = name
        if self.written:
            self.write(None)

    def stage_ended(self, marker: dict[str, Any], *, finished_before: bool) -> None:
        """Take in what a stage's marker says."""
        kept = ("stage", "seconds", "chunks", "cores", "ledger")
        self.stages.append({"finished_before": finished_before} | {key: marker[key] for key in kept if key in marker})
        if "files" in marker:
            self.failed_files = marker["files"]["failed"]
        self.corpus = marker.get("corpus", self.corpus)
        self.stage = None

    def write(self, code: int | None, *, error: BaseException | None = None) -> None:
        """Write run.json."""
        self.root.write_json("run.json", self.as_json(code, error=error))

    def as_json(self, code: int | None, *, error: BaseException | None = None) -> dict[str, Any]:
        """Return the report; a code of None means that the run has not ended, or was killed."""
        ended = None if code is None else datetime.now(UTC)
        spark = self.root.started  # a run in which all is finished starts none
        return {
            "state": "running" if code is None else "ended",
            "exit_code": code,
            "meaning": "under way, or killed if its Spark application is gone" if code is None else MEANINGS[code],
            "began": self.began.isoformat(timespec="seconds"),
            "ended": None if ended is None else ended.isoformat(timespec="seconds"),
            "seconds": None if ended is None else round((ended - self.began).total_seconds(), 1),
            "recipe": self.recipe.run.name,
            "dump": self.recipe.run.dump,
            "root": self.root.path,
            "application": None if spark is None else spark.sparkContext.applicationId,
            "stage": self.stage,
            "stages": self.stages,
            "failed_files": self.failed_files,
            "corpus": self.corpus,
            "error": None if error is None else {"type": type(error).__name__, "message": str(error)[:MOST_CHARACTERS]},
            "versions": ({} if spark is None else {"spark": spark.version}) | package_versions(("gristmill",)),
        }


@contextmanager
def reported(root: Root, recipe: Recipe) -> Iterator[RunReport]:
    """Write run.json when the block and each stage begin and when the block ends, however it ends; a killed driver leaves "running".

    Exit code 3 if the block has set `failed_files` to any. A report that cannot be written at the end is said on standard error, and
    takes nothing from the error that ended the run.
    """
    report = RunReport(root, recipe, written=True)
    report.write(None)
    try:
        yield report
    except LostLeaseError:  # the root is another run's now, and so is run.json
        raise
    except BaseException as error:
        try:
            report.write(exit_code(error), error=error)
        except Exception as second:  # such as Spark being gone, which is then what the first error says
            if fault_of(error) is None:  # of a full disk the message to come tells
                typer.echo(f"gristmill: {root.at('run.json')} could not be written: {str(second)[:200]}", err=True)
        raise
    report.write(3 if report.failed_files else 0)
