"""Find IPv4 addresses of the public internet in running text: not versions, numbers of sections, or object identifiers."""

import ipaddress
import re
from collections.abc import Iterator

Span = tuple[int, int]

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_FOUR = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
# A hyphen with a number makes it another thing, but for a range: "8.8.8.1-8.8.8.9".
_IPV4 = re.compile(rf"(?<![A-Za-z0-9_.])(?<![^/]/){_FOUR}(?![A-Za-z0-9_]|\.[0-9]|-(?!{_FOUR}(?![A-Za-z0-9_]|[.-][0-9]))[0-9])")
# Words after which four numbers are a version, a section or an identifier.
_NUMBERED = re.compile(
    r"(?:\b(?:versions?|vers?|v|releases?|rel|build|firmware|fw|drivers?|update|patch|rev|revision|kernel|sdk|api|software|plug-?in|package|"
    r"sections?|sect?|chapters?|chap|clauses?|articles?|art|paragraphs?|para|figures?|fig|tables?|tab|appendix|annex|steps?|items?|rules?|"
    r"parts?|points?|oids?|kapitel|kap|abschnitt|abschn|abs|ziffer|punkt|chapitre|cap[ií]tulos?|capitolo|secci[oó]n|seção|sezione|"
    r"tel|téléphone|telefon|phone|fax|"
    r"versi[oó]n|versione|versão|wersja|wersji|verze|verzi[oó]|versie|sürüm|rozdział|hoofdstuk)\b|версия|версии|раздел[а-я]*|глав[а-я]+|пункт[а-я]*|"
    r"phiên bản|バージョン|版本|版|버전|第|§{1,2}|№)[.:=]?\s{0,2}\(?\Z",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!\w)([A-Z]\w*[a-z]\w*|[a-z]+[A-Z]\w*|[A-Z]+[0-9]\w*)[ \u00a0]\Z")  # such as LibreOffice, iOS, DB2
# Programs whose names are written small, the signs by which a package is pinned, and a reference: before small numbers.
_PROGRAM = re.compile(
    r"(?:\b(?:nginx|apache|httpd|php|mysql|mariadb|postgres(?:ql)?|sqlite|redis|openssl|openssh|python|perl|ruby|node|npm|java|jdk|jre|gcc|"
    r"glibc|bash|curl|wget|vim|git|docker|linux|android|chrome|chromium|firefox|django|numpy|see|cf|vgl|siehe|voir|ver)\.?\s|"
    r"[=~<>!]=\s?|\b(?:upgrad|downgrad|updat|migrat)\w*\s(?:\w+\s)?(?:from|to)\s)\(?\Z",
    re.IGNORECASE,
)
_BEFORE_ADDRESSES_WORDS = (
    "address addresses server servers host hosts client node router gateway proxy resolver ping from to "
    "at via by with and or the is on for in use using adresse nameserver secondary primary public static "
    "remote local ip ips ipv4 ipv6 dns wan lan vpn nat ntp vps"
)
_BEFORE_ADDRESSES = frozenset(_BEFORE_ADDRESSES_WORDS.split())
_HEADING = re.compile(r"(?:^|\n)[\s#|*•–-]{0,8}\Z")
_TITLE = re.compile(r"\.?[ \t\u00a0]{1,4}(?:[–—:-][ \t\u00a0]{1,4})?([^\W\d_])")
_LIST = re.compile(r"\s{0,2}(?:,|;|/|&|[–-]|and|or|to|through|und|oder|bis|et|ou|y|o|e|и|до|,\s?and)\s{0,2}")
SMALL = 50  # one address in 600 has four parts this small, nearly every version and section has
_CONTEXT = 24  # characters before an address that are looked at


def ip_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield where each address begins and ends, in order."""
    numbered = -1  # the end of the last version or section
    before = -1  # the end of the last four numbers
    for match in _IPV4.finditer(text, start, end):
        if text[match.start() - 1 : match.start()] == "-" and before != match.start() - 1:
            continue
        before = match.end()
        listed = numbered >= 0 and _LIST.fullmatch(text, numbered, match.start()) is not None
        if listed or _is_numbered(text, match.start(), match.end()):
            numbered = match.end()
        elif _is_public(match[0]):
            yield match.span()


def _is_public(address: str) -> bool:
    """Tell whether an address is one machine's in the public internet: one of a group (RFC 5771) is nobody's."""
    found = ipaddress.IPv4Address(address)
    return found.is_global and not found.is_multicast


def _is_numbered(text: str, start: int, end: int) -> bool:
    """Tell whether four numbers are a version, a section or an identifier, by what stands before them.

    That is a word for one; or, where all four are small, the name of a product, or the beginning of a line with a title behind.
    """
    before = text[max(0, start - _CONTEXT) : start]
    if _NUMBERED.search(before):
        return True
    if max(map(int, text[start:end].split("."))) > SMALL:
        return False
    if _PROGRAM.search(before):
        return True
    name = _NAME.search(before)
    if name is not None:
        return name[1].lower() not in _BEFORE_ADDRESSES
    opens = start == 0 or _HEADING.search(text, max(0, start - _CONTEXT), start) is not None
    title = _TITLE.match(text, end) if opens else None
    return title is not None and not title[1].islower()
