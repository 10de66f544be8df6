from dataclasses import replace
from pathlib import Path

import fasttext
import pytest

from udfs.models.model_file import ModelError
from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest
from udfs.page.gate import MAX_GLANCE_SCORE, Gate, GateSettings, Verdict

ENGLISH = "the old station and the river of the town that we have seen "
GERMAN = "der alte Bahnhof und der Fluss an der Stadt die wir gesehen haben "


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> GateSettings:
    """Train a model that tells English from German, on these words alone."""
    folder = tmp_path_factory.mktemp("gate")
    lines = [f"__label__en {ENGLISH}\n", f"__label__de {GERMAN}\n"] * 200
    (folder / "train.txt").write_text("".join(lines), "utf-8")
    model = fasttext.train_supervised(str(folder / "train.txt"), epoch=20, dim=8, thread=1, seed=1, verbose=0)
    model.save_model(str(folder / "model.bin"))
    return GateSettings(("en",), 0.3, 5, str(folder / "model.bin"), None)


def test_a_page_in_a_wanted_language_passes_with_what_was_measured(settings: GateSettings) -> None:
    verdict = Gate(settings).judge(ENGLISH)
    assert (verdict.reason, verdict.language, verdict.words) == (None, "en", 13)
    assert verdict.language_score is not None
    assert verdict.language_score > 0.9
    assert set(verdict.facts()) == {"gate_language", "gate_language_score", "gate_words"}


def test_a_page_in_another_language_is_dropped_with_the_probability_of_the_wanted_ones(settings: GateSettings) -> None:
    verdict = Gate(settings).judge(GERMAN)
    assert (verdict.reason, verdict.language) == ("gate_language", "de")
    assert verdict.language_score is not None
    assert verdict.language_score < 0.1
    assert Gate(replace(settings, languages=("en", "de"))).judge(GERMAN).reason is None


def test_without_wanted_languages_any_passes_and_is_measured(settings: GateSettings) -> None:
    verdict = Gate(replace(settings, languages=())).judge(GERMAN)
    assert (verdict.reason, verdict.language) == (None, "de")


@pytest.mark.parametrize(
    ("text", "words", "reason"),
    [
        ("the old station and", 4, "gate_few_words"),
        ("the old station and the", 5, None),
        ("車站和河流", 5, "gate_language"),
        ("車站和河", 4, "gate_few_words"),
    ],
)
def test_words_are_counted_and_characters_where_words_have_no_spaces(
    settings: GateSettings, text: str, words: int, reason: str | None
) -> None:
    languages = ("en",) if reason != "gate_language" else ("xx",)
    verdict = Gate(replace(settings, languages=languages)).judge(text)
    assert (verdict.reason, verdict.words) == (reason, words)


def test_a_page_without_text_has_no_words_and_no_language(settings: GateSettings) -> None:
    assert Gate(settings).judge(" \n") == Verdict("gate_few_words", None, None, 0)
    assert Gate(replace(settings, min_words=0)).judge("") == Verdict("gate_language", None, None, 0)


LONG_GERMAN = f"<p>{GERMAN * 6}</p>"


def test_a_glance_drops_what_is_next_to_surely_in_another_language_and_counts_no_words(settings: GateSettings) -> None:
    verdict = Gate(settings).glance(LONG_GERMAN)
    assert verdict is not None
    assert (verdict.reason, verdict.language, verdict.words) == ("gate_language", "de", None)
    assert verdict.language_score is not None
    assert verdict.language_score < MAX_GLANCE_SCORE
    for head in ("<html data-lang=en lang=de>", "<html><body lang=en>"):
        assert Gate(settings).glance(f"{head}{LONG_GERMAN}") == verdict
    references = "".join(f"&#{ord(letter)};" for letter in GERMAN * 6)
    assert Gate(settings).glance(f"<p>{references}</p>") == verdict


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f"<p>{ENGLISH * 6}</p>", "its language is wanted"),
        (f"<!DOCTYPE html>\n<html dir='ltr' lang='en-GB'>{LONG_GERMAN}", "it declares a wanted language"),
        (f"<html xmlns='http://www.w3.org/1999/xhtml' xml:lang='en'>{LONG_GERMAN}", "XHTML declares a wanted language"),
        (f"<p>{GERMAN}</p>", "it is too short to be sure"),
        (f"<a>der alte Bahnhof</a>{'<li>an der Stadt</li>' * 50}<p>{ENGLISH * 6}</p>", "labels of a menu are no running text"),
        (f'<script type="application/ld+json">{{"name": "{GERMAN * 6}"}}</script>', "it is no text"),
        (f"<p>{GERMAN * 6}{ENGLISH * 6}</p>", "it is in both"),
        (f"<p>{GERMAN * 6}{ENGLISH * 4}</p>", "the gate might drop it, but not surely"),
        ("", "it is empty"),
    ],
)
def test_a_glance_leaves_all_else_to_the_parse(settings: GateSettings, source: str, why: str) -> None:
    assert Gate(settings).glance(source) is None, why


def test_a_glance_asks_for_no_more_than_the_gate_does(settings: GateSettings) -> None:
    assert Gate(replace(settings, languages=())).glance(LONG_GERMAN) is None
    assert Gate(replace(settings, min_language_score=0.0)).glance(LONG_GERMAN) is None


def test_a_page_dropped_by_the_gate_has_no_facts_and_a_kept_one_has(settings: GateSettings) -> None:
    extractor = PageExtractor(ExtractSettings(extractor="resiliparse", gate=settings))
    head = "<html lang=de><head><title>Bahnhof</title></head><body>"
    found = {
        name: extractor.extract(PageRequest(f"{head}<p>{text}</p>".encode(), "text/html", "utf-8"))
        for name, text in {"glance": GERMAN * 6, "gate": GERMAN * 2, "kept": ENGLISH * 6}.items()
    }
    assert {name: (one.outcome, one.reason, one.gate_words, one.title) for name, one in found.items()} == {
        "glance": ("dropped", "gate_language", None, None),
        "gate": ("dropped", "gate_language", 26, None),
        "kept": ("extracted", None, 78, "Bahnhof"),
    }


def test_a_damaged_model_stops_the_gate_and_not_every_page(settings: GateSettings, tmp_path: Path) -> None:
    cut = tmp_path / "cut.bin"
    cut.write_bytes(Path(settings.language_model).read_bytes()[:-100])
    with pytest.raises(ModelError, match="truncated"):
        Gate(replace(settings, language_model=str(cut)))
