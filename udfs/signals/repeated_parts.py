"""Count the lines or paragraphs of a text that occur more than once, all their copies, as DCLM and Dolma do."""

from collections import Counter
from collections.abc import Sequence


def all_copies(parts: Sequence[str]) -> tuple[int, int]:
    """Return how many of the parts occur more than once, and their characters.

    >>> all_copies(["a mill", "a", "a mill"])
    (2, 12)
    """
    often = {part: times for part, times in Counter(parts).items() if times > 1}
    return sum(often.values()), sum(len(part) * times for part, times in often.items())
