"""Ask questions for one range of input: first the answers that were paid for, then what may be spent, then the servers."""

import asyncio
from collections.abc import Mapping

from udfs.endpoint.allowance import Allowance
from udfs.endpoint.answers import Answers
from udfs.endpoint.client import Client
from udfs.endpoint.question import Answer, Failure, Question
from udfs.rephrase.settings import Rephrase
from udfs.rephrase.style import Style

NO_BUDGET = Failure("budget", "the budget of [rephrase] is spent")


class Desk:
    """Answer questions, each once: what is asked twice at the same time is sent once."""

    def __init__(self, work: Rephrase, *, folder: str, allowance: float | None, environment: Mapping[str, str]) -> None:
        self.answers = Answers(folder)
        self.failures: dict[str, Failure] = {}  # by reason, the first of each
        self._client = Client(work.endpoint, environment=environment)
        self._allowance = Allowance(allowance, work.price)
        self._asked: dict[str, asyncio.Task[Answer | Failure]] = {}

    async def ask(self, question: Question, style: Style) -> Answer | Failure:
        """Return the answer, kept before it is given out; or why there is none."""
        key = question.key
        known = self.answers.find(key)
        if known is not None:
            return known
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.ensure_future(self._send(key, question, style))
        return await asked

    def close(self) -> None:
        """Write what is not written yet, and close the connections."""
        self.answers.close()
        self._client.close()

    async def _send(self, key: str, question: Question, style: Style) -> Answer | Failure:
        try:
            found = await self._within_budget(question)
            if isinstance(found, Answer):
                self.answers.add(key, found, about={"style": style.name, "nth": question.nth, "prompt": question.prompt})
            else:
                self.failures.setdefault(found.reason, found)
            return found
        finally:
            del self._asked[key]

    async def _within_budget(self, question: Question) -> Answer | Failure:
        taken = await self._allowance.take(question.prompt_bytes, question.max_tokens)
        if taken is None:
            return NO_BUDGET
        used = (0, 0)
        try:
            found = await self._client.ask(question)
            used = (found.tokens_in, found.tokens_out) if isinstance(found, Answer) else used
        finally:
            self._allowance.settle(taken, *used)
        return found
