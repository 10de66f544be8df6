"""Tokens as NLTK's WordPunctTokenizer cuts them: runs of word characters, and runs of other characters that are no white space."""

import re

_TOKEN = re.compile(r"\w+|[^\w\s]+")


def word_punct(text: str) -> list[str]:
    """Return the tokens of a text, in order.

    >>> word_punct("It's 3.5 (or so)...")
    ['It', "'", 's', '3', '.', '5', '(', 'or', 'so', ')...']
    """
    found: list[str] = _TOKEN.findall(text)
    return found
