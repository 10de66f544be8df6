"""Several quality classifiers: each is a signal and a set of its own, and a new one measures only itself."""

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.annotate import STAGE
from jobs.annotate.stage import wanted
from jobs.classifier.train import TrainSettings, train
from jobs.engine.errors import RecipeError
from jobs.engine.models import fetch
from tests.runs import MODELS, Finished, changed, context, rows, run, tiny
from udfs.models.model_file import sha256_of
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import Annotator
from udfs.signals.quality import Classifier, QualityModel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORDS = ("proof", "river", "engine", "poem", "buy", "cheap", "click", "free")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Train two models that like different words."""
    folder, draw = tmp_path_factory.mktemp("models"), random.Random(1)
    lines = [
        "".join(f"{word} " for word in draw.choices(half, k=6)) + "\n" for half in (WORDS[:4], WORDS[4:]) for _ in range(30)
    ]
    for name, half in (("a", lines[:30]), ("b", lines[30:])):
        (folder / f"{name}.txt").write_text("".join(half), "utf-8")
    small = TrainSettings(dim=4, epoch=5, bucket=100)
    for name, other in (("a", "b"), ("b", "a")):
        train(folder / f"{name}.bin", positives=[folder / f"{name}.txt"], negatives=[folder / f"{other}.txt"], settings=small)
    return folder / "a.bin", folder / "b.bin"


def test_each_classifier_scores_by_itself(models: tuple[Path, Path]) -> None:
    language = fetch("lid.176.ftz", folder=MODELS)
    classifiers = (Classifier("quality_score", str(models[0]), None), Classifier("quality_b", str(models[1]), None))
    made = AnnotateSettings(language_model=language.path, language_sha256=language.sha256, classifiers=classifiers)
    text = "click here to buy it cheap, the proof is free"
    both = Annotator(replace(made, sets=("quality", "quality_b"))).row("1", text)
    assert both["quality_score"] == QualityModel(str(models[0]), sha256=None).score(text)
    assert both["quality_b"] == QualityModel(str(models[1]), sha256=None).score(text) != both["quality_score"]
    assert "quality_score" not in Annotator(replace(made, sets=("quality_b",))).row("1", text)


@pytest.mark.spark
def test_a_new_classifier_measures_only_itself_and_rules_steps_and_products_know_it(
    spark: "SparkSession", finished: Finished, models: tuple[Path, Path], tmp_path: Path
) -> None:
    root, plain = finished.copy(tmp_path / "root"), tiny(list(finished.inputs))
    both = [{"model": str(models[0])}, {"signal": "quality_b", "model": str(models[1])}]
    rules = [{"reason": "worst", "keep": "quality_b >= 0 AND quality_score >= 0"}]
    steps = [{"name": "low", "threshold": {"by": ["quality_score", "quality_b"], "min": 10}}]
    publish = {"columns": ["title", "domain", "quality_score", "quality_b"]}
    recipe = changed(plain, annotate={"quality": both}, filter=rules, sampling=steps, publish=publish)
    with pytest.raises(RecipeError, match="quality_c"):
        run(spark, changed(recipe, filter=[{"reason": "worst", "keep": "quality_c > 0"}]), root)
    before = wanted(context(spark, plain, root).job(STAGE))
    job = context(spark, recipe, root).job(STAGE)
    assert set(wanted(job)) - set(before) == {"quality", "quality_b"} and before.items() <= wanted(job).items()
    marker = run(spark, recipe, root)
    sha = {signal: model["sha256"] for signal, model in marker["annotate"]["classifiers"].items()}
    assert sha == {"quality_score": sha256_of(models[0]), "quality_b": sha256_of(models[1])}
    assert all(set(row) >= {"quality_score", "quality_b"} for row in rows(root, "signals"))
    old = {row["id"]: row["word_count"] for row in rows(finished.root, "signals")}
    assert {row["id"]: row["word_count"] for row in rows(root, "signals")} == old
    texts = {row["id"]: row["text"] for row in rows(root, "documents")}
    corpus = rows(root, "corpus")
    assert corpus and all(row["quality_b"] is not None for row in corpus) and texts.keys() >= {row["id"] for row in corpus}
    other = [{"model": str(models[0])}, {"signal": "quality_b", "model": str(models[1]), "label": "__label__cc"}]
    again = wanted(context(spark, changed(recipe, annotate={"quality": other}), root).job(STAGE))
    assert {name for name in again if again[name] != wanted(job)[name]} == {"quality_b"}


def test_two_classifiers_of_one_signal_are_refused() -> None:
    with pytest.raises(RecipeError, match="two classifiers have the signal 'quality_b'"):
        changed(tiny([]), annotate={"quality": [{"signal": "quality_b", "model": "a"}, {"signal": "quality_b", "model": "b"}]})
