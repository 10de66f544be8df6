"""Kill the driver, a Python worker and what hangs below it: nothing is lost, and nothing finished is done twice (laws 3 and 4)."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.crawl.plan import make_plan
from jobs.engine.models import fetch
from jobs.engine.plan import write_plan
from jobs.engine.root import Root
from jobs.recipe.load import load_recipe
from jobs.recipe.recipe import Run
from tests.runs import FEW_PARTITIONS, MODELS, PROJECT, Finished, digest, patient, rows, run, tiny
from tests.waiting import wait_for
from tests.whole_runs.held_page import HeldPage, held_page, held_warc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.long]

# What is there when a driver or worker is killed, and what is not there yet: the first chunk is extracted, a round of dedup is half
# done (it has rounds, since there is an index; the undisturbed run has none), the first chunk is published.
MOMENTS = (
    ("documents/_chunks/*.json", "documents/_stage.json"),
    ("dedup/*/near=*/round=000/pairs/*.parquet", "decisions/dedup/_stage.json"),
    ("corpus/_chunks/*.json", "corpus/_stage.json"),
)
TRIES = 10  # to kill in such a moment: a test that the machine lets sleep for seconds may miss it


@dataclass(frozen=True)
class Work:
    """What is run: conf/tiny.toml with other keys, the inputs, and the root of a run that nobody disturbed."""

    recipe: Path
    inputs: tuple[Path, ...]
    undisturbed: Path


@pytest.fixture(scope="module")
def work(spark: "SparkSession", finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Put a page that can be held before the sample's: its chunk, the first, is in flight while others end."""
    folder = tmp_path_factory.mktemp("kill")
    inputs = (held_warc(folder), *finished.inputs)
    model = fetch("lid.176.ftz", folder=MODELS).path
    text = patient((PROJECT / "conf/tiny.toml").read_text("utf-8"))
    for old, new in (
        ("[extract]\n", "chunks_at_once = 2\n\n[extract]\n"),
        ("[annotate]\n", f'[annotate]\nlanguage_model = "{model}"\n'),
        ("[dedup]\n", f'[dedup]\nindex = "{folder / "index"}"\n'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    recipe = folder / "kill.toml"
    recipe.write_text(text, "utf-8")
    undisturbed = finished.copy(folder / "undisturbed")
    run(spark, tiny([*finished.inputs, inputs[0]]), undisturbed)
    return Work(recipe, inputs, undisturbed)


def test_a_killed_driver_loses_nothing_and_the_next_run_redoes_only_what_was_in_flight(work: Work, tmp_path: Path) -> None:
    root, page = tmp_path / "root", held_page(work.inputs[0], tmp_path / "held")
    before: dict[str, int] = {}
    for moment in MOMENTS:
        run_and_kill(work, root, page, moment=moment)
        after = marked(root)
        assert {name: after.get(name) for name in before} == before
        if moment == MOMENTS[0]:
            done = {name for name in after if name.startswith("documents/")}
            assert done and done <= {f"documents/_chunks/0000{n}.json" for n in (1, 2, 3)}  # 00000 is that of the held page
            page.open()
        before = after
    assert "decisions/dedup/_stage.json" in before and "corpus/_stage.json" not in before
    with driver(work, root, page) as process:
        assert process.wait() == 0, log_of(root)
    after = marked(root)
    assert {name: after.get(name) for name in before} == before
    assert digest(root) == digest(work.undisturbed)


def test_a_killed_python_worker_takes_its_page_child_along_and_its_task_is_run_again(
    spark: "SparkSession", work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, root, inputs = held_page(work.inputs[0], tmp_path / "held"), tmp_path / "root", work.inputs[:2]
    recipe = load_recipe(work.recipe, overrides={"input": [str(path) for path in inputs]})
    monkeypatch.setitem(spark.sparkContext.environment, "PYTHONPATH", str(page.path))  # Spark hands it to its Python workers
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, spark, recipe, root, only="extract")
        try:
            child = page.child()
            worker = processes()[child].parent
            assert "pyspark.worker" in processes()[worker].command
            os.kill(worker, signal.SIGKILL)
            assert wait_for(lambda: not {worker, child} & processes().keys()), "the page child outlives its worker"
        finally:
            page.open()
        running.result()
    expected = [row for row in rows(work.undisturbed, "documents") if row["file_path"] in map(str, inputs)]
    assert rows(root, "documents") == expected


def test_a_plan_that_was_cut_off_by_the_kill_is_made_again(spark: "SparkSession", sample: Path, tmp_path: Path) -> None:
    root = Root(spark, str(tmp_path))
    settings = Run(name="kill", dump="KILL", input=(str(sample / "warc/*.warc.gz"),), chunk_files=1)
    plan = make_plan(root, settings)
    write_plan(root, plan)
    (tmp_path / "plan/00002.json").write_text('{"files": [')
    again = make_plan(Root(spark, str(tmp_path)), settings)
    assert (again.chunks, list(again.added)) == (plan.chunks, ["00002"])


def run_and_kill(work: Work, root: Path, page: HeldPage, *, moment: tuple[str, str]) -> None:
    """Run, kill the driver with its JVM in a moment, and see that no worker outlives them; a moment that was missed is tried again."""
    begun, ended = moment
    start = root.with_name("start")
    for _ in range(TRIES):
        shutil.rmtree(start, ignore_errors=True)
        if root.exists():
            shutil.copytree(root, start)
        with driver(work, root, page) as process:
            assert wait_for(lambda: written(root, begun) or process.poll() is not None), log_of(root)
        assert process.returncode in (0, -signal.SIGKILL), log_of(root)
        assert wait_for(lambda: not commands_of(process.pid)), "workers outlive their driver"
        if not (root / ended).exists():
            return
        shutil.rmtree(root)
        if start.exists():
            shutil.copytree(start, root)
    raise AssertionError(f"{TRIES} runs wrote {ended} before they could be killed")


@contextmanager
def driver(work: Work, root: Path, page: HeldPage) -> Iterator["subprocess.Popen[bytes]"]:
    """Start `gristmill run` in a session of its own, at a page that may be held; on leaving, kill its whole process group unless it has ended."""
    command = [sys.executable, "-m", "jobs.main", "run", str(work.recipe), "--root", str(root), "--master", "local[2,4]"]
    command += [argument for path in work.inputs for argument in ("--input", str(path))]
    scratch = root.parent / "scratch"  # a killed JVM does not tidy up
    scratch.mkdir(exist_ok=True)
    environment = os.environ | {
        "PYTHONPATH": f"{PROJECT}:{page.path}",
        "TMPDIR": str(scratch),
        "SPARK_LOCAL_DIRS": str(scratch),
        **FEW_PARTITIONS,
    }
    with (root.parent / "driver.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def written(root: Path, pattern: str) -> bool:
    """Say whether a file of such a name has something in it."""
    return any(path.stat().st_size for path in root.glob(pattern))


def log_of(root: Path) -> str:
    """Return what the last driver of a root printed."""
    return (root.parent / "driver.log").read_text("utf-8")


def marked(root: Path) -> dict[str, int]:
    """Say when each marker below a root was written, in nanoseconds; one that was cut off by the kill marks nothing."""
    found: dict[str, int] = {}
    for path in root.rglob("*.json"):
        # each run writes the first two, and a lease of its own
        if path not in (root / "recipe.json", root / "run.json") and path.parent.name != "lease":
            try:
                json.loads(path.read_text("utf-8"))
            except ValueError:
                continue
            found[str(path.relative_to(root))] = path.stat().st_mtime_ns
    return found


@dataclass(frozen=True)
class Process:
    """What /proc says of a process that is no zombie."""

    parent: int
    session: int
    command: str


def processes() -> dict[int, Process]:
    """Read every process of the machine by its id."""
    found: dict[int, Process] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it has ended meanwhile
            continue
        if fields[0] != "Z":
            found[int(folder.name)] = Process(int(fields[1]), int(fields[3]), command)
    return found


def commands_of(session: int) -> list[str]:
    """List the processes of a session by their command lines."""
    return [process.command for process in processes().values() if process.session == session]
