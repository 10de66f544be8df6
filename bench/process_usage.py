"""Run a command and watch it and all it starts: wall and CPU seconds, and the most memory held, Java's apart from Python's."""

import math
import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

EVERY = 0.2  # seconds between looks; of each process at most so much CPU is missed, after the last look
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Say what a command and its descendants used; peaks are of the sum of resident sets, shared pages counted each time."""

    wall_seconds: float
    cpu_seconds: float
    java_peak_mb: int
    python_peak_mb: int
    stopped: bool = False  # at a limit, so that all else is what had been used until then
    java_cpu_seconds: float = 0.0  # of the CPU seconds
    own_cpu_seconds: float = 0.0  # those of the command's own process: of a driver in Python
    own_peak_mb: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the figures as JSON has them."""
        return asdict(self)


@dataclass(frozen=True)
class Limits:
    """Bound what a command may use before it is stopped with all that it started."""

    cpu_seconds: float = math.inf
    wall_seconds: float = math.inf


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Look:
    """What /proc says of a process at one moment; `state` Z is one that has ended and that nobody has reaped."""

    parent: int
    cpu_seconds: float
    reserved: int  # bytes of address space, which a fork has as its parent
    resident: int  # bytes
    name: str
    state: str


def watch(
    command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None, limits: Limits = NO_LIMITS
) -> Usage:
    """Run a command to its end or a limit; raise SystemExit with the last words of its log if it fails."""
    began = time.perf_counter()
    cpu: dict[int, float] = {}
    peaks: dict[str, int] = defaultdict(int)
    names: dict[int, str] = {}
    stopped = False
    with log.open("wb") as words:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=words, stderr=words, env={**os.environ, **(environment or {})}
        )
        known = {process.pid}
        while process.poll() is None:
            looks = look_at_all()
            known = {pid for pid in looks if pid in known or looks[pid].parent in known}
            held: dict[str, int] = defaultdict(int)
            for pid in known:
                look = looks[pid]
                cpu[pid], names[pid] = max(cpu.get(pid, 0.0), look.cpu_seconds), look.name
                if is_fork(look, looks):
                    continue
                held["java" if look.name == "java" else "python"] += look.resident
                held["own"] += look.resident if pid == process.pid else 0
            for name, size in held.items():
                peaks[name] = max(peaks[name], size)
            if not stopped and (sum(cpu.values()) > limits.cpu_seconds or time.perf_counter() - began > limits.wall_seconds):
                stopped = True
                stop(known)
            time.sleep(EVERY)
    if process.returncode and not stopped:
        raise SystemExit(
            f"{command!r} ended with {process.returncode}, so nothing is reported. It said:\n{log.read_text()[-3000:]}"
        )
    java = sum(used for pid, used in cpu.items() if names[pid] == "java")
    own = cpu.get(process.pid, 0.0)
    seconds = time.perf_counter() - began
    return Usage(seconds, sum(cpu.values()), peaks["java"] >> 20, peaks["python"] >> 20, stopped, java, own, peaks["own"] >> 20)


def is_fork(look: Look, looks: Mapping[int, Look]) -> bool:
    """Tell whether a process is a JVM's fork that has not yet become what it is to run: it has a thread's name and the JVM's memory."""
    parent = looks.get(look.parent)
    return parent is not None and parent.name == "java" and look.name != "java" and look.reserved > 0.9 * parent.reserved


def stop(pids: Iterable[int]) -> None:
    """Kill processes and all that they started; first none can start another, so that none is left over."""
    held = set(pids)
    send(held, signal.SIGSTOP)
    held |= {pid for pid, look in look_at_all().items() if look.parent in held}
    send(held, signal.SIGKILL)


def send(pids: Iterable[int], what: signal.Signals) -> None:
    """Send a signal; a process that has ended gets none."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def look_at_all() -> dict[int, Look]:
    """Look at all processes; a child of a process that is new too is found at the next look."""
    looks = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue  # it has ended
            name, _, rest = stat.partition("(")[2].rpartition(")")
            fields = rest.split()
            seconds = (int(fields[11]) + int(fields[12])) / TICKS
            looks[int(folder.name)] = Look(int(fields[1]), seconds, int(fields[20]), int(fields[21]) * PAGE, name, fields[0])
    return looks


def machine() -> str:
    """Name the processor, its cores, and how busy they are."""
    lines = Path("/proc/cpuinfo").read_text().split("\n")
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{model}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the start"
