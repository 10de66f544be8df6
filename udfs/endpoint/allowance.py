"""What a task may still spend: room is taken for the largest possible answer before a question is sent, and given back after."""

import asyncio
import math
from dataclasses import dataclass

BYTES_PER_TOKEN = 3.0  # of a prompt, at the least on average in any language; the server's count replaces it


def most_tokens(prompt_bytes: int, max_tokens: int) -> int:
    """Return the tokens of a prompt and its answer at the most: the room that a request takes before it is sent.

    >>> most_tokens(10, 100)
    104
    """
    return math.ceil(prompt_bytes / BYTES_PER_TOKEN) + max_tokens


@dataclass(frozen=True)
class Price:
    """What a token costs, in dollars, or 1 to count tokens alone."""

    token_in: float = 1.0
    token_out: float = 1.0

    def of(self, tokens_in: float, tokens_out: float) -> float:
        """Return the cost of a request."""
        return tokens_in * self.token_in + tokens_out * self.token_out


class Allowance:
    """Count what is left; None has no end. Used within one event loop."""

    def __init__(self, left: float | None, price: Price) -> None:
        self.left = left
        self._price = price
        self._out = 0  # rooms that are taken and not settled
        self._line: list[asyncio.Future[None]] = []

    async def take(self, prompt_bytes: int, max_tokens: int) -> float | None:
        """Take room for a request and return how much, or None if there is none left.

        While other requests are under way, room may come back, so whoever finds none waits for them.
        """
        if self.left is None:
            return 0.0
        most = self._price.of(prompt_bytes / BYTES_PER_TOKEN, max_tokens)
        while most > self.left:
            if not self._out:
                return None
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            await turn
        self.left -= most
        self._out += 1
        return most

    def settle(self, taken: float, tokens_in: int, tokens_out: int) -> None:
        """Put the cost of what came in the place of the room that was taken."""
        if self.left is None:
            return
        self.left += taken - self._price.of(tokens_in, tokens_out)
        self._out -= 1
        line, self._line = self._line, []
        for turn in line:
            if not turn.done():
                turn.set_result(None)
