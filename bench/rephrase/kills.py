"""Kill the worker and the server 20 times at random moments, a fifth of requests failing: `python -m bench.rephrase.kills [SEED]`.

Prints what the server completed, what was kept, and whether the rows are those of an undisturbed run. A killed process loses at most
the answers that were in flight, so the server may have completed that many more than there are rows.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.endpoint.stub_server import StubServer, serving
from tests.rephrase.test_killed import faulty
from tests.rephrase.working import LISTED, PLAIN, corpus, rephrase, work
from tests.waiting import wait_for

KILLS = 20
CONCURRENCY = 4  # of tests.rephrase.working
PAGES = [f"Page {n} tells of the mill in town {n} and of its {n} stones." for n in range(400)]
REPHRASES = 3 * len(PAGES)


def main(seed: int) -> None:
    """Run, kill, and print."""
    chance, killed = random.Random(seed), {"worker": 0, "server": 0}
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.monotonic()
        planned, port, log = corpus(folder / "a.jsonl", PAGES), _free_port(), folder / "completed"
        log.touch()
        started = {"server": _server(port, log), "worker": _worker(planned.file_path, port, folder)}
        while sum(killed.values()) < KILLS:
            until = log.stat().st_size + chance.randint(5, 40)
            wait_for(partial(_is_time, log, until, started["worker"]))
            if started["worker"].poll() is not None:
                break
            victim = chance.choice(["worker", "server"])
            os.kill(started[victim].pid, signal.SIGKILL)
            started[victim].wait()
            killed[victim] += 1
            started[victim] = _server(port, log) if victim == "server" else _worker(planned.file_path, port, folder)
        before = log.stat().st_size
        started["worker"].wait()
        rows, file = rephrase(planned, work(f"http://127.0.0.1:{port}/v1", folder, PLAIN, LISTED))
        started["server"].kill()
        started["server"].wait()
        with serving() as sound:
            undisturbed, _ = rephrase(planned, work(sound.url, folder / "sound", PLAIN, LISTED))
        completed = log.stat().st_size
        print(
            f"kills  {killed}, {completed - before} of {completed} completed after the last, {time.monotonic() - began:.0f} s"
        )
        print(
            f"server completed {completed} requests for {REPHRASES} rephrases: {completed - REPHRASES} were in flight at a kill"
        )
        print(f"bound  {CONCURRENCY} in flight at each kill: {CONCURRENCY * sum(killed.values())}")
        print(f"file   {file['outcome']}; rows are those of an undisturbed run: {rows == undisturbed}")


def _is_time(log: Path, until: int, worker: "subprocess.Popen[bytes]") -> bool:
    return log.stat().st_size >= until or worker.poll() is not None


def _worker(corpus_file: str, port: int, folder: Path) -> "subprocess.Popen[bytes]":
    url = f"http://127.0.0.1:{port}/v1"
    return subprocess.Popen([sys.executable, "-m", "tests.rephrase.working_apart", corpus_file, url, str(folder)])


def _server(port: int, log: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "bench.rephrase.kills", "serve", str(port), str(log)])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def _serve(port: int, log: Path) -> None:
    """Serve with faults; a byte in the log stands for a completed request."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    stub = StubServer(faulty, delay_s=0.02)
    stub.on_completed = lambda: os.write(file, b".")
    server = await stub.start(port)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(int(sys.argv[2]), Path(sys.argv[3])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1)
