"""What holds for any page, record, URL and text a crawl may bring: a row that can be stored, the same for the same bytes."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, cast, get_args

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from resiliparse.parse.html import HTMLTree

from jobs.extract import STAGE
from tests.fuzz.bytes_of import mutated, mutations
from tests.fuzz.html_of import ARTICLE, HOSTILE, PAGES
from tests.fuzz.http_of import HTTP_WORDS, blocks
from tests.fuzz.profiles import fuzzed
from tests.fuzz.warc_of import HTTP
from udfs.documents.schema import ROW_SCHEMA
from udfs.documents.worker import document_row
from udfs.page import opt_out
from udfs.page.date_forms import iso_date
from udfs.page.dates import published
from udfs.page.depth import flattened
from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest
from udfs.page.http_message import HttpMessage
from udfs.page.licences import licence
from udfs.page.main_text import Extractor
from udfs.page.markup import read_markup
from udfs.page.sandbox import Sandbox
from udfs.page.xhtml import as_html
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import Annotator
from udfs.signals.quality import Classifier
from udfs.signals.sets import CATALOGUE, SIGNAL_SCHEMA
from udfs.warc.records import PAGE_TYPES, Record

SETTINGS = {name: ExtractSettings(extractor=name, max_page_bytes=20_000) for name in get_args(Extractor)}
EXTRACTORS = {name: PageExtractor(settings) for name, settings in SETTINGS.items()}  # one for all pages, as in the child
MIMES = st.sampled_from(["text/html", "text/html", "application/xhtml+xml", "text/plain"])
CHARSETS = st.none() | st.sampled_from(["utf-8", "iso-8859-1", "shift_jis", "nonsense", "utf-16le"])
OUTCOMES = {("extracted", None), *((reason.outcome, reason.name) for reason in STAGE.reasons if reason.scope == "document")}


@pytest.mark.parametrize("name", EXTRACTORS)
@given(page=st.builds(PageRequest, body=PAGES, mime=MIMES, charset=CHARSETS), between=PAGES)
@fuzzed(40)
def test_any_page_gives_a_result_that_can_be_stored_and_depends_on_its_bytes_alone(
    name: str, page: PageRequest, between: bytes
) -> None:
    extractor = EXTRACTORS[name]
    result = extractor.extract(page)
    assert (result.outcome, result.reason) in OUTCOMES
    assert (result.outcome == "extracted") == bool(result.text)
    words = [word for value in vars(result).values() for word in (value if isinstance(value, tuple) else (value,))]
    assert not any(isinstance(word, str) and "\0" in word for word in words)
    "".join(word for word in words if isinstance(word, str)).encode("utf-8")
    extractor.extract(PageRequest(between, "text/html", None))
    assert extractor.extract(page) == result


@given(st.lists(PAGES, max_size=3).map(b"".join), MIMES)
@fuzzed(80)
def test_no_page_is_too_deep_for_a_parser_and_none_loses_words(page: bytes, mime: str) -> None:
    html = as_html(page.decode("utf-8", "replace"), mime=mime)
    flat, cut = flattened(html)
    assert (flat == html) == (cut == 0)
    parser = etree.HTMLParser()
    etree.fromstring(f"<p>{flat}", parser)
    assert not any("depth" in error.message for error in parser.error_log)
    assert flattened(flat) == (flat, 0) or cut == 0


STORABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
RECORDS = st.builds(
    Record,
    type=st.sampled_from(sorted(PAGE_TYPES)),
    offset=st.integers(0, 1 << 50),
    nth=st.integers(0, 3),
    length=st.integers(0, 1 << 50),
    content_length=st.integers(0, 1 << 50),
    id=st.none() | STORABLE,
    url=st.none() | STORABLE.map("https://{}".format),
    content_type=st.none() | st.sampled_from(["application/http; msgtype=response", "text/html; charset=gbk", "image/png"]),
    payload_type=st.none() | st.sampled_from(["text/html", "text/plain", "application/pdf", "?"]),
    body=st.none() | mutated(blocks(), by=mutations((*HTTP_WORDS, *HOSTILE))) | PAGES | PAGES.map(lambda page: HTTP + page),
)


@given(RECORDS)
@fuzzed(60)
def test_any_record_gives_a_document_row_with_a_documented_outcome(record: Record) -> None:
    sandbox = cast(Sandbox, EXTRACTORS["resiliparse"])  # where the test runs, without a child
    row = document_row(record, sandbox=sandbox, settings=SETTINGS["resiliparse"])
    assert (row["outcome"], row.get("reason")) in OUTCOMES
    batch = pa.RecordBatch.from_pylist([{"document": row}], schema=ROW_SCHEMA)
    batch.validate(full=True)
    assert set(row) - {field.name for field in ROW_SCHEMA.field("document").type} == set()


WORDS = st.sampled_from(["noai", "none", "noindex", "noimageai", "noml", "nollm", "max-image-preview:none", "index"])
FACT = re.compile(r"(?:meta(?::[a-z0-9-]+)?|x-robots-tag(?::[a-z0-9-]+)?):no(?:ai|index|imageai|ml|llm)|tdm-reservation:[01]")
LICENCE = re.compile(r"https://creativecommons\.org/(?:licenses|publicdomain)/[a-z+-]+(?:/[0-9]\.[0-9](?:/[a-z]+)?)?")
DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?", re.ASCII)


@given(mutated(PAGES | st.just(ARTICLE.encode()), by=mutations(HOSTILE)).map(lambda page: page.decode("utf-8", "replace")))
@fuzzed(60)
def test_dates_opt_outs_and_licences_are_read_off_any_text(html: str) -> None:
    markup = read_markup(HTMLTree.parse(html))
    assert all(FACT.fullmatch(fact) for fact in opt_out.page_facts(markup.metas))
    assert LICENCE.fullmatch(licence(markup) or "https://creativecommons.org/licenses/by")
    assert DATE.fullmatch(published(markup, captured=date(2026, 1, 1)) or "2024")


DATE_PIECES = st.sampled_from(
    [
        "2024",
        "05",
        "1",
        "13",
        "0",
        "T",
        " ",
        "-",
        "/",
        ".",
        ":",
        "+",
        "%2B",
        "&#43;",
        "Z",
        "GMT",
        "May",
        "mai",
        "янв",
        "月",
        "年",
        "pm",
        ",",
    ]
)


@given(
    st.lists(DATE_PIECES, max_size=14).map("".join) | st.text(max_size=40),
    st.sampled_from([None, "en-US", "de", "ru", "??", "zh-TW"]),
)
@fuzzed(400)
def test_any_text_gives_a_date_in_one_form_or_none_and_a_date_is_its_own_reading(text: str, language: str | None) -> None:
    found = iso_date(text, language=language, latest=date(2026, 1, 1))
    if found is not None:
        assert DATE.fullmatch(found)
        assert found[:4] <= "2026"
        assert iso_date(found, latest=date(2026, 1, 1)) == found


@given(
    st.dates(date(1990, 1, 1), date(2025, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d %B %Y", "%a, %d %b %Y"]),
)
@fuzzed(200)
def test_a_date_comes_back_from_every_form(day: date, form: str) -> None:
    assert iso_date(day.strftime(form), latest=date(2026, 1, 1)) == day.isoformat()


@given(
    st.lists(WORDS, max_size=6), st.sampled_from([", ", ",", " "]), st.sampled_from(["", "otherbot: ", "ccbot: ", "gptbot: "])
)
@fuzzed(200)
def test_a_list_of_directives_gives_its_words_and_no_value_of_a_setting(words: list[str], between: str, agent: str) -> None:
    facts = opt_out.header_facts(HttpMessage(200, (("x-robots-tag", agent + between.join(words)),), b""))
    wanted = {"noindex" if word == "none" else word for word in words if ":" not in word} - {"index"}
    prefix = "x-robots-tag:gptbot:" if agent.startswith("gpt") else "x-robots-tag:"
    assert facts == (() if agent.startswith("other") else tuple(sorted(prefix + word for word in wanted)))


PIECES: tuple[str, ...] = (
    "word",
    "the",
    "A sentence ends here.",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "...",
    "…",
    "•",
    "- ",
    "#",
    "{",
    "lorem ipsum",
    "javascript",
)
PIECES += (
    "me@example.org",
    "a@b.cn",
    "8.8.8.8",
    "1.2.3.4.5",
    "use cookies",
    "中文字",
    "ไทย",
    "العربية",
    "\u2028",
    "\x85",
    "\ufeff",
    "e\u0301",
    "😀" * 3,
)
TEXTS = (
    STORABLE
    | st.lists(STORABLE | st.sampled_from(PIECES), max_size=30).map("".join)
    | st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)
)


@pytest.fixture(scope="module")
def annotator(tmp_path_factory: pytest.TempPathFactory) -> Annotator:
    """Train a language and quality model of a few kilobytes."""
    import fasttext

    folder: Path = tmp_path_factory.mktemp("model")
    lines = [f"__label__hq the {word} of the mill" for word in ("wheel", "stone", "river")] + ["__label__en buy now cheap"] * 3
    (folder / "train.txt").write_text("\n".join(lines) + "\n", "utf-8")
    model = fasttext.train_supervised(
        str(folder / "train.txt"), dim=4, bucket=100, minn=2, maxn=3, epoch=5, thread=1, verbose=0
    )
    model.save_model(str(folder / "m.bin"))
    path = str(folder / "m.bin")
    return Annotator(
        AnnotateSettings(language_model=path, language_sha256=None, classifiers=(Classifier("quality_score", path, None),))
    )


@given(text=TEXTS)
@fuzzed(150)
def test_any_text_is_measured_within_the_documented_ranges(annotator: Annotator, text: str) -> None:
    found = annotator.row("a", text)
    assert found.get("error") is None
    for signal in CATALOGUE:
        value = found[signal.name]
        if value is not None and signal.type in ("int", "float"):
            share = signal.unit.startswith(("fraction", "probability")) or signal.name == "quality_score"
            whole = share and "gram_" not in signal.name  # n-grams overlap
            limit = 1 if whole else float("inf")
            assert 0 <= value <= limit, (signal.name, value)
    edits: Sequence[dict[str, Any]] = sorted(found["line_edits"] + found["address_edits"], key=itemgetter("start"))
    assert all(0 <= edit["start"] < edit["end"] <= len(text) for edit in edits)
    assert all(left["end"] <= right["start"] for left, right in pairwise(edits))
    pa.RecordBatch.from_pylist([found], schema=SIGNAL_SCHEMA).validate(full=True)
