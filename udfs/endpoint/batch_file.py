"""The Batch format of OpenAI, which providers and `vllm run-batch` take: a request a line in, a response a line out."""

import json
import re

from udfs.endpoint.chat import Trouble, read_reply
from udfs.endpoint.connection import Reply
from udfs.endpoint.question import Answer, Question

URL = "/v1/chat/completions"
_ID = re.compile(r"^([0-9a-f]{12})-([0-9a-f]{32})$")


class BatchError(ValueError):
    """A line that is no response to a request of ours."""


def request_line(place: str, question: Question) -> str:
    """Write a request; `custom_id` says where its answer belongs: the folder of its range, and its key."""
    line = {"custom_id": f"{place}-{question.key}", "method": "POST", "url": URL, "body": question.body()}
    return json.dumps(line, ensure_ascii=False)


def response_of(line: str, *, model: str) -> tuple[str, str, Answer | Trouble]:
    """Read a response: the place and key of its question, and the answer or what is wrong with it; raises BatchError."""
    try:
        row = json.loads(line)
        named = _ID.match(str(row["custom_id"]))
        response = row.get("response") or {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BatchError("the line is no response of a batch") from None
    if named is None:
        raise BatchError(f"custom_id {row['custom_id']!r} is none that gristmill wrote")
    if row.get("error"):
        return named[1], named[2], Trouble("broken", f"the batch says {json.dumps(row['error'])[:200]}")
    body = json.dumps(response.get("body")).encode("utf-8", "replace")
    return named[1], named[2], read_reply(Reply(int(response.get("status_code") or 0), body), model=model)
