"""Clean documents by the hundred thousand: sentences that a chain of word pairs draws from real pages."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator


def documents(pages: Iterable[str], *, count: int, words: int, seed: int) -> Iterator[str]:
    """Yield documents whose every word follows the two before it somewhere in the pages, so that they read as the pages do."""
    follows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for page in pages:
        split = page.split()
        for first, second, third in zip(split, split[1:], split[2:], strict=False):
            follows[first, second].append(third)
    starts = list(follows)
    draw = random.Random(seed)
    for _ in range(count):
        first, second = draw.choice(starts)
        made = [first, second]
        while len(made) < words:
            third = draw.choice(after) if (after := follows.get((first, second))) else draw.choice(starts)[0]
            made.append(third)
            first, second = second, third
        yield " ".join(made)
