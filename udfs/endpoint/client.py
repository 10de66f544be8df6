"""Ask a question until it is answered or there is a reason why not; every loop here has an end."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from udfs.endpoint.address import address_of
from udfs.endpoint.chat import Trouble, read_reply
from udfs.endpoint.connection import Broken, Connections, Late, Unreachable
from udfs.endpoint.pressure import Pressure
from udfs.endpoint.question import Answer, Failure, Question
from udfs.endpoint.servers import Lost, Patience, Server, Servers

PROBE = Question(model="", prompt="probe", system="", user="Answer with one word.", max_tokens=4)


@dataclass(frozen=True)
class Endpoint:
    """Which servers answer, and how many requests all of them together are given at once by one client.

    `key_env` names the environment variable that holds the API key; "" sends none. The key itself is in no field.
    """

    servers: tuple[str, ...]
    concurrency: int = 8
    key_env: str = ""
    patience: Patience = field(default_factory=Patience)


class KeyMissing(ValueError):
    """The environment variable that is to hold the API key does not."""


class Client:
    """Ask the servers of an endpoint; used within one event loop."""

    def __init__(self, endpoint: Endpoint, *, environment: Mapping[str, str]) -> None:
        self._key = api_key(endpoint.key_env, environment)
        headers = {"User-Agent": "gristmill"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        share = -(-endpoint.concurrency // len(endpoint.servers))
        patience = endpoint.patience
        servers = [
            Server(url, Connections(address_of(url), headers=headers, timeout_s=patience.answer_s), Pressure(share))
            for url in endpoint.servers
        ]
        self.servers = Servers(servers, patience)
        self.sent = 0
        self.troubles: dict[str, int] = {}

    async def ask(self, question: Question) -> Answer | Failure:
        """Return the answer, or why there is none.

        A server that cannot be reached costs the question nothing: it goes to another, or waits till none is left. A question that
        reaches servers in vain fails after `attempts`, if they answer other questions.
        """
        tries = _Tries(self.servers.patience, answers=self._answers())
        while True:
            if tries.count:
                await asyncio.sleep(tries.pause())
            try:
                if tries.are_used_up and (self._answers() > tries.answers or await self._works(question.model)):
                    return Failure("no_answer", f"{tries.what}, the last of {tries.count} attempts")
                found = await self._sent(question)
            except Lost as lost:
                return Failure("no_server", str(lost))
            if isinstance(found, Answer):
                return found
            if found.fault == "overflow":
                return Failure("context_overflow", found.what)
            if found.fault == "request":
                return Failure("refused_request", found.what)
            tries.note(found, answers=self._answers())

    async def _sent(self, question: Question) -> Answer | Trouble:
        """Send a question to a server that has room; raises Lost."""
        body = json.dumps(question.body(), ensure_ascii=False).encode("utf-8", "replace")
        server = await self.servers.take()
        try:
            return await self._once(server, body, question.model)
        finally:
            self.servers.give_back(server)

    async def _works(self, model: str) -> bool:
        """Say whether a server answers a question that nothing is wrong with: a few tokens tell whose fault another one is."""
        return isinstance(await self._sent(replace(PROBE, model=model)), Answer)

    def _answers(self) -> int:
        return sum(server.answers for server in self.servers.all)

    def give_up(self, what: str) -> None:
        """Send nothing more, also of what waits for a server."""
        self.servers.lose(what)

    def close(self) -> None:
        """Close all connections."""
        self.servers.close()

    async def _once(self, server: Server, body: bytes, model: str) -> Answer | Trouble:
        """Send the question to one server, and note how the server fared."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.sent += 1
        try:
            found = read_reply(await server.connections.post(body), model=model, key=self._key)
        except Unreachable as error:
            found = Trouble("server", str(error))
            self._count("unreachable")
            self.servers.failed(server, found.what)
            return found
        except Late as error:
            self._count("late")
            self.servers.put_off(server, str(error), seconds=loop.time() - began, wait_s=None)
            return Trouble("broken", str(error))
        except Broken as error:
            found = Trouble("broken", str(error))
        seconds = loop.time() - began
        if isinstance(found, Answer):
            self.servers.answered(server, seconds=seconds, tokens=found.tokens_out)
            return found
        self._count(found.fault)
        if found.fault == "busy":
            self.servers.put_off(server, found.what, seconds=seconds, wait_s=found.wait_s)
        elif found.fault == "broken":
            self.servers.failed(server, found.what)
        elif found.fault == "server":
            self.servers.refuse(server, found.what)
        return found

    def _count(self, fault: str) -> None:
        self.troubles[fault] = self.troubles.get(fault, 0) + 1


class _Tries:
    """Count the attempts of one question; `answers` are those that all questions had when half of its attempts were in vain."""

    def __init__(self, patience: Patience, *, answers: int) -> None:
        self.count = 0
        self.what = ""
        self.answers = answers
        self._patience = patience
        self._vain = self._put_off = 0

    def note(self, trouble: Trouble, *, answers: int) -> None:
        """Count an attempt that brought nothing. One that found no server costs nothing."""
        self.what = trouble.what
        self._vain += trouble.fault == "broken"
        self._put_off += trouble.fault == "busy"
        self.count = self._vain + self._put_off
        if self._vain <= self._patience.attempts // 2 and self._put_off <= self._patience.put_offs // 2:
            self.answers = answers

    @property
    def are_used_up(self) -> bool:
        """Say whether the question has had its attempts."""
        return self._vain >= self._patience.attempts or self._put_off >= self._patience.put_offs

    def pause(self) -> float:
        """Return the seconds before the next attempt: full jitter, so that those which failed together do not come back together."""
        patience = self._patience
        return random.uniform(0, min(patience.longest_s, patience.first_s * 2 ** min(16, self.count - 1)))


def api_key(name: str, environment: Mapping[str, str]) -> str:
    """Return the key that an environment variable holds, "" if no variable is named; raises KeyMissing.

    The error names the variable, never a value.
    """
    if not name:
        return ""
    key = environment.get(name, "").strip()
    if not key:
        raise KeyMissing(f"the environment variable {name} is empty or absent, so no server would answer")
    if not key.isascii() or not key.isprintable():
        raise KeyMissing(f"the environment variable {name} holds characters that no key has")
    return key
