"""A label that no model has is refused before any work, with what may be meant."""

from pathlib import Path
from typing import Any

import fasttext
import pytest

from jobs.annotate.classifier_checks import check_classifiers
from jobs.annotate.stage import check as check_annotate
from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.labels import check_labels, languages_of
from jobs.engine.models import ModelFile, fetch
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.extract.stage import check as check_extract
from jobs.recipe.load import recipe_of, stages_of
from jobs.sampling.expressions import check_compared
from tests.runs import MODELS
from udfs.models.model_file import labels_of, sha256_of

RUN = {"name": "r", "dump": "D", "input": ["x.warc.gz"]}
BAD_WORDS = {"name": "bad", "kind": "bad_words", "uri": "bad.txt", "sha256": "0" * 64}


@pytest.fixture(scope="module")
def quality(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    folder = tmp_path_factory.mktemp("model")
    (folder / "train.txt").write_text("__label__hq good words here\n__label__cc bad words there\n" * 20, "utf-8")
    trained = fasttext.train_supervised(str(folder / "train.txt"), dim=4, bucket=50, thread=1, verbose=0)
    trained.save_model(str(folder / "model.bin"))
    return ModelFile("model.bin", str(folder / "model.bin"), sha256_of(folder / "model.bin"))


def context(tmp_path: Path, quality: ModelFile, **sections: Any) -> Context:
    language = fetch("lid.176.ftz", folder=MODELS)
    recipe = recipe_of({"run": RUN, **sections})
    models = {"extract": {"language": language}, "annotate": {"language": language, "quality": quality}}
    root = Root(None, str(tmp_path))
    return Context(recipe=recipe, root=root, progress=Progress(quiet=True), stages=stages_of(recipe), models=models)


def test_the_labels_of_a_model_stand_in_its_dictionary(quality: ModelFile) -> None:
    assert labels_of(quality.path) == ("cc", "hq")
    language = fetch("lid.176.ftz", folder=MODELS).path
    known = [label.removeprefix("__label__") for label in fasttext.load_model(language).get_labels()]
    assert labels_of(language) == tuple(sorted(known)) and len(known) == 176


def test_languages_of_the_gate_must_be_labels_of_the_model(tmp_path: Path, quality: ModelFile) -> None:
    given = context(tmp_path, quality, extract={"gate": {"languages": ["de", "english", "__label__fr", "xyzzy"]}})
    with pytest.raises(RecipeError) as caught:
        check_extract(given.job(given.stage("extract")))
    told = str(caught.value)
    named = "'english' (did you mean 'en'?), '__label__fr' (did you mean 'fr'?), 'xyzzy'"
    assert told.startswith(f"[extract.gate] languages: lid.176.ftz has no label {named}: the gate would drop every page in it")
    assert "so nothing was run. It has af, als, am," in told and told.endswith("yue, zh")


def test_the_quality_label_must_be_one_of_the_quality_model(tmp_path: Path, quality: ModelFile) -> None:
    for label in ("hq", "__label__hq"):
        given = context(tmp_path, quality, annotate={"quality": [{"model": "m.bin", "label": label}]})
        check_annotate(given.job(given.stage("annotate")))
    given = context(tmp_path, quality, annotate={"quality": [{"model": "m.bin", "label": "good"}]})
    with pytest.raises(
        RecipeError, match=r"\[\[annotate.quality\]\] quality_score: label: model\.bin has no label 'good': .* It has cc, hq$"
    ):
        check_annotate(given.job(given.stage("annotate")))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            {"signal_sets": ["c4_reference"], "lists": [{**BAD_WORDS, "language": "english"}]},
            r"^\[\[annotate.lists\]\] bad: language: lid\.176\.ftz has no label 'english'",
        ),
        (
            {"perplexity": {"models": {"english": {"pieces": "en.sp.model", "lm": "en.arpa.bin"}}}},
            r"^\[annotate.perplexity.models\]: lid\.176\.ftz has no label 'english' \(did you mean 'en'\?\): no page would have that",
        ),
    ],
)
def test_a_language_that_no_text_can_have_is_refused(
    tmp_path: Path, quality: ModelFile, section: dict[str, Any], said: str
) -> None:
    given = context(tmp_path, quality, annotate=section)
    with pytest.raises(RecipeError, match=said):
        check_classifiers(given.job(given.stage("annotate")))


@pytest.mark.parametrize(
    ("role", "name", "said"),
    [
        ("language", "edu.npz", r"^\[annotate\] language_model: .*edu\.npz is a model of another kind, .* would label no text"),
        ("language", "en.arpa.bin", r"^\[annotate\] language_model: "),
        ("quality", "en.arpa.bin", r"^\[\[annotate.quality\]\] quality_score: model: .* Name a fastText classifier"),
        ("quality", "mine.vectors.npz", r"^\[\[annotate.quality\]\] quality_score: model: "),
    ],
)
def test_a_model_of_another_kind_is_refused_as_a_classifier(
    tmp_path: Path, quality: ModelFile, role: str, name: str, said: str
) -> None:
    given = context(tmp_path, quality, annotate={"quality": [{"model": "m.bin"}]})
    path = tmp_path / name
    path.write_bytes(b"PK")
    given.models["annotate"][role] = ModelFile(name, str(path), sha256_of(path))  # type: ignore[index]
    with pytest.raises(RecipeError, match=said):
        check_classifiers(given.job(given.stage("annotate")))


def test_what_a_rule_compares_the_language_with_is_found() -> None:
    assert languages_of("language = 'en' AND page_language = 'x' AND title IN ('y')") == ["en"]
    assert languages_of("'de' = Language OR NOT language IN ( 'fr','it' )") == ["de", "fr", "it"]
    assert languages_of("language_score > 0.5 AND lower(language) = 'EN' AND x.language = 'z'") == []


def test_a_literal_in_double_quotes_is_a_label_too() -> None:
    assert languages_of('language = "en" OR language IN ("de", \'fr\')') == ["en", "de", "fr"]


@pytest.mark.parametrize(
    "keys",
    [
        {"where": "language = 'deu'", "top": {"by": "word_count", "share": 0.1}},
        {"where": "word_count > 3 AND language IN ('en', 'deu')", "budget": {"tokens": 9}},
        {"top": {"by": "if(language = 'deu', 1, 0)", "share": 0.1}},
        {"top": {"by": ["word_count", "if(language = 'deu', 1, 0)"], "share": 0.1}},
        {"temperature": {"over": "language = 'deu'", "temperature": 2}},
    ],
)
def test_a_step_that_asks_for_a_language_the_model_lacks_is_refused(
    tmp_path: Path, quality: ModelFile, keys: dict[str, Any]
) -> None:
    given = context(tmp_path, quality, sampling=[{"name": "best", **keys}])
    with pytest.raises(RecipeError, match=r"^step 'best': .* has no label 'deu' .*: no page has that language, so nothing"):
        check_compared(given.job(given.stage("sampling")))


def test_a_step_that_asks_for_languages_of_the_model_passes(tmp_path: Path, quality: ModelFile) -> None:
    step = {"name": "best", "where": "language IN ('de', 'en')", "top": {"by": "word_count", "share": 0.1}}
    given = context(tmp_path, quality, sampling=[step])
    check_compared(given.job(given.stage("sampling")))


def test_a_model_with_many_labels_shows_some_and_counts_the_rest(quality: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.engine.labels.MOST_SHOWN", 1)
    with pytest.raises(RecipeError, match=r"It has cc and 1 more$"):
        check_labels(["x"], model=quality, where="key", means="nothing is scored")
