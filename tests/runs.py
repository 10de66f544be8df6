"""Run a recipe in a test, and read back what it wrote as plain rows that two runs can be compared by."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds

from jobs.engine.job import Context
from jobs.engine.models import ModelFile, fetch
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.recipe.load import load_recipe, recipe_of, stages_of
from jobs.recipe.recipe import Recipe
from jobs.recipe.section import Section
from udfs.signals.sets import set_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROJECT = Path(__file__).parent.parent
MODELS = PROJECT / ".cache" / "models"
# For a run in a process of its own: of a few hundred rows, with fewer partitions a hundred short Spark jobs are shorter still.
FEW_PARTITIONS = {"PYSPARK_SUBMIT_ARGS": "--conf spark.sql.shuffle.partitions=2 pyspark-shell"}
DECIDED = {"decisions", "edits", "dedup", "passages", "corpus"}  # what the stages after annotate write
TABLES = ("documents", "signals", "decisions/filter", "decisions/dedup", "corpus")  # that determinism promises


def tiny(inputs: list[Path], **run: Any) -> Recipe:
    """Load conf/tiny.toml over other files, with other keys of [run]."""
    return load_recipe(PROJECT / "conf/tiny.toml", overrides={"input": [str(path) for path in inputs], **run})


def changed(recipe: Recipe, **sections: Any) -> Recipe:
    """Copy a recipe with other settings, and check it as when it is loaded.

    A dict changes keys of a section, at any depth; settings or a list of rules replace it; None leaves it out. [run] is a section.
    """
    table = recipe.as_json()
    for name, given in sections.items():
        table[name] = _merged(table.get(name), given)
    return recipe_of({name: value for name, value in table.items() if value is not None})


def _merged(old: Any, new: Any) -> Any:
    if isinstance(new, Section):
        return new.model_dump(mode="json")
    if isinstance(new, tuple | list):
        return [_merged(None, item) for item in new]
    if isinstance(new, Mapping):
        old = old if isinstance(old, Mapping) else {}
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return new


def patient(recipe: str) -> str:
    """Give pages of conf/tiny.toml ten minutes, for a test that holds one."""
    assert recipe.count("\nmax_cpu_s = 5\n") == 1
    return recipe.replace("\nmax_cpu_s = 5\n", "\nmax_cpu_s = 600\nmax_wall_s = 600\n")


def run(
    spark: "SparkSession",
    recipe: Recipe,
    root: Path,
    *,
    models: Mapping[str, ModelFile] | None = None,
    start: str | None = None,
    **options: Any,
) -> dict[str, dict[str, Any]]:
    """Run a recipe with a session that is there, and return the stages' markers."""
    return run_stages(context(spark, recipe, root, models=models, start=start), **options)


def context(
    spark: "SparkSession",
    recipe: Recipe,
    root: Path,
    *,
    models: Mapping[str, ModelFile] | None = None,
    start: str | None = None,
) -> Context:
    """Make what the stages of a run are given. `models` are used, by role, instead of those that the recipe names."""
    stages, given = stages_of(recipe), models or {}
    wanted = {stage.name: stage.models(recipe.of(stage), recipe) for stage in stages}
    found = {
        stage: {role: given[role] if role in given else fetch(name, folder=MODELS) for role, name in roles.items()}
        for stage, roles in wanted.items()
    }
    place = Root(spark, str(root))
    return Context(recipe=recipe, root=place, progress=Progress(quiet=True), stages=stages, models=found, start=start)


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
    """Read a table of a run as dicts ordered by id, without the columns that say how the work was cut.

    Of the table "signals" these are the sets that count, put together by id.
    """
    found = signal_rows(root) if table == "signals" else _read(root / table)
    left_out = {*without, "kind", "file"}
    return sorted(
        ({name: value for name, value in row.items() if name not in left_out} for row in found if row.get("id") is not None),
        key=lambda row: (row["id"], str(row.get("offset"))),
    )


def signal_rows(root: Path) -> list[dict[str, Any]]:
    """Read every chunk's signals: of each set from the pass that its marker names. What another pass left is not looked at."""
    found: list[dict[str, Any]] = []
    for marker in sorted((root / "signals/_chunks").glob("*.json")):
        sets: dict[str, dict[str, str]] = json.loads(marker.read_text("utf-8"))["sets"]
        by_id: dict[str, dict[str, Any]] = {}
        for name in sorted({one["pass"] for one in sets.values()}):
            columns = {field.name for one, has in sets.items() if has["pass"] == name for field in set_of(one).fields}
            for row in _read(root / "signals" / name / f"chunk={marker.stem}"):
                whole = by_id.setdefault(row["id"], {"id": row["id"], "chunk": marker.stem, "error": None})
                whole |= {column: row[column] for column in columns}
                whole["error"] = whole["error"] or row["error"]
        found += [dict(sorted(row.items())) for row in by_id.values()]
    return found


def _read(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ds.dataset(folder, format="parquet", partitioning="hive").to_table().to_pylist()
    return found


def signal_files(root: Path, chunk: str) -> list[Path]:
    """List the Parquet files of a chunk's signals, of every pass."""
    return sorted(root.glob(f"signals/*/chunk={chunk}/*.parquet"))


def digest(root: Path) -> dict[str, str]:
    """Hash every table of a run that determinism promises: documents, signals, decisions, corpus."""
    return {table: hashlib.sha256(repr(rows(root, table)).encode()).hexdigest()[:16] for table in TABLES}


def markers(root: Path) -> dict[str, int]:
    """Say when each chunk of each stage was marked as finished, in nanoseconds."""
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in sorted(root.glob("*/_chunks/*.json"))}
