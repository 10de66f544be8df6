"""Measures documents: batches of id and text in, one row of signals a document out, whatever the document does.

Everything a recipe may decide on is measured here, once; deciding again on the same numbers costs seconds.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy
from typing import Any, TypeVar

import pyarrow as pa

from udfs.edits.edit import apply
from udfs.edits.row_error import costs_a_row, row_error
from udfs.signals import (
    gopher_dclm,
    gopher_dolma,
    hashed_ngrams,
    licence,
    page_statistics,
    pii,
    redpajama,
    rephrase,
    sentences,
    tokens,
    url_facts,
    word_lists,
)
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotated_page import Page, pages_of
from udfs.signals.apart import measured_apart
from udfs.signals.page_models import PageModels
from udfs.signals.sets import schema_of
from udfs.similarity import minhash

# whose text is what the line rules leave
SETS_OF_EDITED_TEXT = {"tokens", "quality", "pii", "minhash", "sentences", "hashed_ngrams", "perplexity", "embedding"}
ROWS = 256  # of an output batch: Spark hands in up to 10,000 short documents, and their rows are Python objects till sent

Some = TypeVar("Some", Page, Sequence[Page])


class Annotator:
    """Measure batches of (id, text); a class and not a closure, so that Spark pickles it by reference."""

    def __init__(self, settings: AnnotateSettings, *, isolate: bool = False) -> None:
        self.settings = settings
        self.isolate = isolate
        self._models = PageModels(settings)

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
        self._models.load()
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS):
                part = batch.slice(start, ROWS)
                pages = pages_of(part)
                yield pa.RecordBatch.from_pylist(self._rows(pages), schema=schema)

    def _here(self) -> "Annotator":
        """Return the same that measures in its own process."""
        here = copy(self)
        here.isolate = False
        return here

    def row(self, id_: str, text: str | None) -> dict[str, Any]:
        """Return one document's row; one that raises has its error and nothing else, and its neighbours go on."""
        return self._rows([Page(id_, text)])[0]

    def _rows(self, pages: Sequence[Page]) -> list[dict[str, Any]]:
        """Return every signal, hash and edit of the pages.

        1. Language and Gopher's statistics see the extracted text, as FineWeb's do.
        2. Line rules propose edits, C4's or RefinedWeb's; all that follows sees the text that those of line_edits leave.
        3. Addresses are searched in the extracted text, since an edit is a pair of offsets into it.
        A set that is not asked for is not measured.
        Each step takes all pages before the next begins, so that its tables (a model, a vocabulary) stay in the processor's
        cache: a fifth of the time.
        """
        sets, models = self.settings.sets, self._models
        of_edited = bool(SETS_OF_EDITED_TEXT & set(sets) or models.quality or models.labellers or models.vector_labellers)
        steps = [
            (models.identify, "language" in sets),
            (self._measure, "statistics" in sets),
            (self._edit, "statistics" not in sets and of_edited),
            (self._refine, "refinedweb" in sets),
            (self._count_dclm_repeats, "gopher_dclm" in sets),
            (self._count_dolma_repeats, "gopher_dolma" in sets),
            (self._find_addresses, "pii" in sets),
            (self._count_tokens, "tokens" in sets),
            (self._sketch, "minhash" in sets),
            (models.score, bool(models.quality)),
            (models.label, bool(models.labellers)),
            (self._count_sentences, "sentences" in sets),
            (self._take_c4_reference, "c4_reference" in sets),
            (self._take_redpajama, "redpajama" in sets),
            (self._look_up, "urls" in sets),
            (self._name_licence, "licence" in sets),
            (models.take_perplexity, "perplexity" in sets),
            (self._count_ngrams, "hashed_ngrams" in sets),
            (self._hold_against_parent, "rephrase" in sets),
        ]
        for step in (self._begin, *(step for step, wanted in steps if wanted)):
            for page in pages:
                if page.error is None:
                    page.error = _failure(step, page)
        if "embedding" in sets:
            _together(models.embed, [page for page in pages if page.error is None])
        if models.vector_labellers:
            _together(models.label_vectors, [page for page in pages if page.error is None])
        if "rephrase_similarity" in sets:
            _together(models.compare, [page for page in pages if page.error is None])
        return [page.row() for page in pages]

    def _begin(self, page: Page) -> None:
        if page.extracted is None:
            raise ValueError("the document has no text: only extracted documents can be measured")
        page.text = page.extracted

    def _measure(self, page: Page) -> None:
        page_statistics.measure(page, self.settings.line_edits)

    def _edit(self, page: Page) -> None:
        """Edit the text as the statistics would, for sets that are measured without them."""
        page_statistics.edit(page, self.settings.line_edits)

    def _refine(self, page: Page) -> None:
        page.found |= page.refined(faithful=self.settings.faithful).signals

    def _count_dclm_repeats(self, page: Page) -> None:
        """Count repetition where DCLM does: before the line rules and, if they are RefinedWeb's, after URLs were cut."""
        assert page.extracted is not None
        rules, text = self.settings.line_edits, page.extracted
        if rules in ("refinedweb", "refinedweb_faithful"):
            text = page.refined(faithful=rules == "refinedweb_faithful").without_urls
        page.found |= gopher_dclm.repetition(text)

    def _count_dolma_repeats(self, page: Page) -> None:
        assert page.extracted is not None
        page.found |= gopher_dolma.repetition(page.extracted)

    def _find_addresses(self, page: Page) -> None:
        """Find addresses in the extracted text, since an edit is a pair of offsets into it; those in cut lines are no edits."""
        assert page.extracted is not None
        addresses = pii.spans(page.extracted)
        page.found |= pii.counts(addresses)
        page.found["address_edits"] = [edit._asdict() for edit in pii.outside(addresses, page.line_edits)]

    def _count_tokens(self, page: Page) -> None:
        page.found["token_count"] = tokens.token_count(page.text)

    def _count_ngrams(self, page: Page) -> None:
        tokens, ngrams = hashed_ngrams.measure(page.text)
        page.found |= {"wordpunct_count": tokens, hashed_ngrams.COLUMN: ngrams}

    def _sketch(self, page: Page) -> None:
        """Take what finds near-duplicates."""
        settings = self.settings
        shingles = minhash.shingle_hashes(page.text, settings.ngram)
        signature = minhash.signature(shingles, settings.num_perm, settings.seed, settings.backend)
        page.found |= {"minhash": signature, "shingle_count": len(shingles)}

    def _count_sentences(self, page: Page) -> None:
        page.found |= sentences.measure(page.text)

    def _take_c4_reference(self, page: Page) -> None:
        """Take C4's signals, and its bad words in the text that its line rules leave."""
        assert page.extracted is not None
        found, edits = page.c4_reference()
        words, language = self._words("bad_words", page)
        left = apply(page.extracted, edits).lower()
        bad = None if words is None else word_lists.found_words(left, words, language=language)
        page.found |= found | {"c4_reference_bad_words": bad}

    def _take_redpajama(self, page: Page) -> None:
        assert page.extracted is not None
        bad_words, stop_words = self._words("bad_words", page)[0], self._words("stop_words", page)[0]
        page.found |= redpajama.measure(page.extracted, bad_words=bad_words, stop_words=stop_words)

    def _look_up(self, page: Page) -> None:
        page.found |= url_facts.measure(page.url, self.settings.lists, faithful=self.settings.faithful)

    def _name_licence(self, page: Page) -> None:
        page.found |= licence.measure(page.licence)

    def _hold_against_parent(self, page: Page) -> None:
        assert page.extracted is not None
        identify = self._models.language.identify
        page.found |= rephrase.measure(page.extracted, dict(page.carried or ()), lambda text: identify(text)[0])

    def _words(self, kind: str, page: Page) -> tuple[Collection[str] | None, str | None]:
        """Return the words of a kind of lists for the language of the extracted text, and that language if a list asks for one."""
        assert page.extracted is not None
        language: str | None = None
        if any(one.kind == kind and one.language for one in self.settings.lists):
            measure = self._models.language.measure
            found: dict[str, Any] = page.found if "language" in page.found else dict(measure(page.extracted))
            language = found["language"]
        return word_lists.words_for(self.settings.lists, kind=kind, language=language), language


def _together(step: Callable[[Sequence[Page]], None], pages: Sequence[Page]) -> None:
    """Do a step for pages together; if that raises, one by one, so that one bad page costs one page."""
    if _failure(step, pages) is not None:
        for page in pages:
            page.error = _failure(step, [page])


def _failure(step: Callable[[Some], None], some: Some) -> str | None:
    """Do one step for a page or for some, and return what it raised, if anything."""
    try:
        step(some)
    except BaseException as error:
        if not costs_a_row(error):
            raise
        return row_error(error)
    return None


def annotate(settings: AnnotateSettings, *, isolate: bool = False) -> Annotator:
    """Return the function for mapInArrow that turns documents (id, text) into rows of the sets' columns."""
    return Annotator(settings, isolate=isolate)
