"""Turn the bytes of one page into text and metadata: a pure function, run in a child because pages are hostile."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from udfs import opt_out
from udfs.charset import decode_page
from udfs.http_message import HTML_TYPES

MAX_FIELD_CHARS = 1000  # of a title, a language, a date: they end up in every listing
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ISO_DATE = re.compile(r"\s*(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)(?!\d)")
_DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.issued",
    "citation_publication_date",
    "pubdate",
)
_JSON_DATE = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{8,40})\"")
_TIME_DATE = re.compile(r"<time\b[^>]{0,200}itemprop=[\"']?datePublished[^>]{0,200}datetime=[\"']([^\"']{8,40})", re.IGNORECASE)
_HTML_TAG = re.compile(r"<html\b([^>]{0,2048})>", re.IGNORECASE)


@dataclass(frozen=True)
class ExtractSettings:
    """Choose how pages are extracted and what one of them may cost."""

    extractor: Literal["trafilatura", "resiliparse"] = "trafilatura"
    favor: Literal["precision", "default", "recall"] = "precision"
    timeout_s: float = 10.0
    memory_mb: int = 2048
    max_page_bytes: int = 10 << 20
    max_record_bytes: int = 32 << 20


@dataclass(frozen=True)
class PageRequest:
    """One page to extract: its decoded HTTP body, its media type, and the charset the HTTP header names."""

    body: bytes
    mime: str
    charset: str | None


@dataclass(frozen=True)
class PageResult:
    """What became of a page: "extracted", "dropped" (empty_text), or "failed" with a reason and the error's words."""

    outcome: Literal["extracted", "dropped", "failed"]
    reason: str | None = None
    error: str | None = None
    charset: str | None = None
    charset_source: str | None = None
    extractor: str | None = None
    title: str | None = None
    published: str | None = None
    language: str | None = None
    licence: str | None = None
    opt_out: tuple[str, ...] = ()
    text: str | None = None


def extract_page(page: PageRequest, *, settings: ExtractSettings) -> PageResult:
    """Extract one page; the same bytes give the same result, whatever was extracted before."""
    decoded = decode_page(page.body, header=page.charset)
    result = PageResult("dropped", "empty_text", charset=decoded.charset, charset_source=decoded.source, extractor="plain")
    try:
        if page.mime in HTML_TYPES and "<" in decoded.text:  # plain text is often served as HTML
            tree = HTMLTree.parse(decoded.text)
            result = replace(result, extractor=settings.extractor, **_metadata(tree, decoded.text))
            text = _main_text(tree, decoded.text, settings=settings)
        else:
            text = decoded.text
    except MemoryError:
        raise
    except Exception as error:
        return replace(result, outcome="failed", reason="extractor_error", error=_field(f"{type(error).__name__}: {error}"))
    text = storable(text).strip()
    return replace(result, outcome="extracted", reason=None, text=text) if text else result


def storable(text: str) -> str:
    """Replace what Arrow and Parquet cannot hold: NUL goes, a lone surrogate becomes U+FFFD."""
    return _UNSTORABLE.sub(lambda match: "" if match[0] == "\0" else "\N{REPLACEMENT CHARACTER}", text)


def _main_text(tree: HTMLTree, html: str, *, settings: ExtractSettings) -> str:
    if settings.extractor == "resiliparse":
        return str(extract_plain_text(tree, main_content=True))
    from trafilatura import extract  # 0.25 s and 60 MB that the parent process, which needs the types only, is spared

    # deduplicate stays False: it keeps state from page to page, and the same page gives None after a few times.
    text = extract(
        html,
        favor_precision=settings.favor == "precision",
        favor_recall=settings.favor == "recall",
        include_comments=False,
        include_tables=True,
        deduplicate=False,
    )
    return text or ""


def _metadata(tree: HTMLTree, html: str) -> dict[str, Any]:
    """Read title, date, language, opt-outs and licence off a page, in 0.3 ms.

    The date is the one the page declares (meta, JSON-LD, time element); guessing it from the text, as htmldate does,
    costs 8 ms and depends on today's date.
    """
    found = _HTML_TAG.search(html[: opt_out.HEAD_CHARS])
    root = opt_out.attributes(found[1]) if found else {}
    metas = opt_out.meta_contents(html)
    return {
        "title": _field(tree.title),
        "published": _published(metas, html),
        "language": _field(root.get("lang") or root.get("xml:lang")),
        "licence": opt_out.licence(html),
        "opt_out": opt_out.page_facts(metas),
    }


def _published(metas: tuple[tuple[str, str], ...], html: str) -> str | None:
    candidates = [content for wanted in _DATE_NAMES for name, content in metas if name == wanted]
    if "datePublished" in html:
        candidates += _JSON_DATE.findall(html)[:1] + _TIME_DATE.findall(html)[:1]
    return next((match[1] for text in candidates if (match := _ISO_DATE.match(text))), None)


def _field(text: str | None) -> str | None:
    return " ".join(storable(text or "").split())[:MAX_FIELD_CHARS] or None


def encode_result(result: PageResult) -> tuple[bytes, bytes]:
    """Split a result into a JSON header and its text in UTF-8, for the pipe."""
    fields = {name: value for name, value in vars(result).items() if name != "text" and value is not None}
    return json.dumps(fields).encode("ascii"), (result.text or "").encode("utf-8")


def decode_result(fields: dict[str, Any], text: bytes) -> PageResult:
    """Put a result together again from what `encode_result` made of it."""
    fields["opt_out"] = tuple(fields.get("opt_out", ()))
    return PageResult(**fields, text=text.decode("utf-8") or None)
