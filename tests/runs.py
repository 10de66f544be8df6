"""Run a recipe in a test, and read back what it wrote as plain rows that two runs can be compared by."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds

from jobs.engine.context import Context
from jobs.engine.models import ModelFile, fetch
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.recipe.load import Recipe, load_recipe

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROJECT = Path(__file__).parent.parent
MODELS = PROJECT / ".cache" / "models"
DECIDED = {"decisions", "edits", "dedup", "parts", "corpus"}  # what the stages after annotate write


def tiny(inputs: list[Path], **run: Any) -> Recipe:
    """Load conf/tiny.toml over other files, with other keys of [run]."""
    return load_recipe(PROJECT / "conf/tiny.toml", overrides={"input": [str(path) for path in inputs], **run})


def patient(recipe: str) -> str:
    """Give pages of conf/tiny.toml ten minutes, for a test that holds one."""
    assert recipe.count("\ntimeout_s = 5\n") == 1
    return recipe.replace("\ntimeout_s = 5\n", "\ntimeout_s = 600\n")


def run(
    spark: "SparkSession", recipe: Recipe, root: Path, *, models: tuple[ModelFile, ...] = (), **options: Any
) -> dict[str, dict[str, Any]]:
    """Run a recipe with a session that is there, and return the stages' markers."""
    return run_stages(context(spark, recipe, root, models=models), **options)


def context(spark: "SparkSession", recipe: Recipe, root: Path, *, models: tuple[ModelFile, ...] = ()) -> Context:
    """Make what the stages of a run are given: the language model and the quality model, or just the recipe's language model."""
    language, *quality = models or (fetch(recipe.annotate.language_model, folder=MODELS),)
    return Context(
        recipe=recipe,
        root=Root(spark, str(root)),
        progress=Progress(quiet=True),
        language_model=language,
        quality_model=quality[0] if quality else None,
    )


@dataclass(frozen=True)
class Finished:
    """A whole run of conf/tiny.toml over the sample, which tests look at, and copy to go on from."""

    root: Path
    markers: dict[str, dict[str, Any]]
    inputs: tuple[Path, ...]

    def copy(self, to: Path) -> Path:
        """Copy the finished root."""
        shutil.copytree(self.root, to)
        return to


def copy_facts(root: Path, to: Path) -> Path:
    """Copy a finished root as it was before the first stage that decides."""
    shutil.copytree(root, to, ignore=lambda folder, names: DECIDED & set(names) if Path(folder) == root else set())
    return to


def finished(spark: "SparkSession", sample: Path, root: Path) -> Finished:
    """Run conf/tiny.toml over the files of the sample."""
    inputs = tuple(sorted((sample / "warc").glob("*.warc.gz")))
    return Finished(root, run(spark, tiny(list(inputs)), root), inputs)


def rows(root: Path, table: str, *, without: tuple[str, ...] = ("chunk",)) -> list[dict[str, Any]]:
    """Read a table of a run as dicts ordered by id, without the columns that say how the work was cut."""
    data = ds.dataset(root / table, format="parquet", partitioning="hive").to_table()
    kept = data.drop_columns([name for name in (*without, "kind", "file") if name in data.column_names])
    return sorted(
        (row for row in kept.to_pylist() if row.get("id") is not None), key=lambda row: (row["id"], str(row.get("offset")))
    )


def digest(root: Path) -> dict[str, str]:
    """Hash every table of a run that determinism promises: documents, signals, decisions, corpus."""
    tables = ("documents", "signals", "decisions/filter", "decisions/dedup", "corpus")
    return {table: hashlib.sha256(repr(rows(root, table)).encode()).hexdigest()[:16] for table in tables}


def markers(root: Path) -> dict[str, int]:
    """Say when each chunk of each stage was marked as finished, in nanoseconds."""
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in sorted(root.glob("*/_chunks/*.json"))}
