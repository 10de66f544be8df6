"""What is asked of a model, and what comes of it: an answer, or the reason why there is none."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Reason = Literal["no_server", "budget", "no_answer", "refused_request", "context_overflow", "rephrase_error"]
LASTING = ("no_answer", "refused_request", "context_overflow", "rephrase_error")  # asking again would bring the same


@dataclass(frozen=True)
class Question:
    """One request: the model, its messages and the parameters of sampling.

    `prompt` names the version of the prompt, `nth` tells questions apart that are equal but for chance.
    """

    model: str
    prompt: str
    system: str
    user: str
    max_tokens: int
    nth: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the hash of everything that decides the answer: 32 hexadecimal digits."""
        facts = [self.model, self.prompt, self.system, self.user, self.max_tokens, self.nth, dict(self.parameters)]
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def prompt_bytes(self) -> int:
        """Return how long the messages are, in bytes of UTF-8."""
        return len(self.system.encode("utf-8", "replace")) + len(self.user.encode("utf-8", "replace"))

    def body(self) -> dict[str, Any]:
        """Return the request as the chat completions of OpenAI take it."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        parameters = dict(self.parameters)
        if self.nth and "seed" in parameters:
            parameters["seed"] = int(parameters["seed"]) + self.nth
        messages = [*system, {"role": "user", "content": self.user}]
        return {"model": self.model, "messages": messages, "max_tokens": self.max_tokens, **parameters}


@dataclass(frozen=True)
class Answer:
    """What a model wrote: `finish` is OpenAI's finish_reason; tokens are the server's count, 0 where it gives none."""

    text: str
    finish: str
    model: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class Failure:
    """Why there is no answer. One that is not `lasting` may come in a later run."""

    reason: Reason
    what: str

    @property
    def lasting(self) -> bool:
        """Say whether asking again would bring the same."""
        return self.reason in LASTING
