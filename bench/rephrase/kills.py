"""Kill driver, worker and server of a run 20 times, a fifth of requests failing: `python -m bench.rephrase.kills [SEED]`.

The moments are drawn over the whole run: each is a number of answers that the server has completed. Each driver is a `gristmill run` of its own, each worker one of its Python processes. A stub server fails a fifth of requests in six ways
and notes each that it completed. Prints what it completed, what was kept, and whether the rows are those of an undisturbed run. A kill
loses at most the answers that are in flight, so the server may have completed that many more than there are rows.
"""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from bench.process_usage import look_at_all, machine
from tests.endpoint.stub_server import CUT, GARBAGE, STALL, Reply, StubServer, answers
from tests.runs import rows
from tests.waiting import wait_for

KILLS = 20
VICTIMS = ("driver", "worker", "server")
CONCURRENCY = 4
FILES, PAGES = 4, 200  # of each file
REPHRASES = 3 * FILES * PAGES
RECIPE = """
[run]
name = "killed"
dump = "KILLED"
input = [{input}]
chunk_files = 1

[rephrase]
servers = ["http://127.0.0.1:{port}/v1"]
model = "small-1b"
concurrency = {concurrency}
timeout_s = 1.0
patience_s = 600.0
attempts = 50

[[rephrase.style]]
name = "plain"
prompt = "plain_explanation"
max_tokens = 100

[[rephrase.style]]
name = "facts"
prompt = "list_of_facts"
copies = 2
max_tokens = 100
seed = 1

[annotate]
line_edits = "none"
pii = false
signal_sets = ["rephrase"]

[dedup]
exact_url = "off"

[publish]
columns = ["parents", "nth", "carried"]
"""


def faulty(request: dict[str, object], number: int) -> Reply:
    """Fail a fifth of all requests, so that none of those is completed: put off, refused, reset, never answered, cut off, no JSON."""
    chance = random.Random(number)
    if chance.random() < 0.2:
        ways: tuple[Reply, ...] = (
            (429, {"Retry-After": "0"}, b""),
            (500, {}, b""),
            None,
            STALL,
            (CUT, {}, b"{}" * 50),
            (GARBAGE, {}, b"<html>"),
        )
        return chance.choice(ways)
    return answers(request, number)


class Run:
    """A root, the server that it asks, and the processes that work on it."""

    def __init__(self, folder: Path, name: str, *, faults: bool) -> None:
        self.root, self.log, self._faults = folder / name, folder / f"{name}.completed", faults
        self._recipe, self._said = folder / f"{name}.toml", folder / f"{name}.log"
        self.log.touch()
        self._port = _free_port()
        given = json.dumps(str(folder / "corpus"))
        self._recipe.write_text(RECIPE.format(input=given, port=self._port, concurrency=CONCURRENCY), "utf-8")
        self.server = self._serve()
        self.driver = self._drive()

    @property
    def completed(self) -> int:
        """Return how many requests all servers of this run completed."""
        return self.log.stat().st_size

    def kill(self, victim: str) -> bool:
        """Kill one process, and start another if nothing else does; say whether there was one."""
        if victim == "server":
            _end(self.server)
            self.server = self._serve()
        elif victim == "driver":
            _end(self.driver)
            self.driver = self._drive()
        else:
            found = self._workers()
            if not found:
                return False
            with suppress(ProcessLookupError):
                os.kill(found[0], signal.SIGKILL)
        return True

    def finish(self) -> list[int]:
        """Wait, and run again while files are left over; return the exit codes."""
        codes = [self.driver.wait()]
        while codes[-1] == 3:
            self.driver = self._drive()
            codes.append(self.driver.wait())
        _end(self.server)
        if codes[-1]:
            raise SystemExit(f"a run ended with {codes[-1]}. It said:\n{self.said}")
        return codes

    @property
    def said(self) -> str:
        """Return the end of what the drivers said."""
        return self._said.read_text("utf-8")[-3000:]

    def _workers(self) -> list[int]:
        """Return the Python processes below the driver that are at work: those that no other Python process hangs below."""
        looks = look_at_all()
        below = {self.driver.pid}
        for _ in range(8):
            below |= {pid for pid, look in looks.items() if look.parent in below}
        parents = {looks[pid].parent for pid in below if pid in looks}
        return sorted(pid for pid in below - parents - {self.driver.pid} if looks[pid].name.startswith("python"))

    def _drive(self) -> "subprocess.Popen[bytes]":
        command = [str(Path(sys.executable).parent / "gristmill"), "run", str(self._recipe), "--root", str(self.root)]
        with self._said.open("ab") as said:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def _serve(self) -> "subprocess.Popen[bytes]":
        told = [str(self._port), str(self.log), str(int(self._faults))]
        return subprocess.Popen([sys.executable, "-m", "bench.rephrase.kills", "serve", *told])


def main(seed: int) -> None:
    """Run, kill, and print."""
    chance, killed, began = random.Random(seed), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "corpus")
        run = Run(folder, "killed", faults=True)
        moments = sorted(chance.sample(range(1, REPHRASES), KILLS))
        for moment in moments:
            assert wait_for(partial(_is_time, run, moment)) and run.driver.poll() is None, run.said
            victim = chance.choice(VICTIMS)
            assert wait_for(partial(run.kill, victim)), f"no {victim} to kill"
            killed[victim] += 1
        before, codes = run.completed, run.finish()
        sound = Run(folder, "sound", faults=False)
        sound.finish()
        lines, keys = kept(run.root)
        same = all(known(run.root, table) == known(sound.root, table) for table in ("documents", "signals", "corpus"))
        print(f"{machine()}; seed {seed}, {time.monotonic() - began:.0f} s")
        print(f"moments {moments}")
        print(f"kills   {dict(killed)}, then exit codes {codes}; {run.completed - before} answers came after the last kill")
        print(f"answers {run.completed} completed by the server, {lines} kept, {keys} different, {REPHRASES} rephrases")
        print(
            f"lost    {run.completed - lines} in flight at {killed.total()} kills, of {CONCURRENCY * killed.total()} at most; ",
            end="",
        )
        print(f"{lines - keys} kept twice")
        print(f"rows    those of an undisturbed run: {same}; that one completed {sound.completed}")


def write_corpus(folder: Path) -> None:
    """Write files of pages that differ."""
    folder.mkdir()
    for file in range(FILES):
        pages = (
            {"id": f"p{file}-{n}", "text": f"Page {n} of {file} tells of the mill and its {n} stones."} for n in range(PAGES)
        )
        (folder / f"{file}.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages), "utf-8")


def kept(root: Path) -> tuple[int, int]:
    """Count the lines of answers that were kept, and their different keys."""
    files = (root / "rephrase/answers").rglob("*.jsonl")
    found = [json.loads(line)["key"] for path in files for line in path.read_text("utf-8").split("\n") if line.endswith("}")]
    return len(found), len(set(found))


def known(root: Path, table: str) -> list[dict[str, Any]]:
    """Read a table without what says in which chunk a file was read."""
    return rows(root, table, without=("chunk",))


def _is_time(run: Run, until: int) -> bool:
    return run.completed >= until or run.driver.poll() is not None


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def _serve(port: int, log: Path, faults: bool) -> None:
    """Serve; a byte in the log stands for a completed request."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    stub = StubServer(faulty if faults else answers, delay_s=0.05)
    stub.on_completed = lambda: os.write(file, b".")
    server = await stub.start(port)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] == "1"))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1)
