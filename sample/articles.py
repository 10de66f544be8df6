"""Articles as captures: most as their site serves them, some with an oddity of the real web."""

import re
from dataclasses import dataclass, replace
from html import escape

from sample import bank
from sample.bank import Article
from sample.capture import Capture
from sample.draw import draw, shuffled
from sample.sites import Page, paragraphs, site
from sample.templates import render

SITES = 72

# How many of the English articles carry each oddity; the others are served as they are, and some of those are copied.
ODDITIES = (
    ("cookie_lines", 4),
    ("pii", 5),
    ("opt_out", 5),
    ("licence", 3),
    ("truncated", 1),
    ("lorem_ipsum", 3),
    ("broken_html", 3),
    ("deep_nesting", 1),
    ("corrupt_member", 1),
    ("garbage_http", 1),
    ("plain_text", 1),
    ("charset", 2),
)
# headers, head element, facts
_OPT_OUTS = (
    ((("X-Robots-Tag", "noai"),), "", ("x-robots-tag:noai",)),
    ((("X-Robots-Tag", "noai, noimageai"),), "", ("x-robots-tag:noai", "x-robots-tag:noimageai")),
    ((), '<meta name="robots" content="index, noai, noimageai">', ("meta:noai", "meta:noimageai")),
    ((("TDM-Reservation", "1"),), "", ("tdm-reservation:1",)),
    ((), '<meta name="tdm-reservation" content="1">', ("tdm-reservation:1",)),
)
_LICENCES = ("licenses/by/4.0", "licenses/by-sa/4.0", "publicdomain/zero/1.0")


@dataclass(frozen=True)
class Encoding:
    """How a page is encoded and what is said of it: Python codec, labels in header and meta, the true WHATWG name."""

    codec: str
    header: str | None
    meta: str | None
    truth: str


_WINDOWS = Encoding("cp1252", "windows-1252", None, "windows-1252")
_ENCODINGS: dict[str, tuple[Encoding, ...]] = {
    "en": (Encoding("utf-16", None, None, "utf-16le"), Encoding("utf-8", "x-mill-special", "x-mill-special", "utf-8")),
    "de": (_WINDOWS, Encoding("cp1252", None, "iso-8859-1", "windows-1252")),
    "fr": (Encoding("cp1252", None, "windows-1252", "windows-1252"), Encoding("utf-8", "iso-8859-1", "utf-8", "utf-8")),
    "es": (_WINDOWS,),
    "it": (Encoding("cp1252", "iso-8859-1", "iso-8859-1", "windows-1252"),),
    "ru": (
        Encoding("koi8-r", "koi8-r", None, "koi8-r"),
        Encoding("cp1251", None, "windows-1251", "windows-1251"),
        Encoding("cp1251", "utf-8", "windows-1251", "windows-1251"),
        Encoding("cp1251", None, None, "windows-1251"),
    ),
    "ja": (Encoding("cp932", None, "Shift_JIS", "shift_jis"), Encoding("euc-jp", "EUC-JP", None, "euc-jp")),
    "zh": (Encoding("gbk", "gbk", None, "gbk"), Encoding("gbk", None, "gb2312", "gbk")),
    "pl": (
        Encoding("iso8859-2", "iso-8859-2", None, "iso-8859-2"),
        Encoding("iso8859-2", None, "ISO-8859-2", "iso-8859-2"),
        Encoding("cp1250", "windows-1250", "windows-1250", "windows-1250"),
    ),
}


def served(article: Article, *, name: str, site_number: int, kind: str = "article", head: str = "") -> Capture:
    """Return the capture of an article on a site, in UTF-8 and without oddities."""
    home = site(article.language, site_number % SITES)
    page = Page(name, home, article.title, paragraphs(*article.paragraphs), head)
    _, topic, number = article.name.split("/")
    return Capture(
        name=name,
        url=f"https://www.{home.host}/{topic}-{number}",
        kind=kind,
        body=render(page).encode(),
        language=article.language,
        main_text=article.text,
    )


def home_of(article: Article) -> int:
    """Return the number of the site that an article appeared on first."""
    return draw(SITES, "site", article.name)


def original(article: Article) -> Capture:
    """Return an article's first capture, as it is."""
    return served(article, name=article.name, site_number=home_of(article))


def plain_articles(language: str) -> list[Article]:
    """Return the articles of a language that carry no oddity, in drawn order."""
    return shuffled(bank.articles(language), "roles")[_odd_count(language) :]


def article_captures() -> list[Capture]:
    """Return one capture for each article of every language, with its oddity if it has one."""
    found = [original(article) for language in bank.languages() for article in plain_articles(language)]
    english = iter(shuffled(bank.articles("en"), "roles"))
    for kind, count in ODDITIES:
        found += [_odd(next(english), kind, number) for number in range(count)]
    for language in bank.languages()[1:]:
        others = shuffled(bank.articles(language), "roles")
        found += [_encoded(article, encoding) for article, encoding in zip(others, _ENCODINGS[language], strict=False)]
    return found


