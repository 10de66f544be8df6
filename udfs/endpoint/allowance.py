"""What a task may still spend: room is taken for the largest possible answer before a question is sent, and given back after."""

from dataclasses import dataclass

BYTES_PER_TOKEN = 3.0  # of a prompt, at the least on average in any language; the server's count replaces it


@dataclass(frozen=True)
class Price:
    """What a token costs, in dollars, or 1 to count tokens alone."""

    token_in: float = 1.0
    token_out: float = 1.0

    def of(self, tokens_in: float, tokens_out: float) -> float:
        """Return the cost of a request."""
        return tokens_in * self.token_in + tokens_out * self.token_out


class Allowance:
    """Count what is left; None has no end."""

    def __init__(self, left: float | None, price: Price) -> None:
        self.left = left
        self._price = price

    def take(self, prompt_bytes: int, max_tokens: int) -> float | None:
        """Take room for a request and return how much, or None if there is none left."""
        most = self._price.of(prompt_bytes / BYTES_PER_TOKEN, max_tokens)
        if self.left is None:
            return 0.0
        if most > self.left:
            return None
        self.left -= most
        return most

    def settle(self, taken: float, tokens_in: int, tokens_out: int) -> None:
        """Put the cost of what came in the place of the room that was taken."""
        if self.left is not None:
            self.left += taken - self._price.of(tokens_in, tokens_out)
