"""How one chunk of text without white space falls into words: the affixes, infixes, URLs and exceptions of spaCy's English.

Apart from words.py because these are spaCy's rules, to be changed only with them.
"""

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise

import regex

from udfs.words.exceptions import EXCEPTIONS

# The rules below restate spaCy 3.8, spacy/lang/punctuation.py, en/punctuation.py and char_classes.py. Letters are taken from
# Unicode's categories, where spaCy lists the ranges of some scripts: the two agree on Latin, Greek and Russian.
_PUNCT = r",:;!?¿؟¡()\[\]{}<>_\#*\&。？！，、；：～·।،۔؛٪"
_QUOTES = r",'\"”“`‘´’‚„»«「」『』（）〔〕【】《》〈〉〈〉⟦⟧"
_EDGE = rf"[{_PUNCT}{_QUOTES}…—–\p{{So}}]"
_MONEY = r"US\$|C\$|A\$|[$£€¥฿﷼₠-₿]"
_UNITS = (
    "[kdcm]?m[²³]?|ha|µm|nm|yd|in|ft|[kmµ]?g|t|lb|oz|m/s|km/h|kmh|mph|hPa|Pa|mbar|m[bB]|MB|[kgt]b|[KGT]B|[TGMK%]"
    "|[кдс]?м[²³]?|мм[²³]?|нм|[км]?г|м/с|км/ч|к?Па|мбар|[КМГТ]б|[кмг]б"
)
_LOWER, _UPPER = r"\p{Ll}\p{Lo}", r"\p{Lu}\p{Lt}\p{Lo}"

_PREFIX = regex.compile(rf"\.\.+|{_EDGE}|[§%=]|\+(?![0-9])|{_MONEY}")
_SUFFIX = regex.compile(
    rf"(?:……|{_EDGE}|['’][sS]|(?<=[0-9])(?:\+|{_MONEY}|{_UNITS})|(?<=°[FfCcKk])\."
    rf"|(?<=[0-9{_LOWER}%²\-+{_PUNCT}…|{_QUOTES}])\.|(?<=[{_UPPER}][{_UPPER}])\.)\Z"
)
_INFIX = regex.compile(
    r"\.\.+|…|\p{So}|(?<=[0-9])[+\-*^](?=[0-9-])"
    rf"|(?<=[{_LOWER}{_QUOTES}])\.(?=[{_UPPER}{_QUOTES}])|(?<=\p{{L}}),(?=\p{{L}})"
    r"|(?<=[\p{L}0-9])(?:---?|——|[-–—~])(?=\p{L})|(?<=[\p{L}0-9])[:<>=/](?=\p{L})"
)
# The longest suffix is five characters and looks back at two more: a window of eight sees all that a search would.
_SUFFIX_WINDOW = 8

# The commonest cases of these rules, told without them in little over half of the time: marks that are a prefix or suffix of
# that one character at whatever edge they stand, ends of possessives, cores without and with infixes.
_ALONE = frozenset((_PUNCT + _QUOTES + "—–").replace("\\", ""))
_POSSESSIVES = ("'s", "’s", "'S", "’S")
_NUMBER = re.compile(r"[0-9]+(?:[.,:/][0-9]+)*")
_HYPHENATED = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+")
_INFIX_MARK = regex.compile(r"[.…\p{So}+\-*^,–—~:<>=/]")  # every infix holds one of them

_HOST_CHAR = r"[A-Za-z0-9\u00a1-\uffff]"
_URL = regex.compile(
    r"(?:[\w+\-.]{2,}+://)?+"
    r"(?:(?!(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.)[1-9]\d{0,2}(?:\.\d{1,3}){2}\.[1-9]\d{0,2}"
    rf"|(?:{_HOST_CHAR}(?:[A-Za-z0-9\u00a1-\uffff_-]{{0,62}}{_HOST_CHAR})?\.){{1,128}}[{_LOWER}]{{2,63}})"
    r"(?::\d{2,5})?(?:[/?\#]\S*)?\Z"
)
_AT_SIGNS_TRIED = 4  # user:password@host; a page made of @ must not cost its square

_LONGEST_EXCEPTION = max(map(len, EXCEPTIONS))
_NO_EXCEPTIONS: Mapping[str, tuple[str, ...]] = {}


def spaced_words(chunk: str, exceptions: Mapping[str, tuple[str, ...]] = EXCEPTIONS) -> tuple[str, ...]:
    """Cut a chunk without white space into words; the commonest forms (word, "word, word’s, 1,000. well-known) by a glance."""
    if chunk in exceptions:
        return exceptions[chunk]
    if chunk.isalpha():
        return (chunk,)
    bare, mark = chunk[:-1], chunk[-1]
    if (
        bare.isalpha()
        and bare.isascii()
        and bare not in exceptions
        and (mark in ",;!?)" or (mark == "." and bare[-1].islower()))
    ):
        return (bare, mark)
    low, high = int(chunk[0] in _ALONE), len(chunk)
    if mark in _ALONE or (mark == "." and high > 1 and _is_stop_after(chunk[-2])):
        high -= 1
    elif chunk[-2:] in _POSSESSIVES:
        high -= 2
    core = chunk[low:high]
    if low and high < len(chunk) and (chunk[low:] in exceptions or chunk[:high] in exceptions):
        return peeled_words(chunk, exceptions)
    if core in exceptions:
        words = exceptions[core]
    elif core.isalpha() or _NUMBER.fullmatch(core):
        words = (core,)
    elif _HYPHENATED.fullmatch(core):
        words = tuple(core.replace("-", " - ").split(" "))
    else:
        return peeled_words(chunk, exceptions)
    words = (*chunk[:low], *words, *((chunk[high:],) if high < len(chunk) else ()))
    return _rejoin_exceptions(words) if exceptions else words


