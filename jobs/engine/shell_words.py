"""Write a word so that a line which is printed to be pasted into a shell means it."""

import shlex


def argument(word: str) -> str:
    r"""Return a word in quotes if a shell would read it otherwise; one that begins with a dash is made a path.

    >>> argument("out/a b"), argument("https://a.example/?x=1&y=2"), argument("out/plain"), argument("-r/x")
    ("'out/a b'", "'https://a.example/?x=1&y=2'", 'out/plain', './-r/x')
    """
    return shlex.quote(f"./{word}" if word.startswith("-") else word)
