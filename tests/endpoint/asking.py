"""Ask a stub in a test: short patience, so that a fault costs milliseconds."""

import asyncio
from dataclasses import replace
from typing import Any

from udfs.endpoint.client import Client, Endpoint
from udfs.endpoint.question import Answer, Failure, Question
from udfs.endpoint.servers import Patience

QUICK = Patience(answer_s=20.0, server_s=30.0, first_s=0.002, longest_s=0.02)


def question(text: str = "a page", **others: Any) -> Question:
    return replace(Question(model="small-1b", prompt="p1", system="", user=text, max_tokens=50), **others)


def ask_all(
    urls: list[str], questions: list[Question], *, patience: Patience = QUICK, concurrency: int = 8, key: str = ""
) -> tuple[list[Answer | Failure], Client]:
    """Ask questions side by side, and return what came of each in order."""

    async def work() -> tuple[list[Answer | Failure], Client]:
        endpoint = Endpoint(tuple(urls), concurrency=concurrency, key_env="THE_KEY" if key else "", patience=patience)
        client = Client(endpoint, environment={"THE_KEY": key})
        try:
            return list(await asyncio.gather(*map(client.ask, questions))), client
        finally:
            client.close()

    return asyncio.run(work())


def ask(url: str, asked: Question | None = None, **options: Any) -> Answer | Failure:
    """Ask one question."""
    return ask_all([url], [asked or question()], **options)[0][0]
