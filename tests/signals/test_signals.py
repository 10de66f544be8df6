import pickle
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.engine.models import fetch
from udfs.edits.edit import Edit, apply
from udfs.models.model_file import ModelError
from udfs.signals import fineweb, gopher_dclm, refinedweb, tokens
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import ROWS, Annotator, annotate
from udfs.signals.quality import Classifier
from udfs.signals.sets import BY_NAME, CATALOGUE, SIGNAL_SCHEMA, schema_of
from udfs.similarity.minhash import shingle_hashes, signature, text_hash

CACHE = Path(__file__).parents[2] / ".cache" / "models"

PAGE = (
    "Home\n"
    "The mill stands at the river, and the miller keeps its wheel in order.\n"
    "Please enable javascript to see the opening hours of the mill.\n"
    "Write to miller@mill.example.com or ask the machine at 8.8.8.8 for an answer.\n"
    "Contact: javascript@mill.example.com is cut with its line."
)


@pytest.fixture(scope="session")
def settings() -> AnnotateSettings:
    model = fetch("lid.176.ftz", folder=CACHE)
    return AnnotateSettings(language_model=model.path, language_sha256=model.sha256)


def measured(settings: AnnotateSettings, *texts: str | None) -> list[dict[str, Any]]:
    ids = [str(number) for number in range(len(texts))]
    batch = pa.record_batch([pa.array(ids), pa.array(texts, pa.string())], names=["id", "text"])
    out = list(annotate(settings)(iter([batch])))
    assert all(part.schema == schema_of(settings.sets) for part in out)
    assert all(part.num_rows <= ROWS for part in out)
    return [row for part in out for row in part.to_pylist()]


def edits_of(row: dict[str, Any]) -> list[Edit]:
    """Return the edits of all kinds, in order."""
    return sorted(Edit(**edit) for edit in (*row["line_edits"], *row["address_edits"]))


def test_every_signal_has_one_name_and_a_column_of_its_type() -> None:
    names = [signal.name for signal in CATALOGUE]
    assert len(set(names)) == len(names)
    beside = {
        "id",
        "text_hash",
        "line_edits",
        "address_edits",
        "minhash",
        "shingle_count",
        "embedding",
        "hashed_ngrams",
        "error",
    }
    assert (SIGNAL_SCHEMA.names[0], SIGNAL_SCHEMA.names[-1]) == ("id", "error")
    assert sorted(SIGNAL_SCHEMA.names) == sorted([*names, *beside])
    types = {
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "names": pa.list_(pa.string()),
    }
    assert [SIGNAL_SCHEMA.field(signal.name).type for signal in CATALOGUE] == [types[signal.type] for signal in CATALOGUE]


def test_every_signal_says_what_it_is() -> None:
    assert [s.name for s in CATALOGUE if not (s.unit and s.source and s.definition)] == []


def test_a_page_has_every_signal_but_the_score_of_a_model_that_is_not_named(settings: AnnotateSettings) -> None:
    (row,) = measured(settings, PAGE)
    without_lists = ["c4_reference_bad_words", "rps_doc_ldnoobw_words", "rps_doc_stop_word_fraction"]
    without_url = [signal.name for signal in BY_NAME["urls"].signals]
    without_parent = [signal.name for signal in BY_NAME["rephrase"].signals]
    unmeasured = [
        "quality_score",
        *without_lists,
        *without_url,
        *without_parent,
        "perplexity",
        "embedding",
        "rephrase_similarity",
        "error",
    ]
    assert [name for name, value in row.items() if value is None] == unmeasured
    assert (row["language"], row["email_count"], row["public_ip_count"]) == ("en", 2, 1)


def test_what_follows_the_line_rules_is_measured_without_the_lines_they_cut(settings: AnnotateSettings) -> None:
    (row,) = measured(settings, PAGE)
    lines = PAGE.split("\n")
    cleaned = f"{lines[1]}\n{lines[3]}"
    assert apply(PAGE, [Edit(**edit) for edit in row["line_edits"]]) == cleaned
    assert {edit["kind"] for edit in row["line_edits"]} == {"c4_lines"}
    assert (row["character_count"], row["line_count"], row["text_hash"]) == (len(cleaned), 2, text_hash(cleaned))
    assert row["minhash"] == signature(shingle_hashes(cleaned, 5), 112, 1)


def test_without_line_edits_everything_is_measured_on_the_extracted_text(settings: AnnotateSettings) -> None:
    (row,) = measured(replace(settings, line_edits="none"), PAGE)
    assert (row["character_count"], row["line_count"], row["text_hash"]) == (len(PAGE), 5, text_hash(PAGE))
    assert [edit.kind for edit in edits_of(row)] == ["email", "ip", "email"]
    assert row["line_edits"] == []
    assert row["c4_lines_dropped"] == 3


def test_with_refinedwebs_line_rules_everything_after_them_is_measured_on_what_they_leave(settings: AnnotateSettings) -> None:
    page = f"{PAGE}\nMENU OF PAGES\nThe mill has a page at mill.example.com for you."
    (row,) = measured(replace(settings, line_edits="refinedweb"), page)
    left = refinedweb.measure(page).text
    assert apply(page, [Edit(**edit) for edit in row["line_edits"]]) == left
    assert (row["character_count"], row["text_hash"]) == (len(left), text_hash(left))
    assert (
        row["dclm_dup_5gram_char_ratio"]
        == gopher_dclm.repetition(refinedweb.measure(page).without_urls)["dclm_dup_5gram_char_ratio"]
    )
    assert row["address_edits"] == []  # a URL's pattern takes addresses too


