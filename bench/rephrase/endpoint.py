"""The client before a stub server of known rate: `python -m bench.rephrase.endpoint [REQUESTS] [DELAY_S] [CONCURRENCY]`.

The server is a process of its own that answers each request after a delay, so it completes CONCURRENCY / DELAY_S a second at most.
Prints requests by the clock, by CPU second of the client, the share of the server's rate, and the client's memory as it goes.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.waiting import wait_for
from udfs.endpoint.client import Client, Endpoint
from udfs.endpoint.question import Answer, Question

PAGE = "The mill of the town ground rye for its bakers. " * 40  # 2 KB
STEPS = 10


def main(requests: int, delay_s: float, concurrency: int) -> None:
    """Start the stub, ask, and print."""
    with tempfile.TemporaryDirectory() as folder:
        port = Path(folder) / "port"
        stub = subprocess.Popen([sys.executable, "-m", "tests.endpoint.stub_server", str(port), str(delay_s)])
        try:
            wait_for(port.exists)
            asyncio.run(_ask(int(port.read_text("utf-8")), requests, delay_s, concurrency))
        finally:
            stub.kill()
            stub.wait()


async def _ask(port: int, requests: int, delay_s: float, concurrency: int) -> None:
    client = Client(Endpoint((f"http://127.0.0.1:{port}/v1",), concurrency=concurrency), environment={})
    numbers, step = iter(range(requests)), max(1, requests // STEPS)
    began, cpu, answers = time.monotonic(), time.process_time(), 0
    print(f"load {os.getloadavg()[0]:.1f}, {requests:,} requests, {concurrency} at once, {delay_s} s each")

    async def asks(mine: Iterator[int]) -> None:
        nonlocal answers
        for number in mine:
            found = await client.ask(Question("stub", "p", "", f"{number} {PAGE}", 100))
            answers += isinstance(found, Answer)
            if number % step == 0:
                print(f"  {number:>9,} requests  {_resident_mb():.1f} MB")

    await asyncio.gather(*(asks(numbers) for _ in range(concurrency)))
    seconds, used = time.monotonic() - began, time.process_time() - cpu
    client.close()
    rate = (
        f", {requests / seconds * delay_s / concurrency:.1%} of the server's {concurrency / delay_s:,.0f}/s" if delay_s else ""
    )
    print(
        f"{answers:,} answers: {requests / seconds:,.0f} a second by the clock{rate}; {requests / used:,.0f} a CPU second; {_resident_mb():.1f} MB"
    )


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 20_000, float(given[1]) if len(given) > 1 else 0.0, int(given[2]) if len(given) > 2 else 64
    )
