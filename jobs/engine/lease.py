"""The lease on a root: one run has it, a second is refused with who has it, and a dead one's is taken over.

Leases are numbered files below lease/. A run takes the root by creating the next number, which every store lets only one do: the
link of a local file, a conditional write on S3, an exclusive create of Hadoop's. So two runs that start at once cannot both have it,
and neither can two that take over the same dead run.

The holder writes its file anew every BEAT_S. Whether it is alive is asked of this machine where the holder runs on it; of another
machine's holder, whether its file still changes: one that stood still for DEAD_S is dead. No two clocks are compared.
"""

import getpass
import json
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.engine.errors import LeaseError, LostLeaseError
from jobs.engine.markers import parsed
from jobs.engine.store import Store

FOLDER = "lease"
BEAT_S = 20.0
DEAD_S = 90.0


class Lease:
    """A root that this run has."""

    def __init__(self, store: Store, number: int, holder: dict[str, Any]) -> None:
        self._store, self._number, self._holder = store, number, holder
        self._lost: str | None = None

    def beat(self) -> None:
        """Say that this run is alive, and take note if another one has taken the root over."""
        latest = max(_numbers(self._store), default=0)
        if latest > self._number:
            taker = _read(self._store, latest) or {}
            self._lost = _who(taker)
            return
        self._holder["beat"] += 1
        self._store.write(_path(self._number), json.dumps(self._holder))

    def check(self) -> None:
        """Raise LostLeaseError if another run has taken the root over: from then on this one may write nothing."""
        if self._lost is not None:
            raise LostLeaseError(
                f"this run did not answer for {DEAD_S:.0f} s or more, and {self._lost} has taken the root over: this run stopped, so that the "
                f"two do not mix. Nothing is to do if the other one goes on"
            )

    def release(self) -> None:
        """Give the root back."""
        if self._lost is None:
            self._store.write(_path(self._number), json.dumps(self._holder | {"ended": _now()}))


@contextmanager
def leased(
    store: Store,
    *,
    root: str,
    application: str = "",
    say: Callable[[str], None] = lambda line: None,
    beat_s: float = BEAT_S,
    dead_s: float = DEAD_S,
) -> Iterator[Lease]:
    """Take a root for the time of the block. Raises LeaseError, naming the holder, if a live run has it."""
    lease = _take(store, root=root, application=application, say=say, beat_s=beat_s, dead_s=dead_s)
    stop = threading.Event()

    def follow() -> None:
        while not stop.wait(beat_s):
            try:
                lease.beat()
            except Exception as error:  # a store that does not answer now may do so at the next beat
                say(f"lease     could not be renewed ({type(error).__name__}); it is tried again")

    thread = threading.Thread(target=follow, name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        stop.set()
        thread.join()
        with suppress(OSError):  # a disk that is full: the next run sees that this process has ended
            lease.release()


def _take(store: Store, *, root: str, application: str, say: Callable[[str], None], beat_s: float, dead_s: float) -> Lease:
    while True:
        latest = max(_numbers(store), default=0)
        holder = _read(store, latest) if latest else None
        if latest and holder is not None and "ended" not in holder:
            if _lives(store, latest, holder, say=say, beat_s=beat_s, dead_s=dead_s):
                raise LeaseError(
                    f"{root} is in use by {_who(holder)}: two runs on one root would mix their rows, so nothing was run. "
                    f"Wait for it, stop it, or give another --root"
                )
            say(f"lease     taken over from {_who(holder)}, which is dead")
        ours = _ourselves(application)
        if store.create(_path(latest + 1), json.dumps(ours)):
            for old in _numbers(store):
                if old <= latest - 1:  # the last one stays, to be read by whoever asks at this moment
                    store.delete(_path(old))
            return Lease(store, latest + 1, ours)


def _lives(
    store: Store, number: int, holder: dict[str, Any], *, say: Callable[[str], None], beat_s: float, dead_s: float
) -> bool:
    """Tell whether the holder of a lease is alive."""
    if holder.get("host") == _host() and holder.get("boot") == _boot():
        return _started(int(holder.get("pid", 0))) == holder.get("started")
    say(f"lease     {_who(holder)} has the root; waiting up to {dead_s:.0f} s to see whether it is alive")
    deadline = time.monotonic() + dead_s
    while time.monotonic() < deadline:
        time.sleep(min(beat_s / 4, 5.0))
        now = _read(store, number)
        if now is None or "ended" in now:
            return False
        if now.get("beat") != holder.get("beat"):
            return True
    return False


def _ourselves(application: str) -> dict[str, Any]:
    return {
        "host": _host(),
        "boot": _boot(),
        "pid": os.getpid(),
        "started": _started(os.getpid()),
        "user": _user(),
        "application": application,
        "since": _now(),
        "beat": 0,
    }


def _who(holder: dict[str, Any]) -> str:
    application = f", application {holder['application']}" if holder.get("application") else ""
    return (
        f"process {holder.get('pid')} of {holder.get('user')} on {holder.get('host')}{application}, since {holder.get('since')}"
    )


def _numbers(store: Store) -> list[int]:
    return [int(name.removesuffix(".json")) for name in store.names(FOLDER) if name.removesuffix(".json").isdigit()]


def _path(number: int) -> str:
    return f"{FOLDER}/{number:08d}.json"


def _read(store: Store, number: int) -> dict[str, Any] | None:
    return parsed(store.read(_path(number)))


def _host() -> str:
    return platform.node()


def _boot() -> str:
    """Name this start of this machine, so that a process number of an earlier one, or of another container, means nothing."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink()
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {namespace}"
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """Return when a process of this machine began, in the kernel's ticks; None if there is none of that number or it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _started_elsewhere(pid)
    return None if fields[0] in ("Z", "X") else fields[19]


def _started_elsewhere(pid: int) -> str | None:
    """Tell of a machine without /proc, such as a Mac, at least whether the process is there."""
    if Path("/proc/self").exists() or pid <= 0:
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "there"
    return "there"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
