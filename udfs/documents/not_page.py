"""Tell records and bodies that are no page of the web: a crawler's own notes, and files that sites keep for programs."""

import re

SEEN_BYTES = 1 << 16  # of a list of addresses

# Where a page of the web can be. wget notes its log below metadata:, Browsertrix what it saw of a page below urn:, text: and
# screenshot:, Heritrix a name's address below dns:.
_WEB_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "sftp", "gopher", "gemini", "file"})
_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+-]*):(?!\d+(?:/|$))")
# RFC 9309, RFC 9116, and the IAB's ads.txt: files of fixed names, whose lines are fields.
_FILE_FOR_PROGRAMS = re.compile(r"\s*[a-zA-Z]+://[^?#]*/(?:robots|security|ads|app-ads|sellers)\.txt(?:[?#]|$)", re.IGNORECASE)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?+\s*+<")
_ADDRESSES = re.compile(rb"(?:\s*+(?:https?|ftp)://[^\s<>\"]++(?=\s|\Z))++\s*+\Z", re.IGNORECASE)


def is_crawlers_own(url: str | None) -> bool:
    """Say whether an address names no place of the web, but something that a crawler made; a missing one names nothing.

    >>> is_crawlers_own("metadata://gnu.org/software/wget/warc/wget.log"), is_crawlers_own("localhost:8080/page")
    (True, False)
    """
    found = _SCHEME.match(url or "")
    return found is not None and found[1].lower() not in _WEB_SCHEMES


def is_for_programs(url: str | None, body: bytes) -> bool:
    """Say whether a body of text is a robots.txt or its like, or a sitemap in plain text: addresses and nothing else."""
    if _MARKUP.match(body):  # the page that a site shows for a file that it lacks
        return False
    start = body[:SEEN_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if len(body) > SEEN_BYTES:
        start = start.rpartition(b"\n")[0]
    return _FILE_FOR_PROGRAMS.match(url or "") is not None or _ADDRESSES.match(start) is not None
