"""How many requests a server is given at once: more while it keeps up, fewer when it says or shows that it does not.

Additive increase, multiplicative decrease (Chiu and Jain 1989), with TCP's slow start. An answer that a server puts off halves the
number. An answer that takes far longer a token than the best ones cuts it by a tenth, since a server may queue without a word.
"""

SLOW = 8.0  # times the best pace: continuous batching alone slows an answer two- to fourfold
SLOW_S = 5.0  # an answer that is shorter says nothing of a queue
SMOOTH = 0.1


class Pressure:
    """Hold the limit of one server; times are seconds on any one clock."""

    def __init__(self, most: int, *, first: int = 32) -> None:
        self.limit = float(min(most, first))
        self.least = self.limit  # the smallest limit so far, for whoever measures
        self._most = float(most)
        self._climbing = True
        self._pace: float | None = None
        self._best: float | None = None
        self._cut_at = float("-inf")

    def answered(self, *, now: float, seconds: float, tokens: int) -> None:
        """Count an answer that came: the limit doubles in a round of answers at first, and grows by one in a round later."""
        pace = seconds / max(1, tokens)
        self._pace = pace if self._pace is None else self._pace + SMOOTH * (pace - self._pace)
        self._best = self._pace if self._best is None else min(self._best, self._pace)
        if seconds > SLOW_S and self._pace > SLOW * self._best:
            self._cut(0.9, now=now, over_s=seconds)
            return
        self.limit = min(self._most, self.limit + (1.0 if self._climbing else 1.0 / self.limit))

    def put_off(self, *, now: float, seconds: float) -> None:
        """Count a request that the server put off or let wait too long; those of one moment count once."""
        self._cut(0.5, now=now, over_s=max(seconds, 0.05))

    def _cut(self, factor: float, *, now: float, over_s: float) -> None:
        if now - self._cut_at < over_s:
            return  # what was sent before the last cut says nothing of the limit since
        self._climbing = False
        self._cut_at = now
        self.limit = max(1.0, self.limit * factor)
        self.least = min(self.least, self.limit)
