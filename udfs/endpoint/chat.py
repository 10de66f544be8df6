"""Read what a server of chat completions says: an answer, a wait, or a refusal, and whose fault it is."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from udfs.endpoint.connection import Reply
from udfs.endpoint.question import Answer

Fault = Literal["busy", "broken", "server", "overflow", "request"]
SHOWN = 200  # characters of a server's message
HIDDEN = "***"
# how servers say that a prompt is longer than the model's context: OpenAI's code, llama.cpp's type, vLLM's and TGI's words
OVERFLOW = ("context_length_exceeded", "exceed_context_size", "maximum context length", "max_model_len", "context window")
# ends of an answer without text that was paid for: a model thought up to max_tokens, or its words are held back. Another try pays again
WRITTEN_OUT = ("length", "content_filter")
BUSY = (408, 425, 429, 503, 529)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a reply.

    busy: wait and ask again. broken: ask again. server: this server answers nobody as it stands. overflow: the prompt is too long for
    the model. request: no server would take it.
    """

    fault: Fault
    what: str
    wait_s: float | None = None


def read_reply(reply: Reply, *, model: str, key: str = "") -> Answer | Trouble:
    """Make an answer of a reply, or say what is wrong with it. The model that answers must be the one that was asked.

    A server may quote the API key, so that is taken out of what is shown of its words, before they are cut.
    """
    if reply.status in BUSY:
        return Trouble("busy", f"the server answers {reply.status}", reply.retry_after_s)
    if reply.status >= 500:
        return Trouble("broken", f"the server answers {reply.status}", reply.retry_after_s)
    if reply.status in (401, 403):  # such a body may quote the key
        return Trouble("server", f"the server refuses the key ({reply.status})")
    if reply.status in (404, 405) or reply.status < 200 or 300 <= reply.status < 400:
        return Trouble("server", f"the server answers {reply.status}: is its URL right, and does it have the model {model}?")
    try:
        body = json.loads(reply.body)
    except ValueError:
        body = None
    if reply.status != 200:
        return _refusal(reply, body, key)
    return _answer(body, model, key)


def same_model(asked: str, answered: str) -> bool:
    """Say whether a model's name in an answer means the one that was asked: providers add a date, servers cut a path.

    >>> same_model("gpt-4o-mini", "gpt-4o-mini-2024-07-18"), same_model("org/a-8b", "a-8b"), same_model("a-8b", "b-8b")
    (True, True, False)
    """
    asked, answered = asked.rpartition("/")[2], answered.rpartition("/")[2]
    return answered == asked or answered.startswith((f"{asked}-20", f"{asked}@"))


def _refusal(reply: Reply, body: Any, key: str) -> Trouble:
    error = body.get("error", body) if isinstance(body, dict) else None
    told = json.dumps(error, ensure_ascii=False) if error is not None else reply.body.decode("utf-8", "replace")
    overflow = any(word in told.lower() for word in OVERFLOW) or reply.status == 413
    message = error.get("message") if isinstance(error, dict) else None
    shown = _shown(message if isinstance(message, str) else told, key)
    return Trouble("overflow" if overflow else "request", f"the server answers {reply.status}: {shown}")


def _shown(text: str, key: str) -> str:
    return (text.replace(key, HIDDEN) if key else text)[:SHOWN]


def _answer(body: Any, model: str, key: str) -> Answer | Trouble:
    try:
        choice = body["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
        answered, usage = str(body.get("model") or model), body.get("usage") or {}
        tokens_in, tokens_out = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return Trouble("broken", "the answer is no chat completion")
    if not same_model(model, answered):
        return Trouble("server", f"the server answers as the model {_shown(answered, key)!r}, and {model!r} was asked")
    if text is None and choice["message"].get("refusal"):
        text = str(choice["message"]["refusal"])
    if text is None and finish in WRITTEN_OUT:
        text = ""
    if not isinstance(text, str):
        return Trouble("broken", "the answer has no text")
    return Answer(text, str(finish or "unknown"), answered, tokens_in, tokens_out)
