"""Tell legacy text whose bytes happen to be valid UTF-8 from UTF-8 that is called something else.

Text of another charset is valid UTF-8 only if it is short: of common Chinese characters in GBK, about one in five is valid on its
own, so that twenty in a row are so once in 10^14 pages. Read as UTF-8 they are letters of scripts that nobody mixes.
"""

import re
import unicodedata

MAX_CHARACTERS = 20
MAX_LATIN_RUN = (
    2  # letters with accents in a row, in languages that a page in a charset for Chinese, Japanese or Korean holds beside
)

_RUN = re.compile(r"[^\x00-\x7f]+")
_NEUTRAL = re.compile("[\xa0\xad\ufeff]|(.)(?=\\1)", re.DOTALL)  # spaces, and all but the last of a row of the same characters
_SCRIPTS = (
    ("latin", 0xA1, 0x24F),
    ("combining", 0x300, 0x36F),
    ("greek", 0x384, 0x3E1),
    ("cyrillic", 0x400, 0x45F),
    ("cyrillic", 0x490, 0x491),
    ("armenian", 0x531, 0x58F),
    ("hebrew", 0x591, 0x5F4),
    ("arabic", 0x600, 0x6FF),
)


def is_utf8_by_chance(text: str, *, is_multibyte: bool) -> bool:
    """Say whether a page that decodes as UTF-8 is more likely text of the charset that it declares.

    It is if it has few characters beyond ASCII, and most of them stand in runs that no language writes. Where the declared charset
    is one of several bytes a character, a row of accented letters is such a run too.

    >>> is_utf8_by_chance("校园影院".encode("gbk").decode("utf-8"), is_multibyte=True)
    True
    >>> is_utf8_by_chance("déjà vu: naïve", is_multibyte=True)
    False
    """
    odd = seen = 0
    for match in _RUN.finditer(text):
        seen += len(match[0])
        if seen > MAX_CHARACTERS or max(match[0]) > "\u07ff":  # signs of three bytes: nothing else looks so
            return False
        run = _NEUTRAL.sub("", match[0])
        odd += len(run) if _is_odd(run, is_multibyte=is_multibyte) else 0
    return 2 * odd > seen


def _is_odd(run: str, *, is_multibyte: bool) -> bool:
    scripts = {_script(character) for character in run} - {"combining"}
    if len(scripts) > 1 or None in scripts:
        return True
    return is_multibyte and scripts == {"latin"} and len(run) > MAX_LATIN_RUN


def _script(character: str) -> str | None:
    """Name the script of a character in common use; None for a control, an unassigned one and those of rare scripts."""
    if unicodedata.category(character) in ("Cn", "Cc"):
        return None
    return next((name for name, first, last in _SCRIPTS if first <= ord(character) <= last), None)
