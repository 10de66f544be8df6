import pickle
from pathlib import Path

import pytest

from jobs.engine.models import fetch
from udfs.signals.close_languages import close_score
from udfs.signals.language import MAX_CHARACTERS, LanguageModel, capital_ratio, clamped

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


def test_an_ethiopic_wordspace_counts_as_a_space(lid: LanguageModel) -> None:
    text = "የሰው፡ልጅ፡ሁሉ፡ሲወለድ፡ነጻና፡በክብርና፡በመብትም፡እኩልነት፡ያለው፡ነው።"
    language, score = lid.identify(text)
    assert (language, score) == lid.identify(text.replace("፡", " "))
    assert language == "am" and score is not None and score > 0.9


def test_a_page_cannot_hide_behind_the_mark_at_which_fasttext_stops(lid: LanguageModel) -> None:
    assert lid.identify("</s> Die Mühle steht am Fluss und mahlt das ganze Jahr.")[0] == "de"


CAPITALS = "THE MILL STANDS AT THE RIVER, AND THE MILLER KEEPS ITS WHEEL IN ORDER ALL YEAR LONG."


def test_a_text_in_capitals_is_identified_as_in_small_letters(lid: LanguageModel) -> None:
    assert lid.identify(CAPITALS) == lid.identify(CAPITALS.lower())
    language, score = lid.identify(CAPITALS)
    assert (language, score is not None and score > 0.65) == ("en", True)
    assert lid.identify("МЕЛЬНИЦА СТОИТ У РЕКИ, И МЕЛЬНИК КРУГЛЫЙ ГОД ДЕРЖИТ ЕЁ КОЛЕСО В ПОРЯДКЕ.")[0] == "ru"


def test_a_few_capitals_change_nothing(lid: LanguageModel) -> None:
    text = f"NEWS FROM THE MILL. {CAPITALS.lower()}"
    assert capital_ratio(text) < 0.5
    assert lid.measure(text)["language_score"] == lid.identify(text)[1]


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("", 0.0),
        ("水車 123", 0.0),
        ("ABCd", 0.75),
        ("abc", 0.0),
        ("水車水AB", 0.4),
        ("ⅠⅡ", 0.0),
        ("ⅠⅡa", 1.0),
        ("A" * 3000 + "a" * 3000, 0.5),
    ],
)
def test_the_ratio_of_capitals_is_that_of_letters(text: str, ratio: float) -> None:
    assert capital_ratio(text) == ratio


def test_close_languages_share_a_score(lid: LanguageModel) -> None:
    croatian = (
        "Stari mlin uz rijeku već sto godina ne melje žito, ali se njegov kotač još uvijek okreće. Brine ga udruga mještana."
    )
    found = lid.measure(croatian)
    assert found["language"] == "hr"
    assert (found["language_score"] or 0) < 0.65 < (found["language_close_score"] or 0)  # type: ignore[operator]
    assert close_score([("hr", 0.5), ("sr", 0.25), ("en", 0.125)]) == 0.75
    assert close_score([("srp_Cyrl", 0.5), ("bos_Latn", 0.25), ("mkd_Cyrl", 0.125)]) == 0.75
    assert close_score([("xx", 0.5), ("hr", 0.5)]) == 0.5


def test_a_blank_text_measures_nothing_but_its_capitals(lid: LanguageModel) -> None:
    nothing = {"language": None, "language_score": None, "language_close_score": None, "capital_ratio": 0.0}
    assert lid.measure(" \n") == nothing


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
