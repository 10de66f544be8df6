"""Cut a long text into segments that fit a model, at the ends of paragraphs where that can be."""

import re
from collections.abc import Iterator

from udfs.signals.tokens import token_count

_PARAGRAPH = re.compile(r".*?(?:\n+|\Z)", re.DOTALL)
_SENTENCE = re.compile(r".*?(?:[.!?。！？]['\")\]”’]*\s+|[。！？]|\Z)", re.DOTALL)
_WORD = re.compile(r"\S*\s*")
TOKENS_OF_A_CHARACTER = 4  # at most, in GPT-2's vocabulary of bytes


def segments(text: str, max_tokens: int) -> list[str]:
    """Return pieces of at most `max_tokens` GPT-2 tokens each, about equally long, whose concatenation is the text.

    A paragraph that is longer is cut at the ends of sentences, a sentence between words, a word anywhere.

    >>> segments("One two.\\n\\nThree four.\\n", 5)
    ['One two.\\n\\n', 'Three four.\\n']
    """
    pieces = list(_fitting(text, max_tokens))
    total = sum(tokens for _, tokens in pieces)
    target = total / max(1, -(-total // max_tokens))
    cut: list[str] = []
    held, size = "", 0
    for piece, tokens in pieces:
        if held and (size + tokens > max_tokens or size + tokens / 2 > target):
            cut.append(held)
            held, size = "", 0
        held, size = held + piece, size + tokens
    return [*cut, held] if held else cut


def _fitting(text: str, most: int) -> Iterator[tuple[str, int]]:
    """Yield the smallest cuts that fit, each with its tokens."""
    for paragraph in _PARAGRAPH.findall(text):
        yield from _cut(paragraph, most, (_SENTENCE, _WORD))


def _cut(piece: str, most: int, smaller: tuple[re.Pattern[str], ...]) -> Iterator[tuple[str, int]]:
    if not piece:
        return
    tokens = token_count(piece)
    if tokens <= most:
        yield piece, tokens
    elif smaller:
        for part in smaller[0].findall(piece):
            yield from _cut(part, most, smaller[1:])
    else:
        step = max(1, most // TOKENS_OF_A_CHARACTER)
        for start in range(0, len(piece), step):
            part = piece[start : start + step]
            yield part, token_count(part)
