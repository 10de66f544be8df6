"""One rephrase of one document: its segments asked side by side, and the answers joined again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from udfs.endpoint.question import Answer, Failure, Question
from udfs.rephrase.segments import segments
from udfs.rephrase.style import Style
from udfs.signals.tokens import token_count

HALVINGS = 3  # of a segment that is too long for the model's context

Ask = Callable[[Question, Style], Awaitable[Answer | Failure]]


@dataclass(frozen=True)
class Rewritten:
    """The rephrase: the answers' texts joined, the worst of their finish reasons, and the sum of their tokens."""

    text: str
    finish: str
    model: str
    tokens_in: int
    tokens_out: int
    segments: int


async def rewrite(text: str, style: Style, *, nth: int, model: str, ask: Ask) -> Rewritten | Failure:
    """Return the rephrase of a text, or why there is none: one segment without an answer leaves none."""
    pieces = style.pieces(text, nth=nth)
    found = await asyncio.gather(*(_segment(piece, style, nth=nth, model=model, ask=ask) for piece in pieces))
    failure = next((one for one in found if isinstance(one, Failure)), None)
    if failure is not None:
        return next((one for one in found if isinstance(one, Failure) and not one.lasting), failure)
    answers = [answer for one in found if not isinstance(one, Failure) for answer in one]
    return Rewritten(
        text="\n\n".join(told for answer in answers if (told := answer.text.strip())),
        finish=next((answer.finish for answer in answers if answer.finish != "stop"), "stop"),
        model=answers[0].model if answers else model,
        tokens_in=sum(answer.tokens_in for answer in answers),
        tokens_out=sum(answer.tokens_out for answer in answers),
        segments=len(answers),
    )


async def _segment(
    piece: str, style: Style, *, nth: int, model: str, ask: Ask, halvings: int = HALVINGS
) -> list[Answer] | Failure:
    """Ask for one segment; one that is too long for the context is cut in halves, if the style says so."""
    found = await ask(style.question(piece, model=model, nth=nth), style)
    if isinstance(found, Answer):
        return [found]
    if found.reason != "context_overflow" or style.on_overflow == "fail" or not halvings:
        return found
    answers: list[Answer] = []
    for half in segments(piece, max(1, -(-token_count(piece) // 2))):
        part = await _segment(half, style, nth=nth, model=model, ask=ask, halvings=halvings - 1) if half.strip() else []
        if isinstance(part, Failure):
            return part
        answers += part
    return answers