def peeled_words(chunk: str, exceptions: Mapping[str, tuple[str, ...]] = EXCEPTIONS) -> tuple[str, ...]:
    """Cut a chunk without white space into words.

    Algorithm (spacy/tokenizer.pyx):
    1. Strip one prefix and one suffix at a time, until an exception or nothing strippable is left.
    2. Keep that core whole if it is an exception or a URL, else cut it at its infixes.
    3. Put exceptions together again where the cuts went through them ("Mr" + "." in "(Mr.").
    Positions move instead of strings being copied, so a megabyte of brackets costs linear time.
    """
    low, high = 0, len(chunk)
    head: list[str] = []
    tail: list[str] = []
    while low < high and not _is_exception(chunk, low, high, exceptions):
        after = _prefix_end(chunk, low, high)
        if after > low and _is_exception(chunk, after, high, exceptions):
            head.append(chunk[low:after])
            low = after
            break
        before = _suffix_start(chunk, after, high)
        if before < high and _is_exception(chunk, low, before, exceptions):
            tail.append(chunk[before:high])
            high = before
            break
        if after == low and before == high:
            break
        if after > low:
            head.append(chunk[low:after])
        if before < high:
            tail.append(chunk[before:high])
        low, high = after, before
    core = _core_words(chunk[low:high], exceptions) if low < high else ()
    words = (*head, *core, *reversed(tail))
    return _rejoin_exceptions(words) if exceptions else words


def _is_exception(chunk: str, low: int, high: int, exceptions: Mapping[str, tuple[str, ...]]) -> bool:
    return 0 < high - low <= _LONGEST_EXCEPTION and chunk[low:high] in exceptions


def _prefix_end(chunk: str, low: int, high: int) -> int:
    """Return where the prefix of chunk[low:high] ends, or low where it has none."""
    first = chunk[low]
    if first in _ALONE:
        return low + 1
    if first.isalnum() and "$" not in chunk[low : low + 3]:  # the only prefixes that start with a letter are US$, C$ and A$
        return low
    found = _PREFIX.match(chunk, low, high)
    return found.end() if found else low


def _suffix_start(chunk: str, low: int, high: int) -> int:
    """Return where the longest suffix of chunk[low:high] starts, or high where it has none."""
    if low == high:
        return high
    last, before = chunk[high - 1], chunk[high - 2] if high - low > 1 else ""
    if last in _ALONE or (last == "." and before and _is_stop_after(before)):
        return high - 1
    if before + last in _POSSESSIVES:
        return high - 2
    if last == before == ".":
        while high > low and chunk[high - 1] == ".":
            high -= 1
        return high
    start = max(low, high - _SUFFIX_WINDOW)
    window = chunk[start:high]
    if window.isalpha():  # a suffix made of letters is a unit after a digit, or an s after an apostrophe
        return high
    found = _SUFFIX.search(window)
    return start + found.start() if found else high


def _is_stop_after(char: str) -> bool:
    """Tell whether a full stop after this character is surely a suffix: after a digit or a small letter."""
    return "0" <= char <= "9" or unicodedata.category(char) in ("Ll", "Lo")


def _core_words(core: str, exceptions: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if core in exceptions:
        return exceptions[core]
    if "." in core and _is_url(core):
        return (core,)
    if core.isalpha() or not _INFIX_MARK.search(core):
        return (core,)
    words: list[str] = []
    start = 0
    for infix in _INFIX.finditer(core):
        if infix.start() > start:
            words.append(core[start : infix.start()])
        words.append(infix[0])
        start = infix.end()
    if start < len(core):
        words.append(core[start:])
    return tuple(words)


def _is_url(core: str) -> bool:
    start = 0
    for _ in range(_AT_SIGNS_TRIED):
        if _URL.match(core, start):
            return True
        start = core.find("@", start + 1) + 1
        if start == 0:
            break
    return False


def _pieces_of_exceptions() -> dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]]:
    """Return by its first two pieces, for each exception that the cuts go through, all pieces and its words."""
    by_two: dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]] = {}
    for text, words in EXCEPTIONS.items():
        pieces = spaced_words(text, _NO_EXCEPTIONS)
        if pieces != words and len(pieces) > 1:
            by_two.setdefault(pieces[:2], {})[pieces] = words
    return by_two


def _rejoin_exceptions(words: tuple[str, ...]) -> tuple[str, ...]:
    """Replace runs of words that are the pieces of an exception; of runs that overlap the longest, then the first, wins."""
    if _PIECES.keys().isdisjoint(pairwise(words)):
        return words
    found = [
        (-len(pieces), start, whole)
        for start, two in enumerate(pairwise(words))
        if two in _PIECES
        for pieces, whole in _PIECES[two].items()
        if words[start : start + len(pieces)] == pieces
    ]
    taken: set[int] = set()
    replaced: dict[int, tuple[int, tuple[str, ...]]] = {}
    for negative_length, start, whole in sorted(found):
        end = start - negative_length
        if start not in taken and end - 1 not in taken:
            replaced[start] = (end, whole)
        taken.update(range(start, end))
    joined: list[str] = []
    place = 0
    while place < len(words):
        end, whole = replaced.get(place, (place + 1, words[place : place + 1]))
        joined += whole
        place = end
    return tuple(joined)


_PIECES = _pieces_of_exceptions()