def _odd_count(language: str) -> int:
    return sum(count for _, count in ODDITIES) if language == "en" else len(_ENCODINGS[language])


def _odd(article: Article, kind: str, number: int) -> Capture:
    """Return the capture of an article with its oddity; `number` counts the articles of that kind."""
    capture = replace(original(article), kind=kind)
    if kind in ("cookie_lines", "pii", "lorem_ipsum"):
        return _with_passage(article, kind, number)
    if kind == "opt_out":
        headers, head, facts = _OPT_OUTS[number]
        marked = served(article, name=article.name, site_number=home_of(article), kind=kind, head=head)
        return replace(marked, headers=headers, opt_out=facts)
    if kind == "licence":
        link = f"https://creativecommons.org/{_LICENCES[number]}"
        marked = served(
            article,
            name=article.name,
            site_number=home_of(article),
            kind=kind,
            head=f'<link rel="license" href="{link}/">',
        )
        return replace(marked, licence=link)
    if kind == "charset":
        return _encoded(article, _ENCODINGS["en"][number])
    if kind == "truncated":
        return _cut(article, capture)
    if kind == "broken_html":
        return replace(capture, body=_break(capture.body, number))
    if kind == "deep_nesting":
        deep = b"<div>" * 3000 + b"<span>.</span>" + b"</div>" * 3000
        return replace(capture, body=capture.body.replace(b"</body>", deep + b"</body>"))
    if kind == "corrupt_member":
        return replace(capture, damaged=True, expected="unreadable")
    if kind == "garbage_http":
        return replace(
            capture,
            head=b"\x16\x03\x01\x02\0ICY what? \xff\xfe\r\n\0\0\r\n\r\n",
            expected="dropped",
            reason="http_status",
            status=0,
            charset=None,
        )
    text = "\n\n".join((article.title, *article.paragraphs))
    return replace(capture, body=text.encode(), content_type="text/plain; charset=utf-8", payload_type="text/plain")


def _with_passage(article: Article, kind: str, number: int) -> Capture:
    """Put a foreign passage after the first paragraph: policy lines, personal data, or filler text."""
    hand = bank.table("handwritten")
    first, *rest = article.paragraphs
    if kind == "cookie_lines":
        lines = tuple(hand["cookie_lines"]["lines"])
        longer = article.with_paragraphs(first, *lines[number % 2 :: 2], *rest)
        capture = served(longer, name=article.name, site_number=home_of(article), kind=kind)
        return replace(capture, main_text=article.text, unwanted=lines[number % 2 :: 2])
    if kind == "lorem_ipsum":
        longer = article.with_paragraphs(first, *rest, hand["lorem"]["text"])
        return replace(
            served(longer, name=article.name, site_number=home_of(article), kind=kind),
            expected="dropped",
            reason="quality_rules",
        )
    passage = hand["personal"][number]
    mails = passage["emails"]
    text = passage["text"].format(email=mails[0] if mails else "", other=mails[-1] if mails else "")
    longer = article.with_paragraphs(first, text, *rest)
    return replace(
        served(longer, name=article.name, site_number=home_of(article), kind=kind), pii=(*mails, *passage["addresses"])
    )


def _encoded(article: Article, encoding: Encoding) -> Capture:
    """Return an article's capture in another encoding, with what header and meta element say about it."""
    capture = original(article)
    meta = f'<meta charset="{encoding.meta}">' if encoding.meta else ""
    html = capture.body.decode().replace('<meta charset="utf-8">', meta)
    body = html.encode("utf-16-le") if encoding.codec == "utf-16" else html.encode(encoding.codec, "xmlcharrefreplace")
    return replace(
        capture,
        kind="charset",
        body=b"\xff\xfe" + body if encoding.codec == "utf-16" else body,
        content_type=f"text/html; charset={encoding.header}" if encoding.header else "text/html",
        charset=encoding.truth,
    )


def _cut(article: Article, capture: Capture) -> Capture:
    """Cut the page off in the middle of its last paragraph, as a crawler's size limit does."""
    last = article.paragraphs[-1]
    kept = last[: len(last) // 2].rsplit(" ", 1)[0]
    body = capture.body[: capture.body.index(escape(kept, quote=False).encode()) + len(escape(kept, quote=False).encode())]
    text = article.with_paragraphs(*article.paragraphs[:-1], kept).text
    return replace(capture, body=body, main_text=text, truncated="length")


def _break(body: bytes, number: int) -> bytes:
    """Damage the markup in one of three ways: no closing tags, crossed inline tags, a document within the document."""
    if number == 0:
        return re.sub(rb"</(?:p|li|div|article|section|main|body|html)>", b"", body)
    if number == 1:
        return re.sub(rb"<p>([^<]{20})", rb"<p><b><i>\1</b></i></span>", body).replace(b"</h1>", b"</h2>", 1)
    return body.replace(b"<body", b"<head></head><body><html><body", 1).replace(b"</nav>", b"", 1) + b"<!-- never closed <p>"
