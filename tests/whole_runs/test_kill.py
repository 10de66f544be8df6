"""Kill the driver, a Python worker and what hangs below it: nothing is lost, and nothing finished is done twice (laws 3 and 4)."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from jobs.crawl.plan import make_plan, write_plan
from jobs.engine.models import fetch
from jobs.engine.root import Root
from jobs.recipe.load import Run, load_recipe
from tests.documents.test_documents import http, member
from tests.runs import MODELS, PROJECT, digest, rows, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
T = TypeVar("T")

SLOW_PAGES = 2
TIMEOUT_S = 4
# Each attribute is compared with all before it: 25 s of an idle core, so the page takes its whole time limit on any machine.
SLOW_PAGE = f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>Words.</p>".encode()
# A child that has used this much is at a slow page: starting takes it 0.6 s, all pages of a file of the sample 0.4 s.
SLOW_CPU_S = 1.0
# What is there when the driver is killed: the first chunk's marker, a round of dedup half done, the first chunk published.
MOMENTS = ("documents/_chunks/*.json", "dedup/*/round=000/pairs/*.parquet", "corpus/_chunks/*.json")


@dataclass(frozen=True)
class Work:
    """What is run: conf/tiny.toml with other keys, the inputs, and the root of a run that nobody disturbed."""

    recipe: Path
    inputs: tuple[Path, ...]
    undisturbed: Path


@pytest.fixture(scope="module")
def work(spark: "SparkSession", sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Put a file of slow pages before the sample's: its chunk, the first, is in flight while others end."""
    folder = tmp_path_factory.mktemp("kill")
    slow = folder / "slow.warc.gz"
    slow.write_bytes(b"".join(member("response", http(SLOW_PAGE), identifier=f"slow-{n}") for n in range(SLOW_PAGES)))
    inputs = (slow, *sorted((sample / "warc").glob("*.warc.gz")))
    model = fetch("lid.176.ftz", folder=MODELS).path
    text = (PROJECT / "conf/tiny.toml").read_text("utf-8")
    for old, new in (
        ("[extract]\n", "chunks_at_once = 2\n\n[extract]\n"),
        ("timeout_s = 5\n", f"timeout_s = {TIMEOUT_S}\n"),
        ("[annotate]\n", f'[annotate]\nlanguage_model = "{model}"\n'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    recipe = folder / "kill.toml"
    recipe.write_text(text, "utf-8")
    run(spark, load_recipe(recipe, overrides={"input": [str(path) for path in inputs]}), folder / "undisturbed")
    timeouts = [row["id"] for row in rows(folder / "undisturbed", "documents") if row["reason"] == "timeout"]
    assert timeouts == [f"<urn:uuid:slow-{n}>" for n in range(SLOW_PAGES)]
    return Work(recipe, inputs, folder / "undisturbed")


def test_a_killed_driver_loses_nothing_and_the_next_run_redoes_only_what_was_in_flight(work: Work, tmp_path: Path) -> None:
    root = tmp_path / "root"
    before: dict[str, int] = {}
    for moment in MOMENTS:
        run_and_kill(work, root, moment=moment)
        after = finished(root)
        assert {name: after.get(name) for name in before} == before
        if moment == MOMENTS[0]:
            done = {name for name in after if name.startswith("documents/")}
            assert done and done <= {f"documents/_chunks/0000{n}.json" for n in (1, 2, 3)}  # 00000 is that of the slow pages
        before = after
    assert "decisions/dedup/_stage.json" in before and "corpus/_stage.json" not in before
    with driver(work, root) as process:
        assert process.wait(300) == 0, log_of(root)
    after = finished(root)
    assert {name: after.get(name) for name in before} == before
    assert digest(root) == digest(work.undisturbed)


def test_a_killed_python_worker_takes_its_page_child_along_and_its_task_is_run_again(
    spark: "SparkSession", work: Work, tmp_path: Path
) -> None:
    recipe = load_recipe(work.recipe, overrides={"input": [str(path) for path in work.inputs]})
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, spark, recipe, tmp_path, only="extract")
        child, worker = wait_for(busy_page_children, seconds=120)[0]
        os.kill(worker, signal.SIGKILL)
        assert wait_for(lambda: not {worker, child} & processes().keys(), seconds=1), "the page child outlives its worker"
        running.result()
    assert rows(tmp_path, "documents") == rows(work.undisturbed, "documents")


def test_a_plan_that_was_cut_off_by_the_kill_is_made_again(spark: "SparkSession", sample: Path, tmp_path: Path) -> None:
    root = Root(spark, str(tmp_path))
    settings = Run(name="kill", dump="KILL", input=(str(sample / "warc/*.warc.gz"),), chunk_files=1)
    plan = make_plan(root, settings)
    write_plan(root, plan)
    (tmp_path / "plan/00002.json").write_text('{"files": [')
    again = make_plan(root, settings)
    assert (again.chunks, list(again.added)) == (plan.chunks, ["00002"])


def run_and_kill(work: Work, root: Path, *, moment: str) -> None:
    """Run until a file that `moment` matches is there, kill the driver with its JVM, and see that no worker outlives them."""
    with driver(work, root) as process:
        assert wait_for(lambda: written(root, moment) or process.poll() is not None, seconds=300)
        assert process.poll() is None, log_of(root)
    assert wait_for(lambda: not commands_of(process.pid), seconds=10), "workers outlive their driver"


@contextmanager
def driver(work: Work, root: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start `gristmill run` in a session of its own; on leaving, kill its whole process group unless it has ended."""
    command = [sys.executable, "-m", "jobs.main", "run", str(work.recipe), "--root", str(root), "--master", "local[2,4]"]
    command += [argument for path in work.inputs for argument in ("--input", str(path))]
    scratch = root.parent / "scratch"  # a killed JVM does not tidy up
    scratch.mkdir(exist_ok=True)
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "TMPDIR": str(scratch), "SPARK_LOCAL_DIRS": str(scratch)}
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


def finished(root: Path) -> dict[str, int]:
    """Say when each marker below a root was written, in nanoseconds; one that was cut off by the kill marks nothing."""
    found: dict[str, int] = {}
    for path in root.rglob("*.json"):
        if path not in (root / "recipe.json", root / "run.json"):  # each run writes both
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
    cpu_s: float
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
            ticks = int(fields[11]) + int(fields[12])
            found[int(folder.name)] = Process(int(fields[1]), int(fields[3]), ticks / os.sysconf("SC_CLK_TCK"), command)
    return found


def commands_of(session: int) -> list[str]:
    """List the processes of a session by their command lines."""
    return [process.command for process in processes().values() if process.session == session]


def busy_page_children() -> list[tuple[int, int]]:
    """List the page children below this process's own Spark session that work on a slow page, each with its Python worker."""
    table = processes()

    def is_ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in table and is_ours(table[pid].parent))

    busy = [pid for pid, process in table.items() if "udfs.page.child" in process.command and process.cpu_s > SLOW_CPU_S]
    return [(pid, table[pid].parent) for pid in busy if is_ours(pid) and "pyspark.daemon" in table[table[pid].parent].command]


def wait_for(look: Callable[[], T], *, seconds: float) -> T:
    """Look every 20 ms until something is there; return what was seen last."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen
