"""A worker that is killed again and again, before a server that fails a fifth of requests: no answer that was kept is paid twice."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.endpoint.stub_server import CUT, Reply, StubServer, answers, serving
from tests.rephrase.working import LISTED, PLAIN, corpus, rephrase, work
from tests.waiting import wait_for

PAGES = [f"Page {n} tells of the mill in town {n} and of its {n} stones." for n in range(60)]  # 180 rephrases
CONCURRENCY = 4
KILLS = 4


def faulty(request: dict[str, object], number: int) -> Reply:
    """Fail a fifth of all requests, and every one while the server is down."""
    chance = random.Random(number)
    if chance.random() < 0.2 or 70 <= number < 90:
        return chance.choice([(429, {"Retry-After": "0"}, b""), (500, {}, b""), None, (CUT, {}, b"{}" * 50)])
    return answers(request, number)


def kept(folder: Path) -> list[str]:
    return [line for path in (folder / "answers").rglob("*.jsonl") for line in path.read_text("utf-8").splitlines()]


def killed(stub: StubServer, planned: str, folder: Path, *, after: int) -> None:
    """Start a worker and kill it once the server has completed so many requests more."""
    until = stub.completed + after
    worker = subprocess.Popen([sys.executable, "-m", "tests.rephrase.working_apart", planned, stub.url, str(folder)])
    wait_for(lambda: stub.completed >= until or worker.poll() is not None)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


def test_a_killed_worker_costs_at_most_the_answers_in_flight(tmp_path: Path) -> None:
    planned = corpus(tmp_path / "a.jsonl", PAGES)
    chance = random.Random(1)
    with serving(faulty, delay_s=0.01) as stub:
        for kill in range(1, KILLS + 1):
            killed(stub, planned.file_path, tmp_path / "killed", after=chance.randint(1, 25))
            assert stub.completed - len(kept(tmp_path / "killed")) <= CONCURRENCY * kill
        before, had = stub.completed, len(kept(tmp_path / "killed"))
        rows, file = rephrase(planned, work(stub.url, tmp_path / "killed", PLAIN, LISTED))
        assert (file["outcome"], stub.completed - before) == ("read", 180 - had) and had > 20
        assert stub.completed <= 180 + CONCURRENCY * KILLS
    with serving() as sound:
        undisturbed, _ = rephrase(planned, work(sound.url, tmp_path / "sound", PLAIN, LISTED))
        assert rows == undisturbed and sound.completed == 180
