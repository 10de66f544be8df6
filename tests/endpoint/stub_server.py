"""A server of chat completions whose every answer is known: for protocol, faults and throughput. Run as a program, or in a thread.

`python -m tests.endpoint.stub_server PORT_FILE [DELAY_S]` writes its port into PORT_FILE. GET /count tells how many it completed.
"""

import asyncio
import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Reply = tuple[int, dict[str, str], bytes] | None  # None: hang up without a word
STALL: Reply = (0, {}, b"")  # never answer
CUT = -1  # as a status: send half of the answer and hang up
GARBAGE = -2  # as a status: send what is no answer as if it were one
Behave = Callable[[dict[str, object], int], Reply]  # of a request and its number


def completion(request: dict[str, object], *, model: str | None = None, finish: str = "stop", text: str | None = None) -> bytes:
    """Answer a request by a hash of it, so that the same request has the same answer."""
    user = request["messages"][-1]["content"]  # type: ignore[index]
    said = (
        text if text is not None else f"answer {hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]}"
    )
    choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": finish}
    usage = {"prompt_tokens": len(str(user).split()), "completion_tokens": len(said.split())}
    return json.dumps({"model": model or request["model"], "choices": [choice], "usage": usage}).encode()


def answers(request: dict[str, object], number: int) -> Reply:
    """Answer every request."""
    return 200, {}, completion(request)


class Stub(asyncio.Protocol):
    """One connection; `behave` says what becomes of each request."""

    def __init__(self, server: "StubServer") -> None:
        self.server, self.held = server, b""
        self.transport: asyncio.Transport = None  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            head = self.held[:end]
            at = head.find(b"Content-Length: ")
            length = int(head[at + 16 :].partition(b"\r\n")[0]) if at >= 0 else 0
            if len(self.held) < end + 4 + length:
                return
            body, self.held = self.held[end + 4 : end + 4 + length], self.held[end + 4 + length :]
            if head.startswith(b"GET"):
                self.send((200, {}, json.dumps(self.server.completed).encode()), count=False)
            else:
                self.server.heads.append(head.decode("latin-1"))
                self.asked(json.loads(body))

    def asked(self, request: dict[str, object]) -> None:
        server = self.server
        number, server.requests = server.requests, server.requests + 1
        server.open += 1
        server.most_open = max(server.most_open, server.open)
        reply = server.behave(request, number)
        if server.delay_s:
            asyncio.get_running_loop().call_later(server.delay_s, self.send, reply)
        else:
            self.send(reply)

    def send(self, reply: Reply, count: bool = True) -> None:
        self.server.open -= count
        if reply is None or self.transport.is_closing():
            self.transport.abort()
            return
        status, headers, body = reply
        if status == 0:
            return
        if status == CUT:
            self.transport.write(f"HTTP/1.1 200 X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
            self.transport.close()
            return
        if count and status == 200:
            self.server.completed += 1
            self.server.on_completed()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        shown = 200 if status == GARBAGE else status
        self.transport.write(f"HTTP/1.1 {shown} X\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)


class StubServer:
    """The server's state: what it was asked, and how many requests it had open at once."""

    def __init__(self, behave: Behave = answers, *, delay_s: float = 0.0) -> None:
        self.behave, self.delay_s = behave, delay_s
        self.requests = self.completed = self.open = self.most_open = 0
        self.heads: list[str] = []
        self.port = 0
        self.on_completed: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self, port: int = 0) -> asyncio.Server:
        server = await asyncio.get_running_loop().create_server(lambda: Stub(self), "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        return server


@contextmanager
def serving(behave: Behave = answers, *, delay_s: float = 0.0, port: int = 0) -> Iterator[StubServer]:
    """Serve from a thread while the block runs."""
    stub, ready, loop = StubServer(behave, delay_s=delay_s), threading.Event(), asyncio.new_event_loop()

    def work() -> None:
        loop.run_until_complete(stub.start(port))
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield stub
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.close()


async def _main(port_file: Path, delay_s: float) -> None:
    stub = StubServer(delay_s=delay_s)
    stub.heads = _Nothing()
    server = await stub.start()
    port_file.with_suffix(".part").write_text(str(stub.port), "utf-8")
    port_file.with_suffix(".part").rename(port_file)
    await server.serve_forever()


class _Nothing(list[str]):
    def append(self, item: str) -> None:
        pass


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
