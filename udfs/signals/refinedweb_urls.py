"""URLs and IPv4 addresses in running text, as DCLM cuts them (RefinedWeb's step of the same name).

DCLM's pattern knows a URL by its top-level domain, so it takes email addresses and names of hosts too. Its code looks for URLs
only on pages that *begin* with the letters of a top-level domain ("In", "The"); that slip is `faithful` here.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from udfs.edits.edit import Edit

URLS, ADDRESSES = "refinedweb_url", "refinedweb_ip"  # kinds of edits
_ENDING = re.compile(r"\.(\w+)\b")
_TAIL = r"[-a-zA-Z0-9()@:%_\+.~#?&//=]*"
_IPV4 = re.compile(rf"\s{{0,10}}\b(?:(?:https?|ftp)://)?(?:[0-2]?[0-9]{{1,2}}\.){{3}}[0-2]?[0-9]{{1,2}}{_TAIL}")
_IPV4_MAYBE = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")  # cheap: hardly a page has one
_FIRST = re.compile(r"\w{1,63}")  # a label has at most 63 characters (RFC 1035)
# in DCLM's stored list and delegated no more, or never: pages that begin with "An", "And", "Any" begin with one
_RETIRED = frozenset(("an", "bl", "bq", "eh", "mf", "tp", "um"))
_PATTERNS = 64  # that a page may have made: each takes a millisecond, and a page may have a million pairs of domains
_SPACE_BEFORE = 10  # characters of white space that go with a URL


def urls(text: str, *, faithful: bool) -> Iterator[Edit]:
    """Yield the cuts of URLs; with `faithful` none on a page that does not begin with the letters of a top-level domain."""
    retired = _RETIRED if faithful else frozenset()
    if faithful and not _begins_with_domain(text):
        return
    done, asked = 0, set[frozenset[str]]()
    every: frozenset[str] | None = None
    for found in _ENDING.finditer(text):
        if found.start() < done or not (is_top_level(found[1]) or found[1] in retired):
            continue
        start, done = _run(text, found.start())
        if len(asked) < _PATTERNS:
            asked.add(endings := _endings(text, start, done, retired))
        else:  # an ending that the run does not have matches nothing in it: each is a whole word behind a dot
            endings = every = every or _endings(text, start, len(text), retired)
        yield from (Edit(*url.span(), "", URLS) for url in _pattern(endings).finditer(text, _with_space(text, start), done))


def _endings(text: str, start: int, end: int, retired: frozenset[str]) -> frozenset[str]:
    """Return the top-level domains that a part of the text has behind dots."""
    return frozenset(one[1] for one in _ENDING.finditer(text, start, end) if is_top_level(one[1]) or one[1] in retired)


def addresses(text: str) -> Iterator[Edit]:
    """Yield the cuts of IPv4 addresses and whatever looks like one, such as a version of four numbers."""
    if _IPV4_MAYBE.search(text):
        yield from (Edit(*found.span(), "", ADDRESSES) for found in _IPV4.finditer(text))


@lru_cache(maxsize=1 << 14)
def is_top_level(label: str) -> bool:
    """Tell whether a label, in lower case, is a top-level domain of the public suffix list's ICANN part.

    >>> [is_top_level(label) for label in ("com", "Com", "museum", "txt")]
    [True, False, True, False]
    """
    return label == label.lower() and _suffixes().publicsuffix(label) is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True, accept_unknown=False)


def _begins_with_domain(text: str) -> bool:
    """Tell whether the first letters of a text, of whatever case, are a top-level domain: "The end" begins with "th"."""
    first = _FIRST.match(text)
    if first is None:
        return False
    letters = first[0].lower()
    return any(is_top_level(letters[:length]) or letters[:length] in _RETIRED for length in range(2, 1 + len(letters)))


def _run(text: str, place: int) -> tuple[int, int]:
    """Return the span of what stands without white space around a place; a URL has none in it."""
    start = end = place
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end


def _with_space(text: str, start: int) -> int:
    least = max(0, start - _SPACE_BEFORE)
    while start > least and text[start - 1].isspace():
        start -= 1
    return start


@lru_cache(maxsize=1 << 12)
def _pattern(endings: frozenset[str]) -> re.Pattern[str]:
    """Return DCLM's pattern with the top-level domains that the text at hand has, since one with all 1,600 is slow."""
    known = "|".join(sorted(map(re.escape, endings)))
    return re.compile(rf"\s{{0,10}}(?:(?:https?|ftp)://)?[-a-zA-Z0-9@:%._\+~#=]{{1,256}}\.(?:{known})\b{_TAIL}")
