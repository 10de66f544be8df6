"""The client before a stub server of known rate: `python -m bench.rephrase.endpoint [REQUESTS] [DELAY_S] [CONCURRENCY]`.

The server is a process of its own that answers each request after a delay, so it completes CONCURRENCY / DELAY_S a second at most.
Prints requests by the clock and by CPU second of the client, and its memory as it goes. Before it, bare connections ask the same of
the same server, so that the two can be compared on a machine that does other work too.
"""

import asyncio
import json
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
            asyncio.run(_bare(int(port.read_text("utf-8")), requests, concurrency))
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
    print(
        f"client {answers:,} answers: {requests / seconds:,.0f} a second by the clock; {requests / used:,.0f} a CPU second; {_resident_mb():.1f} MB"
    )


async def _bare(port: int, requests: int, concurrency: int) -> None:
    """Send one request again and again over as many connections, and look at no answer."""
    body = json.dumps(Question("stub", "p", "", PAGE, 100).body()).encode()
    request = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    began, numbers = time.monotonic(), iter(range(requests))

    async def asks() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in numbers:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]))
        writer.close()

    await asyncio.gather(*(asks() for _ in range(concurrency)))
    print(f"bare   {requests:,} answers: {requests / (time.monotonic() - began):,.0f} a second by the clock")


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 20_000, float(given[1]) if len(given) > 1 else 0.0, int(given[2]) if len(given) > 2 else 64
    )
