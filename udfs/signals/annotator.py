"""Measures documents: batches of id and text in, one row of signals a document out, whatever the document does.

Everything a recipe may decide on is measured here, once; deciding again on the same numbers costs seconds.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from udfs.edits.edit import Edit, apply
from udfs.edits.row_error import row_error
from udfs.signals import c4, fineweb, gopher, pii, quality, tokens
from udfs.signals.apart import measured_apart
from udfs.signals.language import LanguageModel
from udfs.signals.quality import QualityModel
from udfs.signals.sets import BY_NAME, schema_of, set_name
from udfs.similarity import minhash
from udfs.words.split import split_words

ROWS = 256  # of an output batch: Spark hands in up to 10,000 short documents, and their rows are Python objects till sent


@dataclass(frozen=True)
class AnnotateSettings:
    """Say what is measured and with which models.

    Models are paths on the worker, with their sha256 or None for an unpinned file; without a classifier its score is null. Of `sets` the rows have the columns. With line_edits "c4" what follows the line rules is measured on the text without
    what they cut.
    """

    language_model: str
    language_sha256: str | None
    classifiers: tuple[quality.Classifier, ...] = ()
    line_edits: Literal["c4", "none"] = "c4"
    backend: minhash.Backend = "datasketch"
    ngram: int = 5
    num_perm: int = 112
    seed: int = 1
    sets: tuple[str, ...] = tuple(BY_NAME)  # what is measured in this pass

    def scheme(self) -> dict[str, str | int]:
        """Say what decides a signature, as `minhash.scheme` does."""
        return minhash.scheme(backend=self.backend, ngram=self.ngram, num_perm=self.num_perm, seed=self.seed)


class Annotator:
    """Measure batches of (id, text); a class and not a closure, so that Spark pickles it by reference.

    Models are loaded at first use in each worker and kept by their module, so a reused worker loads them once.
    """

    def __init__(self, settings: AnnotateSettings, *, isolate: bool = False) -> None:
        self.settings = settings
        self.isolate = isolate
        self._language = LanguageModel(settings.language_model, sha256=settings.language_sha256)
        self._quality = {
            one.signal: QualityModel(one.model, sha256=one.sha256, label=one.label)
            for one in settings.classifiers
            if set_name(one.signal) in settings.sets
        }

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield batches of the sets' columns, of at most ROWS rows, one row a document, in the documents' order.

        With `isolate` a child process measures; a document that kills it has the error `crashed`, and its neighbours their rows.
        """
        sets, schema = self.settings.sets, schema_of(self.settings.sets)
        if self.isolate:
            yield from measured_apart(self._here(), batches, rows=ROWS, schema=schema)
            return
        if "minhash" in sets:
            self.settings.scheme()  # a backend that is not there is the worker's fault: it must not become every page's
        if "language" in sets:
            self._language.load()
        for model in self._quality.values():
            model.load()
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS):
                part = batch.slice(start, ROWS)
                pages = [
                    _Page(*page) for page in zip(part.column("id").to_pylist(), part.column("text").to_pylist(), strict=True)
                ]
                yield pa.RecordBatch.from_pylist(self._rows(pages), schema=schema)

    def _here(self) -> "Annotator":
        """Return the same that measures in its own process."""
        here = copy(self)
        here.isolate = False
        return here

    def row(self, id_: str, text: str | None) -> dict[str, Any]:
        """Return one document's row; one that raises has its error and nothing else, and its neighbours go on."""
        return self._rows([_Page(id_, text)])[0]

    def _rows(self, pages: Sequence["_Page"]) -> list[dict[str, Any]]:
        """Return every signal, hash and edit of the pages.

        1. Language and Gopher's statistics see the extracted text, as FineWeb's do.
        2. C4's line rules propose edits; with line_edits "c4" all that follows sees the text without those lines.
        3. Addresses are searched in the extracted text, since an edit is a pair of offsets into it.
        A set that is not asked for is not measured.
        Each step takes all pages before the next begins, so that its tables (a model, a vocabulary) stay in the processor's
        cache: a fifth of the time.
        """
        sets = self.settings.sets
        steps = [
            (self._identify, "language" in sets),
            (self._measure, "statistics" in sets),
            (self._edit, "statistics" not in sets and bool(set(sets) - {"language"})),
            (self._find_addresses, "pii" in sets),
            (self._count_tokens, "tokens" in sets),
            (self._sketch, "minhash" in sets),
            (self._score, bool(self._quality)),
        ]
        for step in (self._begin, *(step for step, wanted in steps if wanted)):
            for page in pages:
                if page.error is None:
                    page.error = _failure(step, page)
        return [page.row() for page in pages]

    def _begin(self, page: "_Page") -> None:
        if page.extracted is None:
            raise ValueError("the document has no text: only extracted documents can be measured")
        page.text = page.extracted

    def _identify(self, page: "_Page") -> None:
        page.found |= self._language.measure(page.text)

    def _measure(self, page: "_Page") -> None:
        """Take the statistics of the extracted text, edit it, and take those of what is left."""
        text, found = page.text, page.found
        words = split_words(text)
        found |= gopher.quality(text, words) | gopher.repetition(text, words)
        line_found, line_edits = c4.measure(text)
        found |= line_found
        if self.settings.line_edits == "c4" and line_edits:
            page.line_edits = line_edits
            text = page.text = apply(text, line_edits)
            words = split_words(text)
        found |= {
            "character_count": len(text),
            "line_count": text.count("\n") + 1 if text else 0,
            **fineweb.measure(text, words),
            "text_hash": minhash.text_hash(text),
        }
        found["line_edits"] = [edit._asdict() for edit in page.line_edits]

    def _edit(self, page: "_Page") -> None:
        """Edit the text as the statistics would, for sets that are measured without them."""
        if self.settings.line_edits == "c4":
            page.line_edits = c4.measure(page.text)[1]
            page.text = apply(page.text, page.line_edits) if page.line_edits else page.text

    def _find_addresses(self, page: "_Page") -> None:
        """Find addresses in the extracted text, since an edit is a pair of offsets into it; those in cut lines are no edits."""
        assert page.extracted is not None
        addresses = pii.spans(page.extracted)
        page.found |= pii.counts(addresses)
        page.found["address_edits"] = [edit._asdict() for edit in _outside(addresses, page.line_edits)]

    def _count_tokens(self, page: "_Page") -> None:
        page.found["token_count"] = tokens.token_count(page.text)

    def _sketch(self, page: "_Page") -> None:
        """Take what finds near-duplicates."""
        settings = self.settings
        shingles = minhash.shingle_hashes(page.text, settings.ngram)
        signature = minhash.signature(shingles, settings.num_perm, settings.seed, settings.backend)
        page.found |= {"minhash": signature, "shingle_count": len(shingles)}

    def _score(self, page: "_Page") -> None:
        page.found |= {signal: model.score(page.text) for signal, model in self._quality.items()}


