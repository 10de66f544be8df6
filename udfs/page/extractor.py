"""Turn the bytes of one page into text and metadata: a pure function, run in a child because pages are hostile."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from udfs.blocks.extractor import BlockExtractor
from udfs.blocks.layout import Format
from udfs.blocks.markup import open_self_closed
from udfs.page import opt_out
from udfs.page.charset import decode_page
from udfs.page.gate import Gate, GateSettings
from udfs.page.http_message import HTML_TYPES
from udfs.page.main_text import Extractor, Favor, MainText, chosen_text, main_text, plain_text
from udfs.page.page_kind import kind_of
from udfs.page.parsable_html import parse_page

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
    """Choose how pages are extracted and what one of them may cost; without a gate every page is extracted.

    The CPU time of the child decides what takes too long, so that a busy machine gives the same rows as an idle one. Its time on
    the clock ends only what waits and does not compute.
    """

    extractor: Extractor = "choice"
    favor: Favor = "precision"
    format: Format = "text"
    gate: GateSettings | None = None
    max_cpu_s: float = 10.0
    max_wall_s: float = 120.0
    max_memory_mb: int = 2048
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
    """What became of a page: "extracted", "dropped" (empty_text, gate_…), or "failed" with a reason and the error's words."""

    outcome: Literal["extracted", "dropped", "failed"]
    reason: str | None = None
    error: str | None = None
    charset: str | None = None
    charset_source: str | None = None
    extractor: str | None = None
    lines_cut: int | None = None
    page_kind: str | None = None
    gate_language: str | None = None
    gate_language_score: float | None = None
    gate_words: int | None = None
    title: str | None = None
    published: str | None = None
    language: str | None = None
    licence: str | None = None
    opt_out: tuple[str, ...] = ()
    text: str | None = None


class PageExtractor:
    """Extract pages; the same bytes give the same result, whatever was extracted before. `blocks` takes another model than the shipped one."""

    def __init__(self, settings: ExtractSettings, *, blocks: BlockExtractor | None = None) -> None:
        self._settings = settings
        self._gate = Gate(settings.gate) if settings.gate is not None else None
        self._blocks = (blocks or BlockExtractor()) if settings.extractor in ("blocks", "choice") else None

    def extract(self, page: PageRequest) -> PageResult:
        """Extract one page: charset, then metadata and Resiliparse's text from one parse, the gate, and the main text."""
        decoded = decode_page(page.body, header=page.charset)
        result = PageResult("dropped", "empty_text", charset=decoded.charset, charset_source=decoded.source)
        try:
            is_html = page.mime in HTML_TYPES and "<" in decoded.text  # plain text is often served as HTML
            read = (
                self._read(decoded.text, mime=page.mime)
                if is_html
                else _Read("", decoded.text, lambda: MainText(decoded.text, "plain"))
            )
            if is_html:
                result = replace(result, **_metadata(read.title, read.html))
            if self._gate is not None:
                verdict = self._gate.judge(read.rough)
                result = replace(result, **verdict.facts())
                if verdict.reason is not None:
                    return replace(result, reason=verdict.reason)
            found = read.main_text()
        except MemoryError:
            raise
        except Exception as error:
            return replace(result, outcome="failed", reason="extractor_error", error=_field(f"{type(error).__name__}: {error}"))
        text = storable(found.text).strip()
        result = replace(result, extractor=found.extractor, lines_cut=found.lines_cut, page_kind=found.page_kind)
        return replace(result, outcome="extracted", reason=None, text=text) if text else result

    def _read(self, html: str, *, mime: str) -> "_Read":
        """Parse a page: by blocks once for all, otherwise for Resiliparse's text."""
        settings, blocks = self._settings, self._blocks
        if blocks is not None and settings.extractor == "blocks":
            return _by_blocks(blocks, open_self_closed(html, mime=mime), format=settings.format)
        parsed = parse_page(html, mime=mime)
        plain = plain_text(parsed.tree, extractor=settings.extractor)

        def take() -> MainText:
            if blocks is not None:
                return chosen_text(parsed, plain=plain, blocks=blocks)
            return main_text(parsed.html, plain=plain, extractor=settings.extractor, favor=settings.favor)

        return _Read(parsed.html, plain, take, parsed.tree.title)


@dataclass(frozen=True)
class _Read:
    """A parsed page: its source as it was parsed, a rough text for the gate, and how to take the precise one."""

    html: str
    rough: str
    main_text: Callable[[], MainText]
    title: str | None = None


def _by_blocks(blocks: BlockExtractor, html: str, *, format: Format) -> _Read:
    reading = blocks.read(html)

    def take() -> MainText:
        kind = kind_of(reading.page) if reading.page is not None else None
        return MainText(blocks.text(reading, format=format), "blocks", page_kind=kind)

    return _Read(html, reading.rough_text(), take, reading.title)


def storable(text: str) -> str:
    """Replace what Arrow and Parquet cannot hold: NUL goes, a lone surrogate becomes U+FFFD."""
    return _UNSTORABLE.sub(lambda match: "" if match[0] == "\0" else "\N{REPLACEMENT CHARACTER}", text)


def _metadata(title: str | None, html: str) -> dict[str, Any]:
    """Read title, date, language, opt-outs and licence off a page, in 0.3 ms.

    The date is the one the page declares (meta, JSON-LD, time element); guessing it from the text, as htmldate does,
    costs 8 ms and depends on today's date.
    """
    found = _HTML_TAG.search(html[: opt_out.HEAD_CHARS])
    root = opt_out.attributes(found[1]) if found else {}
    metas = opt_out.meta_contents(html)
    return {
        "title": _field(title),
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


def settings_from(fields: dict[str, Any]) -> ExtractSettings:
    """Put settings together again from what JSON made of `dataclasses.asdict`."""
    gate = fields["gate"]
    return ExtractSettings(
        **{
            **fields,
            "gate": GateSettings(**{**gate, "languages": tuple(gate["languages"])}) if gate is not None else None,
        }
    )


def encode_result(result: PageResult) -> tuple[bytes, bytes]:
    """Split a result into a JSON header and its text in UTF-8, for the pipe."""
    fields = {name: value for name, value in vars(result).items() if name != "text" and value is not None}
    return json.dumps(fields).encode("ascii"), (result.text or "").encode("utf-8")


def decode_result(fields: dict[str, Any], text: bytes) -> PageResult:
    """Put a result together again from what `encode_result` made of it."""
    fields["opt_out"] = tuple(fields.get("opt_out", ()))
    return PageResult(**fields, text=text.decode("utf-8") or None)
