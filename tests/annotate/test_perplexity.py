"""[annotate.perplexity]: what is refused before any work, and how the models reach the workers."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.annotate.settings import Annotate
from jobs.annotate.stage import check, models, sets_of
from jobs.engine.errors import RecipeError
from jobs.engine.models import ModelFile, fetch
from jobs.recipe.load import recipe_of
from tests.runs import MODELS
from udfs.models.model_file import sha256_of
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate

NAMES = {"pieces": "en.sp.model", "lm": "en.arpa.bin"}


def settings(folder: Path) -> Annotate:
    both = {role: str(folder / name) for role, name in NAMES.items()}
    return Annotate.model_validate({"perplexity": {"models": {"en": both}}})


def job(folder: Path) -> Any:
    found = {role: ModelFile(name, str(folder / name), sha256_of(folder / name)) for role, name in NAMES.items()}
    return SimpleNamespace(settings=settings(folder), models={f"{role} en": file for role, file in found.items()})


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    for name in NAMES.values():
        (tmp_path / name).write_bytes(b"no model")
    return tmp_path


def test_a_recipe_with_language_models_names_them_and_measures_the_set(broken: Path) -> None:
    found = models(settings(broken))
    assert found == {"language": "lid.176.ftz", "pieces en": str(broken / "en.sp.model"), "lm en": str(broken / "en.arpa.bin")}
    assert "perplexity" in sets_of(settings(broken)) and "perplexity" not in sets_of(Annotate())
    assert fetch(found["lm en"]).sha256 == sha256_of(broken / "en.arpa.bin")


def test_models_under_other_names_are_refused() -> None:
    table = {
        "run": {"name": "a", "dump": "D", "input": ["x"]},
        "annotate": {"perplexity": {"models": {"en": {"pieces": "a", "lm": "b"}}}},
    }
    with pytest.raises(RecipeError, match=r"a does not end in \.sp\.model"):
        recipe_of(table)


def test_a_missing_package_is_refused_with_the_line_that_installs_it(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(RecipeError, match=r"needs the package kenlm(.|\n)*pip install 'gristmill\[perplexity\]'"):
        check(job(broken))


def test_models_that_cannot_be_read_are_refused(broken: Path) -> None:
    pytest.importorskip("kenlm", reason="needs gristmill[perplexity]")
    with pytest.raises(RecipeError, match="the models of 'en' cannot be read"):
        check(job(broken))


def test_without_models_the_set_is_null_and_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kenlm", None)
    lid = fetch("lid.176.ftz", folder=MODELS)
    given = AnnotateSettings(language_model=lid.path, language_sha256=lid.sha256, sets=("perplexity",))
    assert annotate(given).row("1", "text") == {"id": "1", "perplexity": None}
