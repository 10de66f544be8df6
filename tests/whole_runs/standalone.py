"""A Spark standalone cluster of processes on loopback, whose workers have no Python package but what an application brings."""

import os
import re
import shutil
import signal
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

from jobs.engine.session import FEW_ROWS, SHORT_JOBS
from tests.waiting import wait_for
from tests.whole_runs.test_kill import processes

SPARK = Path(pyspark.__file__).parent
# Settings that suit two cores for all: small heaps, and no compiler that would outlast the jobs.
SETTINGS = FEW_ROWS | {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": " ".join(SHORT_JOBS),
    "spark.executor.memory": "1g",
    "spark.executor.extraJavaOptions": " ".join(SHORT_JOBS),
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.log.level": "WARN",
}


@dataclass
class Standalone:
    """A master and its workers; each worker has one core, and a folder of its own for what it runs."""

    folder: Path
    bare: Path  # a venv without any package
    more: dict[str, str] = field(default_factory=dict)  # environment of all its processes
    master: str = ""
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    killed: list[Path] = field(default_factory=list)  # folders of killed workers

    def add_worker(self) -> str:
        """Start a worker and return the name of its log."""
        name = f"worker{len(self.started)}"
        command = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0", "--cores", "1", "--memory", "1200m")
        made = self.daemon("org.apache.spark.deploy.worker.Worker", name, *command, "-d", str(self.folder / name), self.master)
        self.workers.append(made)
        return name

    def kill_worker(self) -> None:
        """Kill -9 the oldest worker and its executors, and put a fresh worker in its place, as a cluster manager would.

        Wait for its executor to have run a Python task first: the driver knows it then, and says that it lost it.
        """
        worker = self.workers.pop(0)
        assert wait_for(lambda: below(worker.pid, named="pyspark.daemon")), "no executor of the oldest worker ran a task"
        for pid in (worker.pid, *below(worker.pid, named="CoarseGrainedExecutorBackend")):
            os.kill(pid, signal.SIGKILL)
        worker.wait()
        self.killed.append(self.folder / f"worker{self.started.index(worker)}")
        self.add_worker()

    def daemon(self, main_class: str, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start one of Spark's daemons in a session of its own, with a log by its name."""
        command = [str(SPARK / "bin" / "spark-class"), main_class, *arguments]
        with (self.folder / f"{name}.log").open("wb") as log:
            made = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(made)
        return made

    def told(self, name: str, pattern: str) -> str:
        """Wait until a daemon's log says something, and return it."""
        log = self.folder / f"{name}.log"
        assert wait_for(lambda: re.search(pattern, log.read_text("utf-8"))), log.read_text("utf-8")
        found = re.search(pattern, log.read_text("utf-8"))
        assert found is not None
        return found[0]

    def environment(self) -> dict[str, str]:
        """Return what all processes of the cluster see: Java, Spark, and on the PATH a Python that has no package."""
        java = Path(shutil.which("java") or "java").resolve().parent
        path = os.pathsep.join(map(str, (self.bare / "bin", java, "/usr/bin", "/bin")))
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        return {
            "PATH": path,
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "SPARK_HOME": str(SPARK),
            "SPARK_LOCAL_DIRS": str(scratch),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -Dspark.master.rest.enabled=false",  # it would take a fixed port
            "LANG": "C.UTF-8",
            **self.more,
        }

    @contextmanager
    def submitted(self, arguments: list[str], *, dist: Path, cwd: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """Run spark-submit in `cwd` with the artifacts of `dist`; on leaving kill it with its driver, if it still runs.

        Its driver runs in client mode by the environment that lies unpacked in `cwd`, as the documentation says. What it prints
        is in submit.log until the next.
        """
        (code,) = dist.glob("gristmill-[0-9]*.zip")
        (packed,) = dist.glob("gristmill-env-*.tar.gz")
        given = SETTINGS | {"spark.pyspark.python": "./environment/bin/python"}
        command = [str(SPARK / "bin" / "spark-submit"), "--master", self.master, "--py-files", str(code)]
        command += ["--archives", f"{packed}#environment", *(f"--conf={name}={value}" for name, value in given.items())]
        with (self.folder / "submit.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, str(dist / "main.py"), *arguments],
                cwd=cwd,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            kill_session(process)
            while self.killed:
                shutil.rmtree(self.killed.pop(), ignore_errors=True)  # each has a gigabyte of packages

    def log(self) -> str:
        """Return what the last driver printed."""
        return (self.folder / "submit.log").read_text("utf-8")


@contextmanager
def standalone(folder: Path, *, workers: int = 2, more: dict[str, str] | None = None) -> Iterator[Standalone]:
    """Start a master and workers below a folder, and leave no process of theirs behind, nor what executors unpacked."""
    venv.create(folder / "bare", symlinks=True)
    cluster = Standalone(folder, folder / "bare", more or {})
    try:
        cluster.daemon(
            "org.apache.spark.deploy.master.Master", "master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"
        )
        cluster.master = cluster.told("master", r"spark://127\.0\.0\.1:\d+")
        cluster.told("master", "I have been elected leader")
        for name in [cluster.add_worker() for _ in range(workers)]:
            cluster.told(name, "Successfully registered with master")
        yield cluster
    finally:
        for process in cluster.started:
            kill_session(process)
        assert wait_for(lambda: not left(folder)), left(folder)
        # a hundred thousand files and more, which shutil.rmtree takes several times as long for
        subprocess.run(["rm", "-rf", *folder.glob("worker*/"), folder / "scratch"], check=False)


def kill_session(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that leads a session, with all that hangs below it, and reap it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def below(parent: int, *, named: str) -> list[int]:
    """List the processes that hang below one, directly or not, and have a word in their command line."""
    table = processes()

    def hangs(pid: int) -> bool:
        return pid in table and (table[pid].parent == parent or hangs(table[pid].parent))

    return [pid for pid, process in table.items() if named in process.command and hangs(pid)]


def left(folder: Path) -> list[str]:
    """List the processes that still run in a folder or below it, by their command lines."""
    found = []
    for pid, process in processes().items():
        try:
            inside = Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
        except OSError:  # it has ended meanwhile
            continue
        if inside:
            found.append(process.command)
    return found
