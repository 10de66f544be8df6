"""Ask questions for one range of input: first the answers that were paid for, then what may be spent, then the servers."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import replace

from udfs.endpoint.allowance import BYTES_PER_TOKEN, Allowance
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
        try:
            self.answers.close()
        except Exception as error:
            self._give_up(error)
        finally:
            self._client.close()

    async def _send(self, key: str, question: Question, style: Style) -> Answer | Failure:
        try:
            found = await self._within_budget(question)
            if isinstance(found, Answer):
                found = self._kept(key, found, question, style)
            if isinstance(found, Failure):
                self.failures.setdefault(found.reason, found)
            return found
        finally:
            del self._asked[key]

    def _kept(self, key: str, found: Answer, question: Question, style: Style) -> Answer | Failure:
        """Keep an answer. If it cannot be kept, nothing more is asked: it would be paid and lost."""
        try:
            self.answers.add(key, found, about={"style": style.name, "nth": question.nth, "prompt": question.prompt})
        except Exception as error:
            return self._give_up(error)
        return found

    def _give_up(self, error: Exception) -> Failure:
        what = f"an answer could not be kept ({type(error).__name__}: {error}), so nothing more was asked"
        self._client.give_up(what)
        return self.failures.setdefault("no_server", Failure("no_server", what))

    async def _within_budget(self, question: Question) -> Answer | Failure:
        taken = await self._allowance.take(question.prompt_bytes, question.max_tokens)
        if taken is None:
            return NO_BUDGET
        used = (0, 0)
        try:
            found = await self._client.ask(question)
            found = counted(found, question) if isinstance(found, Answer) else found
            used = (found.tokens_in, found.tokens_out) if isinstance(found, Answer) else used
        finally:
            self._allowance.settle(taken, *used)
        return found


def counted(found: Answer, question: Question) -> Answer:
    """Return an answer with tokens, where its server gives no count: a token for three bytes, as a budget counts prompts."""
    if found.tokens_in or found.tokens_out:
        return found
    said = len(found.text.encode("utf-8", "replace"))
    return replace(
        found, tokens_in=math.ceil(question.prompt_bytes / BYTES_PER_TOKEN), tokens_out=math.ceil(said / BYTES_PER_TOKEN)
    )