def test_edits_are_offsets_into_the_extracted_text_in_order_and_apart(settings: AnnotateSettings) -> None:
    (row,) = measured(settings, PAGE)
    edits = edits_of(row)
    assert all(left.end <= right.start for left, right in pairwise(edits))
    found = [(edit.kind, PAGE[edit.start : edit.end]) for edit in edits if edit.kind != "c4_lines"]
    assert found == [("email", "miller@mill.example.com"), ("ip", "8.8.8.8")]  # the address on a cut line goes with it


def test_addresses_are_unmeasured_when_they_are_not_looked_for(settings: AnnotateSettings) -> None:
    (row,) = measured(replace(settings, sets=tuple(name for name in BY_NAME if name != "pii")), PAGE)
    assert {"email_count", "public_ip_count", "address_edits"} & set(row) == set()
    assert {edit["kind"] for edit in row["line_edits"]} == {"c4_lines"}


@pytest.mark.parametrize("line_edits", ["c4", "refinedweb", "none"])
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_set_that_is_measured_alone_has_the_numbers_that_it_has_among_all(
    settings: AnnotateSettings, name: str, line_edits: Any
) -> None:
    texts = (PAGE, "", "?!", "Please enable javascript here.")
    together = measured(replace(settings, line_edits=line_edits), *texts)
    alone = measured(replace(settings, line_edits=line_edits, sets=(name,)), *texts)
    assert alone == [{column: row[column] for column in schema_of((name,)).names} for row in together]


def test_a_document_without_words_is_measured_and_has_no_signature(settings: AnnotateSettings) -> None:
    for row in measured(settings, "", "\n\n", "?!"):
        assert (row["minhash"], row["error"]) == (None, None)


def test_a_document_that_raises_becomes_one_row_and_its_neighbours_go_on(
    settings: AnnotateSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fineweb.measure

    def raises_on_two(text: str, words: Any) -> Any:
        if "two" in text:
            raise ZeroDivisionError("no words")
        return real(text, words)

    monkeypatch.setattr(fineweb, "measure", raises_on_two)
    first, second, third, fourth = measured(settings, "page number one", "page number two", None, "page number four")
    assert [row["id"] for row in (first, second, third, fourth)] == ["0", "1", "2", "3"]
    assert (first["error"], first["character_count"], fourth["error"]) == (None, 15, None)
    assert {k: v for k, v in second.items() if v is not None} == {"id": "1", "error": "ZeroDivisionError: no words"}
    assert third["error"].startswith("ValueError: the document has no text")


def test_a_panic_in_native_code_costs_one_page_but_a_stop_by_the_user_stops(
    settings: AnnotateSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    panic = type("PanicException", (BaseException,), {})

    def panics(text: str) -> int:
        raise panic("stack overflow") if "panic" in text else KeyboardInterrupt

    monkeypatch.setattr(tokens, "token_count", panics)
    (row,) = measured(settings, "please panic here now")
    assert row["error"] == "PanicException: stack overflow"
    with pytest.raises(KeyboardInterrupt):
        measured(settings, "please stop here now")


def test_a_bad_model_stops_the_task_and_not_each_document(settings: AnnotateSettings, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        measured(replace(settings, language_model=str(tmp_path / "absent.ftz")))
    with pytest.raises(ModelError, match="no model file"):
        measured(replace(settings, classifiers=(Classifier("quality_score", str(tmp_path / "absent.bin"), None),)), PAGE)
    with pytest.raises(ValueError, match="has no label '__label__hq'"):
        measured(replace(settings, classifiers=(Classifier("quality_score", settings.language_model, None),)), PAGE)


def test_a_batch_without_rows_makes_none_and_a_long_one_keeps_its_order(settings: AnnotateSettings) -> None:
    assert measured(settings) == []
    many = measured(settings, *("word " * number for number in range(2 * ROWS + 1)))
    assert [row["id"] for row in many] == [str(number) for number in range(2 * ROWS + 1)]
    assert [row["character_count"] for row in many[3:]] == [5 * number - 1 for number in range(3, 2 * ROWS + 1)]


def test_the_annotator_travels_to_workers_small(settings: AnnotateSettings) -> None:
    made = pickle.dumps(annotate(settings))
    assert len(made) < 2000
    copy: Annotator = pickle.loads(made)
    assert copy.row("a", PAGE) == annotate(settings).row("a", PAGE)


@pytest.mark.real
def test_real_pages_are_measured_without_an_error(settings: AnnotateSettings, shared_data: Path) -> None:
    import gzip
    import json

    with gzip.open(shared_data / "real/cc-sample/ref_texts.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for number, line in enumerate(lines) if number % 25 == 0]
    rows = measured(settings, *texts)
    assert [row["error"] for row in rows if row["error"]] == []
    assert all(0 <= row["language_score"] <= 1 for row in rows if row["language_score"] is not None)
    for text, row in zip(texts, rows, strict=True):
        edited = apply(text, edits_of(row))
        cleaned = apply(text, [Edit(**edit) for edit in row["line_edits"]])
        assert row["character_count"] == len(cleaned)
        assert (row["email_count"] + row["public_ip_count"] > 0) or edited == cleaned
