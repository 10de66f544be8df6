"""gristmill train --topics: a model of many labels, measured by label."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs.annotate.settings import Annotate, Labels
from jobs.annotate.stage import measures, models, sets_of
from jobs.annotate.vectors import check_labeller
from jobs.classifier.examples import TrainError
from jobs.classifier.recipe_vectors import embedder_of
from jobs.classifier.topics import LabelMetrics, train_topics
from jobs.classifier.train import TrainSettings
from jobs.engine.errors import RecipeError
from tests.annotate.fast_models import fast_model
from udfs.models.model_file import sha256_of
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate as annotator
from udfs.signals.sets import schema_of
from udfs.signals.text_labels import Labeller

TOPICS = {"milling": "mill grain flour stone", "rivers": "river water boat fish", "verse": "poem rhyme line song"}
SMALL = TrainSettings(dim=8, epoch=20, lr=0.5, bucket=100, holdout=0.3)


def examples(folder: Path) -> Path:
    draw = random.Random(1)
    rows = [
        {"label": topic, "text": " ".join(draw.choices(words.split(), k=8))}
        for topic, words in TOPICS.items()
        for _ in range(60)
    ]
    rows += [{"label": "verse", "text": " "}, {"label": "verse", "text": rows[0]["text"]}]
    (folder / "topics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder / "topics.jsonl"


def test_a_model_names_topics_and_each_is_measured(tmp_path: Path) -> None:
    given = [examples(tmp_path)]
    report, again = (train_topics(tmp_path / f"{name}.bin", given, settings=SMALL) for name in "ab")
    assert report.sha256 == again.sha256 == sha256_of(tmp_path / "a.bin") and report.accuracy == 1.0
    assert (report.empty, report.contradictory) == (1, 1) and list(report.labels) == sorted(TOPICS)
    for one in report.labels.values():
        assert one.held_out == one.named == one.right > 5 and one.precision == one.recall == 1.0
    assert sum(one.trained + one.held_out for one in report.labels.values()) + report.repeated + 1 == 180 + 1
    model = Labeller("label_topic", str(tmp_path / "a.bin"), None)
    assert [model.label(text) for text in ("a mill for grain", "the boat\non the river", " ", "")] == [
        "milling",
        "rivers",
        None,
        None,
    ]
    assert (
        json.loads((tmp_path / "a.json").read_text("utf-8"))["labels"]["verse"]["held_out"] == report.labels["verse"].held_out
    )


def test_a_label_that_is_never_right_has_figures_of_its_own() -> None:
    assert LabelMetrics(trained=9, held_out=4, named=0, right=0).precision is None
    assert LabelMetrics(trained=9, held_out=0, named=2, right=0).recall is None
    assert LabelMetrics(trained=9, held_out=4, named=8, right=2).precision == 0.25


def test_one_label_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_text('{"label": "a", "text": "b"}\n', "utf-8")
    with pytest.raises(TrainError, match="two labels at least, found a"):
        train_topics(tmp_path / "m.bin", [tmp_path / "one.jsonl"], settings=TrainSettings(holdout=0))


def test_a_recipe_names_labels_as_signals_of_their_own(tmp_path: Path) -> None:
    train_topics(tmp_path / "a.bin", [examples(tmp_path)], settings=SMALL)
    asked = Annotate.model_validate({"labels": [{"model": "a.bin"}, {"signal": "label_format", "model": "b.bin"}]})
    assert models(asked)["label_format"] == "b.bin" and {"label_topic", "label_format"} <= set(sets_of(asked))
    assert [(one.name, one.type) for one in measures(asked)] == [("label_topic", "string"), ("label_format", "string")]
    assert schema_of(["label_topic"]).names == ["id", "label_topic", "error"]
    given = AnnotateSettings(
        language_model="none",
        language_sha256=None,
        line_edits="none",
        labellers=(Labeller("label_topic", str(tmp_path / "a.bin"), None),),
        sets=("label_topic",),
    )
    assert annotator(given).row("1", "a song, a rhyme") == {"id": "1", "label_topic": "verse"}
    with pytest.raises(ValidationError, match="two classifiers have the signal"):
        Annotate.model_validate({"labels": [{"model": "a.bin"}, {"model": "b.bin"}]})
    with pytest.raises(ValidationError, match="is no model of labels"):
        Labels(model="a.npz")
    with pytest.raises(ValidationError, match="no vector is made"):
        Annotate.model_validate({"labels": [{"model": "a.labels.npz"}]})


def test_a_model_on_vectors_names_topics_and_pages_alike(tmp_path: Path) -> None:
    """The vectors are of chance and have eight numbers: that tells most of these texts apart."""
    fast_model(tmp_path / "chance.vectors.npz")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f"""
        [run]
        name = "r"
        dump = "D"
        input = ["x.warc.gz"]
        [extract]
        [annotate]
        embedding = {{ model = "{tmp_path / "chance.vectors.npz"}" }}
        labels = [{{ model = "{tmp_path / "not-yet.labels.npz"}" }}]
        """)
    embedder, given = embedder_of(str(recipe)), [examples(tmp_path)]
    report, again = (train_topics(tmp_path / f"{name}.labels.npz", given, settings=SMALL, embedder=embedder) for name in "ab")
    assert report.sha256 == again.sha256 and report.accuracy is not None and report.accuracy > 0.6  # by chance 0.33
    labeller = Labeller("label_topic", str(tmp_path / "a.labels.npz"), report.sha256)
    assert labeller.names() == tuple(sorted(TOPICS))
    asked = AnnotateSettings(
        "none", None, line_edits="none", labellers=(labeller,), embedding=embedder.scheme, sets=("label_topic",)
    )
    texts = ["mill grain flour stone grain", "poem rhyme line song line", ""]
    for sets in (("label_topic",), ("embedding", "label_topic")):
        pages = [annotator(replace(asked, sets=sets)).row(str(place), text) for place, text in enumerate(texts)]
        assert [page["label_topic"] for page in pages] == ["milling", "verse", None]
    check_labeller(labeller, embedder.scheme)
    with pytest.raises(RecipeError, match=r"was trained on other vectors .*another max_tokens"):
        check_labeller(labeller, replace(embedder.scheme, max_tokens=9))
    (tmp_path / "broken.labels.npz").write_bytes(b"PK and no more")
    with pytest.raises(RecipeError, match="is no model of labels on vectors"):
        check_labeller(Labeller("label_topic", str(tmp_path / "broken.labels.npz"), None), embedder.scheme)


def test_a_model_on_vectors_has_a_name_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"ends in \.labels\.npz"):
        train_topics(tmp_path / "a.labels.npz", [examples(tmp_path)], settings=SMALL)
    (tmp_path / "r.toml").write_text('[run]\nname = "r"\ndump = "D"\ninput = ["x.warc.gz"]\n[extract]\n[annotate]\n')
    with pytest.raises(TrainError, match=r"has no \[annotate.embedding\]"):
        embedder_of(str(tmp_path / "r.toml"))