@dataclass
class _Page:
    """Hold what is known of one document from step to step."""

    id: str
    extracted: str | None
    text: str = ""  # as the steps so far leave it
    line_edits: Sequence[Edit] = ()
    found: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the row: the error and nothing else, or everything that was found."""
        if self.error is not None:
            return {"id": self.id, "error": self.error}
        # to Spark a NaN is greater than any threshold: it would pass rules that a missing measurement must fail
        return {"id": self.id, **{name: None if value != value else value for name, value in self.found.items()}}


def _failure(step: Callable[[_Page], None], page: _Page) -> str | None:
    """Do one step for one page and return what it raised, if anything."""
    try:
        step(page)
    except Exception as error:
        return row_error(error)
    except BaseException as error:
        # a panic in tiktoken's Rust is not an Exception, yet it is one page's fault; a stop by the user is nobody's
        if type(error).__name__ != "PanicException":
            raise
        return f"PanicException: {error}"[:500]
    return None


def _outside(addresses: Sequence[Edit], line_edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the addresses that no line edit cuts away; both are sorted and free of overlaps."""
    starts = [edit.start for edit in line_edits]
    kept = []
    for address in addresses:
        before = bisect_left(starts, address.end) - 1  # the last line edit that begins before the address ends
        if before < 0 or line_edits[before].end <= address.start:
            kept.append(address)
    return tuple(kept)


def annotate(settings: AnnotateSettings, *, isolate: bool = False) -> Annotator:
    """Return the function for mapInArrow that turns documents (id, text) into rows of the sets' columns."""
    return Annotator(settings, isolate=isolate)
