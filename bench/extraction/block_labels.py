"""Say which blocks of a page its gold text holds."""

from collections import Counter
from collections.abc import Hashable, Sequence

MAX_BITS = 4_000_000_000  # of the table of alignments; half a gigabyte
KEEP_SHARE = 0.5  # of a block's words in the alignment
PASSES = 2
MIN_RUNS = 0.6  # of a block's runs of three words, for it to stand in the gold at another place


def label_blocks(blocks: Sequence[Sequence[str]], gold: Sequence[str]) -> list[bool]:
    """Label the blocks, given as words, that together come nearest to the gold's words.

    1. Align the page's words with the gold's: a block of which half is in the longest common subsequence is kept.
    2. Add blocks that stand in the gold at another place, while the gold has their words left.
    3. Take away blocks whose words the gold has fewer of than the kept blocks.
    """
    if not gold:
        return [False] * len(blocks)
    flat = [word for block in blocks for word in block]
    hits = aligned(flat[: MAX_BITS // len(gold)], gold)
    hits += [False] * (len(flat) - len(hits))
    kept, place = [], 0
    for block in blocks:
        kept.append(sum(hits[place : place + len(block)]) >= KEEP_SHARE * max(len(block), 1))
        place += len(block)
    return _mended(blocks, kept, gold)


def aligned(words: Sequence[Hashable], gold: Sequence[Hashable]) -> list[bool]:
    """Mark the words that a longest common subsequence with the gold takes, by rows of bits (Hyyrö 2004).

    >>> aligned("a x b c".split(), "a b y c".split())
    [True, False, True, True]
    """
    places: dict[Hashable, int] = {}
    for place, word in enumerate(gold):
        places[word] = places.get(word, 0) | 1 << place
    full = (1 << len(gold)) - 1
    row, rows = full, [full]  # a bit of 0: the subsequence grows at this word of the gold
    for word in words:
        here = places.get(word, 0) & row
        row = ((row + here) | (row - here)) & full
        rows.append(row)
    taken, at, bit = [False] * len(words), len(words), len(gold) - 1
    while at and bit >= 0:
        if rows[at] >> bit & 1:
            bit -= 1
        elif rows[at - 1] >> bit & 1:
            taken[at - 1] = True
            at, bit = at - 1, bit - 1
        else:
            at -= 1
    return taken


def _mended(blocks: Sequence[Sequence[str]], kept: list[bool], gold: Sequence[str]) -> list[bool]:
    runs = set(zip(gold, gold[1:], gold[2:], strict=False))
    lines = f" {' '.join(gold)} "
    lacking = Counter(gold)
    for block, keep in zip(blocks, kept, strict=True):
        if keep:
            lacking.subtract(block)
    for _ in range(PASSES):
        for place, block in enumerate(blocks):
            counts = Counter(block)
            if not kept[place] and block and _stands_in(block, runs, lines):
                useful = sum(min(count, max(lacking[word], 0)) for word, count in counts.items())
                if useful >= 0.7 * len(block):
                    kept[place] = True
                    lacking.subtract(block)
            elif kept[place]:
                surplus = sum(min(count, max(-lacking[word], 0)) for word, count in counts.items())
                if surplus > 0.6 * len(block):
                    kept[place] = False
                    lacking.update(block)
    return kept


def _stands_in(block: Sequence[str], runs: set[tuple[str, str, str]], gold: str) -> bool:
    """Say whether a block's runs of three words mostly stand in the gold, or all of a shorter block."""
    if len(block) < 5:
        return f" {' '.join(block)} " in gold
    found = sum(run in runs for run in zip(block, block[1:], block[2:], strict=False))
    return found >= MIN_RUNS * (len(block) - 2)
