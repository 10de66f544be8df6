"""Find email addresses in running text: RFC 5322's dotted names, quoted ones, and the international ones of RFC 6531.

Every search is bounded (RFC 5321: 64 characters before the "@", 255 after), so the time is linear in the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex
from publicsuffixlist import PublicSuffixList

from udfs.words.scripts import NAMES

Span = tuple[int, int]

_LOCAL_LIMIT = 64
_DOMAIN_LIMIT = 255
_AT = re.compile("[@＠﹫]")  # East Asian pages write the full-width sign
_MARKS = "!#$%&'*+/=?^`{|}~.-"
_LETTERS = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{NAMES}\p{{Hangul}}]]"  # of scripts in which a space ends a word
_GLUED = rf"[{NAMES}\p{{Hangul}}]"  # letters that stand next to an address without a space, and are no part of it
_LOCAL_REVERSED = re.compile(r"[A-Za-z0-9_+=-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*+")
_LOCAL_REVERSED_ANY = regex.compile(rf"(?V1)(?:[_+=-]|{_LETTERS})(?:[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]|{_LETTERS})*+|{_GLUED}++")
_QUOTED = re.compile(r"\"[^\"\n\\]{1,62}\"\Z")
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*+")
_DOMAIN_ANY = regex.compile(r"(?V1)[\p{L}\p{N}][\p{L}\p{M}\p{N}.．-]*+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_LABEL_ANY = regex.compile(
    rf"(?V1)[A-Za-z0-9０-９Ａ-Ｚａ-ｚ](?:(?:-|{_LETTERS})*{_LETTERS})?|[\p{{L}}\p{{N}}](?:[\p{{L}}\p{{M}}\p{{N}}-]*[\p{{L}}\p{{M}}\p{{N}}])?"
)
_TOP_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")
_ACCOUNT = re.compile(
    r"(?:ssh|git|svn|hg|bzr|rsync|s?ftp|https?)(?:\+[a-z]+)?://(?:[^\s/@:]{0,64}:)?\Z", re.IGNORECASE
)  # RFC 3986: user information
_ACCOUNT_CHARS = 80
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_LITERAL = re.compile(rf"\[(?:(?:{_OCTET}\.){{3}}{_OCTET}|IPv6:[0-9A-Fa-f:.]{{2,45}})\]")
_REPOSITORIES = frozenset({"git", "hg", "svn"})
# Endings of file names that are no top-level domain: "icon@2x.png" is a picture, "app@main.js" a script.
_FILE_ENDINGS_WORDS = (
    "png jpg jpeg jpe gif svg webp avif heic ico bmp tif tiff pdf css scss less js mjs cjs jsx ts tsx "
    "json html htm xhtml xml yml yaml toml ini txt csv tsv md5 log woff woff2 ttf otf eot mp3 mp4 m4a m4v "
    "webm ogg wav flac avi mkv exe dll dmg deb rpm jar war tgz gz bz2 xz rar doc docx xls xlsx ppt pptx "
    "odt php asp aspx jsp cgi swf psd"
)
_FILE_ENDINGS = frozenset(_FILE_ENDINGS_WORDS.split())


def email_spans(text: str) -> Iterator[Span]:
    """Yield where each address begins and ends, in order and without overlaps."""
    floor = 0  # the end of the last address: the next begins after it
    for sign in _AT.finditer(text) if _has_wide_sign(text) else re.finditer("@", text):
        at = sign.start()
        if at < floor:
            continue
        start = _local_start(text, at, floor=floor)
        end = _domain_end(text, at + 1) if start < at else at
        if end > at and not _is_account(text, start, at, end):
            yield start, end
            floor = end


def _is_account(text: str, start: int, at: int, end: int) -> bool:
    """Tell whether the part before the "@" is the user of a repository, or of a server that a URL names."""
    if text[start:at] in _REPOSITORIES and text[end : end + 1] == ":":
        return True
    before = text[max(0, start - _ACCOUNT_CHARS) : start]
    return "://" in before and "/" not in text[start:at] and _ACCOUNT.search(before) is not None


def _has_wide_sign(text: str) -> bool:
    return not text.isascii() and ("＠" in text or "﹫" in text)


def _local_start(text: str, at: int, *, floor: int) -> int:
    """Return where the part before the "@" begins, or `at` if there is none.

    That is the longest run of its characters without two dots in a row, less any punctuation it begins with; or a quoted text.
    """
    before = text[max(floor, at - _LOCAL_LIMIT - 1) : at]
    if before.endswith('"'):
        quoted = _QUOTED.search(before)
        return at - len(quoted[0]) if quoted else at
    run = (_LOCAL_REVERSED if before.isascii() else _LOCAL_REVERSED_ANY).match(before[::-1])
    if run is None or run.end() > _LOCAL_LIMIT:
        return at
    local = run.group()[::-1].rpartition("..")[2]
    return at - len(local.lstrip(_MARKS))


def _domain_end(text: str, start: int) -> int:
    """Return where the domain or [address] after the "@" ends, or -1 if there is none."""
    literal = _LITERAL.match(text, start)
    if literal is not None:
        return literal.end()
    window = text[start : start + _DOMAIN_LIMIT + 1]
    run = _DOMAIN.match(window) if window.isascii() else _DOMAIN_ANY.match(window)
    if run is None or run.end() > _DOMAIN_LIMIT:
        return -1
    labels = _labels(run.group())
    if labels and labels[-1].lower() in _FILE_ENDINGS:
        return -1
    while labels and not _is_top(labels[-1]):
        labels.pop()
    return start + len(".".join(labels)) if len(labels) > 1 else -1


def _labels(domain: str) -> list[str]:
    """Return the labels of a domain up to the first that is none; letters that are glued to a label end the domain."""
    pattern = _LABEL if domain.isascii() else _LABEL_ANY
    labels: list[str] = []
    for label in re.split("[.．]", domain):
        valid = pattern.match(label)
        if valid is None:
            break
        labels.append(valid.group())
        if valid.end() < len(label):
            break
    return labels


# The test domains of IANA: no address there is real, but each has the form of one.
_TESTS = "广告 日本 测试 測試 테스트 テスト испытание δοκιμή परीक्षा பரிட்சை إختبار آزمایشی טעסט"
_TEST_DOMAINS = frozenset(_TESTS.split())


def _is_top(label: str) -> bool:
    """Tell whether a label can be a top-level domain: in ASCII, of full width or not, by its form, else if there is one of that name."""
    plain = unicodedata.normalize("NFKC", label).lower()
    return _TOP_LABEL.fullmatch(plain) is not None if plain.isascii() else plain in _TEST_DOMAINS or _is_known(plain)


@lru_cache(maxsize=1024)
def _is_known(label: str) -> bool:
    return _suffixes().publicsuffix(label, accept_unknown=False) is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
