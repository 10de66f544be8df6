"""Several servers that answer for one model: who is asked next, who is left alone for a while, and when all are lost."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass

from udfs.endpoint.connection import Connections
from udfs.endpoint.pressure import Pressure

IN_A_ROW = 3  # failures in a row after which a server is left alone for a while


@dataclass(frozen=True)
class Patience:
    """How long a client waits: for a whole answer, for any server to come back, and between two attempts.

    `attempts` bounds how often one request reaches a server in vain; `put_offs` how often it is put off (429).
    """

    answer_s: float = 600.0
    server_s: float = 300.0
    first_s: float = 0.5
    longest_s: float = 30.0
    attempts: int = 6
    put_offs: int = 100


class Lost(Exception):
    """No server answers any more; the text says what each of them did last."""


class Server:
    """One server: its connections, how many requests it is given at once, and how it has fared."""

    def __init__(self, shown: str, connections: Connections, pressure: Pressure) -> None:
        self.shown = shown
        self.connections = connections
        self.pressure = pressure
        self.active = 0
        self.answers = 0
        self.failing_since: float | None = None
        self.failures = 0  # since the last answer
        self.wait_until = 0.0
        self.out: str | None = None  # why it is never asked again
        self.last = "it was not asked yet"

    def is_free(self, now: float) -> bool:
        """Say whether the server takes a request now; one that failed several times in a row is tried by one request."""
        limit = 1 if self.failures >= IN_A_ROW else int(self.pressure.limit)
        return self.out is None and now >= self.wait_until and self.active < limit


class Servers:
    """Choose among servers; whoever finds none free waits in line."""

    def __init__(self, servers: list[Server], patience: Patience) -> None:
        self.all = servers
        self.patience = patience
        self.lost: str | None = None
        self._line: deque[asyncio.Future[None]] = deque()

    async def take(self) -> Server:
        """Return the server with the most room, and count a request for it; raises Lost."""
        while True:
            if self.lost is not None:
                raise Lost(self.lost)
            now = _now()
            free = [server for server in self.all if server.is_free(now)]
            if free:
                server = min(free, key=lambda one: one.active / one.pressure.limit)
                server.active += 1
                return server
            await self._wait(now)

    def give_back(self, server: Server) -> None:
        """Count a request as done, and let the next in line look."""
        server.active -= 1
        self._call(1)

    def answered(self, server: Server, *, seconds: float, tokens: int) -> None:
        """Count an answer."""
        server.answers += 1
        server.failures, server.failing_since = 0, None
        server.pressure.answered(now=_now(), seconds=seconds, tokens=tokens)
        self._call(1)  # the limit may have grown

    def put_off(self, server: Server, what: str, *, seconds: float, wait_s: float | None) -> None:
        """Count a request that a server put off: it gets fewer at once, and none before the time that it names."""
        server.pressure.put_off(now=_now(), seconds=seconds)
        if wait_s is not None:
            server.wait_until = max(server.wait_until, _now() + min(wait_s, self.patience.server_s))
        self._failed(server, what)

    def failed(self, server: Server, what: str) -> None:
        """Count a request that a server failed; after several in a row it is left alone for a while, twice as long each time."""
        server.failures += 1
        if server.failures >= IN_A_ROW:
            longest = min(self.patience.longest_s, self.patience.first_s * 2 ** min(16, server.failures - IN_A_ROW))
            server.wait_until = max(server.wait_until, _now() + random.uniform(longest / 2, longest))
        self._failed(server, what)

    def refuse(self, server: Server, what: str) -> None:
        """Never ask a server again."""
        server.out = server.last = what
        self._failed(server, what)

    def lose(self, what: str) -> None:
        """Give no server to anybody any more, those in line included."""
        self.lost = what
        self._call(len(self._line))

    def close(self) -> None:
        """Close all connections."""
        for server in self.all:
            server.connections.close()

    def _failed(self, server: Server, what: str) -> None:
        now = _now()
        server.last = what
        server.failing_since = server.failing_since if server.failing_since is not None else now
        if all(self._is_lost(one, now) for one in self.all):
            self.lose(f"no server answers ({'; '.join(f'{one.shown}: {one.last}' for one in self.all)})")

    def _is_lost(self, server: Server, now: float) -> bool:
        return server.out is not None or (
            server.failing_since is not None and now - server.failing_since >= self.patience.server_s
        )

    async def _wait(self, now: float) -> None:
        """Wait till a request is done, or till a server that is left alone may be asked again."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._line.append(turn)
        times = [server.wait_until for server in self.all if server.out is None and server.wait_until > now]
        timer = loop.call_later(min(times) - now + 0.001, self._call, 1) if times else None
        try:
            await turn
        finally:
            if timer is not None:
                timer.cancel()
            if not turn.done():
                turn.cancel()

    def _call(self, count: int) -> None:
        while count > 0 and self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                count -= 1


def _now() -> float:
    return asyncio.get_running_loop().time()
