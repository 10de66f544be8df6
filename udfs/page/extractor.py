"""Turn the bytes of one page into text and metadata: a pure function, run in a child because pages are hostile."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from resiliparse.parse.html import HTMLTree

from udfs.blocks.extractor import BlockExtractor
from udfs.blocks.layout import Format
from udfs.page.charset import decode_page
from udfs.page.dates import published
from udfs.page.fit_html import fit, source_of
from udfs.page.gate import Gate, GateSettings
from udfs.page.licences import licence
from udfs.page.main_text import Extractor, Favor, MainText, chosen_text, main_text, plain_text
from udfs.page.markup import read_markup
from udfs.page.opt_out import page_facts
from udfs.page.page_kind import kind_of
from udfs.page.parsable_html import parse_page

MAX_FIELD_CHARS = 1000  # of a title, a language, a date: they end up in every listing
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


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
    """One page to extract: its decoded HTTP body, its media type, the charset the HTTP header names, and the day of its capture.

    No date of publication lies after the capture; without a day (YYYY-MM-DD, or None) none is refused.
    """

    body: bytes
    mime: str
    charset: str | None
    captured: str | None = None


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
    tags_cut: int | None = None
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
    """Extract pages; the same bytes give the same result, whatever was extracted before.

    `blocks` takes the place of the shipped model, for those who measure another.
    """

    def __init__(self, settings: ExtractSettings, *, blocks: BlockExtractor | None = None) -> None:
        self._settings = settings
        self._gate = Gate(settings.gate) if settings.gate is not None else None
        self._blocks = (blocks or BlockExtractor()) if settings.extractor in ("blocks", "choice") else None

    def extract(self, page: PageRequest) -> PageResult:
        """Extract one page: charset, a glance at the source, one parse, the gate, the page's facts, and the main text.

        A page that the gate drops has no facts.
        """
        decoded = decode_page(page.body, header=page.charset, mime=page.mime)
        result = PageResult("dropped", "empty_text", charset=decoded.charset, charset_source=decoded.source)
        try:
            source = source_of(decoded, mime=page.mime)
            if self._gate is not None and source is not None and (glanced := self._gate.glance(source)) is not None:
                return replace(result, reason=glanced.reason, **glanced.facts())
            read = _Read(lambda: decoded.text, lambda: MainText(decoded.text, "plain"))
            if source is not None:
                html, tags_cut = fit(source, mime=page.mime)
                read, result = self._read(html), replace(result, tags_cut=tags_cut)
            if self._gate is not None:
                verdict = self._gate.judge(read.rough())
                result = replace(result, **verdict.facts())
                if verdict.reason is not None:
                    return replace(result, reason=verdict.reason)
            result = replace(result, **_metadata(read.tree, captured=page.captured))
            found = read.main_text()
        except MemoryError:
            raise
        except Exception as error:
            return replace(result, outcome="failed", reason="extractor_error", error=_field(f"{type(error).__name__}: {error}"))
        text = storable(found.text).strip()
        result = replace(result, extractor=found.extractor, lines_cut=found.lines_cut, page_kind=found.page_kind)
        return replace(result, outcome="extracted", reason=None, text=text) if text else result

    def _read(self, html: str) -> "_Read":
        """Parse a page, for its facts, a rough text, and the precise one."""
        settings, blocks = self._settings, self._blocks
        if blocks is not None and settings.extractor == "blocks":
            return _by_blocks(blocks, html, format=settings.format)
        parsed = parse_page(html)
        plain = plain_text(parsed.tree, extractor=settings.extractor)

        def take() -> MainText:
            if blocks is not None:
                return chosen_text(parsed, plain=plain, blocks=blocks)
            return main_text(parsed.html, plain=plain, extractor=settings.extractor, favor=settings.favor)

        return _Read(lambda: plain, take, parsed.tree)


@dataclass(frozen=True)
class _Read:
    """A parsed page: how to take a rough text for the gate and the precise one, and the tree that holds its facts; None of plain text."""

    rough: Callable[[], str]
    main_text: Callable[[], MainText]
    tree: HTMLTree | None = None


def _by_blocks(blocks: BlockExtractor, html: str, *, format: Format) -> _Read:
    tree = HTMLTree.parse(html)
    reading = blocks.read(html, tree)

    def take() -> MainText:
        kind = kind_of(reading.page) if reading.page is not None else None
        return MainText(blocks.text(reading, format=format), "blocks", page_kind=kind)

    return _Read(reading.rough_text, take, tree)


def storable(text: str) -> str:
    """Replace what Arrow and Parquet cannot hold: NUL goes, a lone surrogate becomes U+FFFD."""
    return _UNSTORABLE.sub(lambda match: "" if match[0] == "\0" else "\N{REPLACEMENT CHARACTER}", text)


def _metadata(tree: HTMLTree | None, *, captured: str | None) -> dict[str, Any]:
    """Read title, date, language, opt-outs and licence off a page's tree."""
    if tree is None:
        return {}
    markup = read_markup(tree)
    return {
        "title": _field(markup.title),
        "published": published(markup, captured=_day(captured)),
        "language": _field(markup.language),
        "licence": licence(markup),
        "opt_out": page_facts(markup.metas),
    }


def _day(captured: str | None) -> date | None:
    try:
        return date.fromisoformat((captured or "")[:10])
    except ValueError:
        return None


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
