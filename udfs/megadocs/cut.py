"""Cut a page into pieces of equally many tokens, at exact places of its text."""

from itertools import pairwise

from udfs.signals.tokens import token_starts

Span = tuple[int, int]  # characters [start, end) of a text, counted in code points


def cut(text: str, *, pieces: int) -> tuple[Span, ...]:
    """Return the spans of a text's pieces, in order; together they are the whole text.

    Of n tokens each piece has n // pieces, and the first n % pieces have one more (marin's experiments/data_efficiency).
    The tokens are GPT-2's. Cutting is done in the text, never by decoding tokens, so no character breaks: one whose bytes
    lie in two pieces goes to the second. A text with fewer tokens than pieces has empty spans.

    >>> cut("one two three four five", pieces=2)
    ((0, 13), (13, 23))
    """
    if pieces < 1:
        raise ValueError(f"a text cannot be cut into {pieces} pieces")
    starts = token_starts(text)
    width, extra = divmod(len(starts), pieces)
    firsts = [width * piece + min(piece, extra) for piece in range(1, pieces)]  # the first token of each piece but the first
    cuts = [int(starts[first]) if first < len(starts) else len(text) for first in firsts]
    return tuple(pairwise([0, *cuts, len(text)]))
