"""Run the whole job over a folder of hostile material, watch its memory, and read back what became of every file and page."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from jobs.engine.models import fetch
from jobs.extract import STAGE
from jobs.extract.stage import worker_settings
from jobs.recipe.load import load_recipe
from tests.runs import FEW_PARTITIONS, MODELS, PROJECT, rows
from tests.whole_runs.hostile_input import Case, HostileInput, make_input, url_of
from udfs.page.extractor import ExtractSettings

TIMEOUT_S = 20  # the slowest page that ends takes 3 s of CPU, 5 MB of text; the one that hangs takes some two minutes
TABLES = {"filter": "decisions/filter", "dedup": "decisions/dedup", "signals": "signals", "corpus": "corpus"}
ENVIRONMENT = {"PYTHONPATH": str(PROJECT), **FEW_PARTITIONS}
Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One run to its end: what it read, how it ended, and the most memory, in MB, that a process of each kind held."""

    hostile: Path
    given: HostileInput
    recipe: Path
    root: Path
    exit_code: int
    log: str
    seconds: float
    peaks: dict[str, int]

    @cached_property
    def files(self) -> dict[str, Row]:
        """Give the row of every input file, by its path."""
        return {row["file"]["file_path"]: row["file"] for row in self._extracted if row["kind"] == "file"}

    @cached_property
    def documents(self) -> list[Row]:
        """Give every document row, those with a repeated id included."""
        return [row for row in self._extracted if row["kind"] == "document"]

    @cached_property
    def wrapped(self) -> dict[str, Row]:
        """Give the document of every row of the manifest that is one page, by its path in the folder."""
        by_url = {row["url"]: row for row in self.documents if "/wrapped-" in row["file_path"]}
        return {case.path: by_url[url_of(case.path)] for case in self.given.cases if case.kind in ("page", "encoding")}

    @cached_property
    def cases(self) -> dict[str, Case]:
        """Give the manifest's rows by path."""
        return {case.path: case for case in self.given.cases}

    @cached_property
    def _repeated(self) -> set[tuple[str, int, int]]:
        """Give the places of records whose id an earlier record has."""
        folder = self.root / "duplicate_ids"
        rows = _read(folder) if folder.exists() else []
        return {(row["file_path"], row["offset"], row["nth"]) for row in rows}

    @cached_property
    def decided(self) -> dict[str, dict[str, Row]]:
        """Give the rows of the later tables, by table and id."""
        return {name: {row["id"]: row for row in rows(self.root, folder)} for name, folder in TABLES.items()}

    @cached_property
    def _extracted(self) -> list[Row]:
        return _read(self.root / "documents")

    @cached_property
    def settings(self) -> ExtractSettings:
        """Give what a page may cost, as the job's recipe says it."""
        recipe = load_recipe(self.recipe)
        return worker_settings(recipe.of(STAGE), language_model=None)

    def of(self, path: str | Path) -> list[Row]:
        """List the documents of one file."""
        return [row for row in self.documents if row["file_path"] == str(path)]

    def is_repeated(self, document: Row) -> bool:
        """Say whether an earlier record has a document's id."""
        return (document["file_path"], document["offset"], document["nth"]) in self._repeated

    def fate(self, document: Row) -> tuple[str, str]:
        """Say what became of a document: the stage that decided and its reason, or "published"."""
        if document["outcome"] != "extracted":
            return f"{document['outcome']} in extract", str(document["reason"])
        if self.is_repeated(document):
            return "dropped in extract", "duplicate_id"
        if self.decided["signals"][document["id"]]["error"] is not None:
            return "failed in annotate", "annotate_error"
        for stage in ("filter", "dedup"):
            row = self.decided[stage][document["id"]]
            if row["outcome"] != "kept":
                return f"{row['outcome']} in {stage}", str(row["reason"])
        return "published", ""


def run_job(hostile: Path, out: Path) -> Job:
    """Make the input below `out`, start `gristmill run` on it as a process of its own, and wait for its end."""
    given = make_input(hostile, out / "input")
    (out / "input.paths").write_text("".join(f"{path}\n" for path in given.files), "utf-8")
    (out / "hostile.toml").write_text(recipe(out / "input.paths"), "utf-8")
    scratch = out / "scratch"
    scratch.mkdir()
    began = time.monotonic()
    with (out / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs.main", "run", out / "hostile.toml", "--root", out / "root", "--master", "local[2,4]"],
            cwd=scratch,
            env=os.environ | ENVIRONMENT | {"SPARK_LOCAL_DIRS": str(scratch)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        peaks: dict[str, int] = {}
        while process.poll() is None:
            _note_peaks(process.pid, peaks)
            time.sleep(0.2)
    seconds = time.monotonic() - began
    log_text = (out / "log").read_text("utf-8")
    return Job(hostile, given, out / "hostile.toml", out / "root", process.returncode, log_text, seconds, peaks)


def recipe(paths: Path) -> str:
    """Return conf/quickstart.toml with other input, a shorter time limit, and without the quality model that has to be trained."""
    text = (PROJECT / "conf/quickstart.toml").read_text("utf-8")
    for pattern, instead in (
        (r"^input .*$", f'input    = ["{paths}"]'),
        (r"^max_cpu_s = .*$", f"max_cpu_s = {TIMEOUT_S}"),
        (r"^language_model .*$", f'language_model = "{fetch("lid.176.ftz", folder=MODELS).path}"'),
        (r"^\[\[annotate.quality\]\]\nmodel .*\n\n", ""),
        (r"^\[\[filter\]\]\nreason = \"low_quality\"\n(?:.+\n)*", ""),
    ):
        text, times = re.subn(pattern, lambda _, new=instead: new, text, flags=re.MULTILINE)  # type: ignore[misc]
        if times != 1:
            raise ValueError(
                f"{pattern!r} stands {times} times in conf/quickstart.toml, not once: adapt tests/whole_runs/hostile_job.py"
            )
    # A gate would keep pages from the extractor that is to be tried.
    return re.sub(r"^\[extract\.gate\]\n(?:.+\n)*", "", text, flags=re.MULTILINE)


def _read(folder: Path) -> list[Row]:
    return ds.dataset(folder, format="parquet", partitioning="hive").to_table().to_pylist()  # type: ignore[no-any-return]


def _note_peaks(session: int, peaks: dict[str, int]) -> None:
    """Read the high-water mark of every process of a session; the kernel keeps it, so that looking now and then is enough."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) != session:
                continue
            command = (folder / "cmdline").read_text("utf-8", "replace")
            peak = re.search(r"^VmHWM:\s*(\d+)", (folder / "status").read_text(), re.MULTILINE)
        except OSError:  # it has ended meanwhile
            continue
        named = (("udfs.page.child", "page child"), ("pyspark.worker", "Python worker"), ("java", "JVM"))
        kind = next((kind for word, kind in named if word in command), "driver")
        if peak is not None:
            peaks[kind] = max(peaks.get(kind, 0), int(peak[1]) >> 10)
