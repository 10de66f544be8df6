"""The command line in this process, with the tests' Spark: what a user would start as a process of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import commands, main
from jobs.engine.models import fetch
from tests.runs import MODELS, PROJECT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def written(recipe: Path, inputs: list[Path]) -> Path:
    """Write conf/tiny.toml over other files, with the language model of the tests."""
    text = (PROJECT / "conf/tiny.toml").read_text("utf-8")
    model = fetch("lid.176.ftz", folder=MODELS).path
    for old, new in (
        ('["data/sample/warc/*.warc.gz"]', str([str(path) for path in inputs])),
        ("[annotate]\n", f'[annotate]\nlanguage_model = "{model}"\n'),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    recipe.write_text(text, "utf-8")
    return recipe


@dataclass(frozen=True)
class CommandLine:
    """Run commands, and see which Spark jobs they start."""

    spark: "SparkSession"
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str) -> int:
        """Run a command and return its exit code."""

        @contextmanager
        def ours(master: str) -> Iterator["SparkSession"]:
            yield self.spark

        self.monkeypatch.setattr(commands, "session", ours)
        self.monkeypatch.setattr(sys, "argv", ["gristmill", *arguments])
        with pytest.raises(SystemExit) as left:
            main.main()
        return int(left.value.code or 0)

    def jobs(self, *groups: str) -> dict[str, set[int]]:
        """Give the Spark jobs so far, by their group."""
        tracker = self.spark.sparkContext.statusTracker()
        return {group: set(tracker.getJobIdsForGroup(group)) for group in groups}
