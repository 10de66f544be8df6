import pickle
from pathlib import Path

import pytest

from jobs.engine.models import fetch
from udfs.signals.language import MAX_CHARACTERS, LanguageModel, clamped

CACHE = Path(__file__).parents[2] / ".cache" / "models"


@pytest.fixture(scope="session")
def lid() -> LanguageModel:
    model = fetch("lid.176.ftz", folder=CACHE)
    return LanguageModel(model.path, sha256=model.sha256)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The mill stands at the river, and the miller keeps its wheel in order all year long.", "en"),
        ("Die Mühle steht am Fluss, und der Müller hält das Rad das ganze Jahr in Ordnung.", "de"),
        ("Мельница стоит у реки, и мельник круглый год держит её колесо в порядке.", "ru"),
        ("水車小屋は川のほとりに立ち、粉屋は一年中その車輪を手入れしている。", "ja"),
    ],
)
def test_a_sentence_gets_its_language_with_confidence(lid: LanguageModel, text: str, language: str) -> None:
    found, score = lid.identify(text)
    assert found == language
    assert score is not None and 0.8 < score <= 1.0


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000\n"])
def test_a_blank_text_has_no_language(lid: LanguageModel, text: str) -> None:
    assert lid.identify(text) == (None, None)


def test_newlines_count_as_spaces(lid: LanguageModel) -> None:
    assert lid.identify("Guten\nMorgen\n\nliebe Leute") == lid.identify("Guten Morgen  liebe Leute")


def test_a_page_cannot_hide_behind_the_mark_at_which_fasttext_stops(lid: LanguageModel) -> None:
    assert lid.identify("</s> Die Mühle steht am Fluss und mahlt das ganze Jahr.")[0] == "de"


def test_text_beyond_the_bound_is_not_read(lid: LanguageModel) -> None:
    english = "The miller keeps the wheel in order. "
    text = (english * (MAX_CHARACTERS // len(english) + 1))[:MAX_CHARACTERS]
    assert lid.identify(text + " Мельница стоит у реки." * 50_000) == lid.identify(text)


def test_a_probability_above_one_is_clamped() -> None:
    assert (clamped(1.00001), clamped(-0.1), clamped(0.5)) == (1.0, 0.0, 0.5)


def test_the_model_travels_to_workers_as_a_path(lid: LanguageModel) -> None:
    copy = pickle.loads(pickle.dumps(lid))
    assert len(pickle.dumps(lid)) < 1000
    assert copy.identify("Good morning to all of you") == lid.identify("Good morning to all of you")
