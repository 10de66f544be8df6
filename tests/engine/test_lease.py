"""One run has a root: a second is refused with who has it, and the lease of a dead one goes to exactly one of its takers."""

import json
import os
import platform
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobs.engine import lease as module
from jobs.engine.errors import LeaseError, LostLeaseError
from jobs.engine.lease import leased
from jobs.engine.local_store import LocalStore
from jobs.engine.s3_store import S3Store
from jobs.engine.store import Store
from tests.runs import PROJECT
from tests.s3_server import BUCKET, S3Server, environment
from tests.waiting import PATIENCE_S, wait_for

TIMES = 50
HOLD = """
import sys
from jobs.engine.lease import leased
from jobs.engine.store import store_of
with leased(store_of(sys.argv[1]), root=sys.argv[1], beat_s=0.05):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "local":
        return LocalStore(str(tmp_path / "root"))
    server: S3Server = request.getfixturevalue("s3")
    for name, value in environment(server.admin, endpoint=server.endpoint).items():
        monkeypatch.setenv(name, value)
    return S3Store(f"s3://{BUCKET}/leases/{uuid4().hex}")


@pytest.fixture
def local(tmp_path: Path) -> Store:
    return LocalStore(str(tmp_path / "root"))


def held(store: Store) -> dict[str, Any]:
    """Read the lease that counts."""
    newest = store.names("lease")[-1]
    found: dict[str, Any] = json.loads(store.read(f"lease/{newest}") or "")
    return found


def elsewhere(store: Store, *, number: int = 1, beat: int = 7) -> None:
    """Write the lease of a run on another machine."""
    holder = {"host": "other-machine", "boot": "b", "pid": 4711, "started": "1", "user": "miller", "application": "app-1"}
    store.write(f"lease/{number:08d}.json", json.dumps(holder | {"since": "2026-01-02T03:04:05+00:00", "beat": beat}))


def test_a_second_run_is_refused_with_who_has_the_root_and_the_first_goes_on(store: Store) -> None:
    with leased(store, root="/runs/a", application="local-1") as first:
        mine = held(store)
        with pytest.raises(LeaseError) as refused, leased(store, root="/runs/a"):
            raise AssertionError("two runs have one root")
        first.beat()
        first.check()
    assert str(refused.value) == (
        f"/runs/a is in use by process {os.getpid()} of {mine['user']} on {platform.node()}, application local-1, since {mine['since']}: "
        f"two runs on one root would mix their rows, so nothing was run. Wait for it, stop it, or give another --root"
    )
    assert refused.value.exit_code == 2
    assert "ended" in held(store)
    with leased(store, root="/runs/a"):
        assert "ended" not in held(store)


def test_of_runs_that_start_at_once_one_gets_the_root(store: Store) -> None:
    together, over = threading.Barrier(8), threading.Event()

    def start(_: int) -> str:
        together.wait()
        try:
            with leased(store, root="r"):
                assert over.wait(PATIENCE_S)
                return "had it"
        except LeaseError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(start, n) for n in range(8)]
        assert wait_for(lambda: sum(one.done() for one in running) == 7)
        over.set()
        told = sorted(one.result() for one in running)
    assert told.count("had it") == 1
    assert {line.partition(" by ")[0] for line in told if line != "had it"} == {"r is in use"}


@pytest.mark.parametrize("killed", [False, True])
def test_the_lease_of_another_process_holds_while_it_lives_and_is_taken_over_after_a_kill(local: Store, killed: bool) -> None:
    assert isinstance(local, LocalStore)
    with holder(local) as process:
        with pytest.raises(LeaseError, match=f"in use by process {process.pid} of "), leased(local, root="r"):
            raise AssertionError("two runs have one root")
        told: list[str] = []
        if killed:
            process.send_signal(signal.SIGKILL)
        else:
            process.communicate("")
        process.wait()
        with leased(local, root="r", say=told.append):
            assert held(local)["pid"] == os.getpid()
    assert [line.partition(" of ")[0] for line in told] == (
        [f"lease     taken over from process {process.pid}"] if killed else []
    )


class holder(ExitStack):
    """Hold a lease in a process of its own."""

    def __init__(self, store: LocalStore) -> None:
        super().__init__()
        self._command = [sys.executable, "-c", HOLD, str(store.folder)]

    def __enter__(self) -> "subprocess.Popen[str]":  # type: ignore[override]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(self._command, text=True, cwd=PROJECT, **pipes)  # type: ignore[call-overload]
        self.callback(process.wait)
        self.callback(process.kill)
        assert process.stdout.readline() == "held\n"
        made: subprocess.Popen[str] = process
        return made


def test_the_dead_lease_of_another_machine_is_taken_over_after_it_stood_still(store: Store) -> None:
    elsewhere(store)
    told: list[str] = []
    with leased(store, root="r", say=told.append, beat_s=0.02, dead_s=0.1):
        assert held(store)["pid"] == os.getpid()
    who = "process 4711 of miller on other-machine, application app-1, since 2026-01-02T03:04:05+00:00"
    assert told == [
        f"lease     {who} has the root; waiting up to 0 s to see whether it is alive",
        f"lease     taken over from {who}, which is dead",
    ]


def test_a_live_run_on_another_machine_is_told_by_its_beat_whatever_its_clock_says(store: Store) -> None:
    elsewhere(store)
    over = threading.Event()

    def beat() -> None:
        count = 7
        while not over.wait(0.02):
            count += 1
            elsewhere(store, beat=count)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with (
            pytest.raises(
                LeaseError, match=r"in use by process 4711 of miller on other-machine, application app-1, since 2026-01-02"
            ),
            leased(store, root="r", beat_s=0.02, dead_s=PATIENCE_S),
        ):
            raise AssertionError("two runs have one root")
    finally:
        over.set()
        thread.join()


def test_a_process_number_that_is_used_again_is_another_process(local: Store) -> None:
    with leased(local, root="r"):
        mine = held(local)
    for other in ({"started": "1"}, {"boot": "another start of this machine"}):
        local.write("lease/00000009.json", json.dumps({**mine, **other}))
        with leased(local, root="r", beat_s=0.02, dead_s=0.1):
            pass
        local.delete("lease")


@pytest.mark.parametrize("times", [TIMES])
def test_of_two_that_take_over_one_dead_lease_exactly_one_wins(store: Store, times: int) -> None:
    for number in range(times):
        store.delete("lease")
        elsewhere(store)
        together, over = threading.Barrier(2), threading.Barrier(2)

        def take(_: int, together: threading.Barrier = together, over: threading.Barrier = over) -> bool:
            together.wait()
            try:
                with leased(store, root="r", beat_s=0.01, dead_s=0.02):
                    over.wait(PATIENCE_S)
                    return True
            except LeaseError:
                over.wait(PATIENCE_S)
                return False

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(take, range(2))) == [False, True], f"in try {number}"


def test_a_run_whose_root_was_taken_over_writes_nothing_more(store: Store) -> None:
    with leased(store, root="r", beat_s=PATIENCE_S) as lease:
        elsewhere(store, number=2)
        before = {name: store.read(f"lease/{name}") for name in store.names("lease")}
        lease.check()  # nothing is known yet
        lease.beat()
        with pytest.raises(LostLeaseError, match=r"process 4711 of miller on other-machine.* has taken the root over") as lost:
            lease.check()
        assert lost.value.exit_code == 2
    assert {name: store.read(f"lease/{name}") for name in store.names("lease")} == before


def test_the_holder_says_again_and_again_that_it_lives(local: Store) -> None:
    with leased(local, root="r", beat_s=0.01):
        assert wait_for(lambda: held(local)["beat"] >= 3)


def test_a_store_that_fails_for_a_while_costs_no_lease(local: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with leased(local, root="r", say=told.append, beat_s=0.01) as lease:
        with monkeypatch.context() as broken:
            broken.setattr(LocalStore, "write", fail)
            assert wait_for(lambda: told)
        first = held(local)["beat"]
        assert wait_for(lambda: held(local)["beat"] > first)
        lease.check()
    assert set(told) == {"lease     could not be renewed (OSError); it is tried again"}


def fail(*_: object) -> None:
    raise OSError("the store is away")


def test_old_leases_do_not_pile_up(store: Store) -> None:
    for _ in range(5):
        with leased(store, root="r"):
            pass
    assert store.names("lease") == ["00000004.json", "00000005.json"]


def test_a_zombie_is_no_holder() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    assert wait_for(lambda: module._started(child.pid) is None)
    child.wait()
