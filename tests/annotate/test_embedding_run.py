"""A run with [annotate.embedding] and [[annotate.labels]]: each is measured alone, the marker tells of it, sampling takes labels."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from jobs.annotate.story import story
from jobs.classifier.topics import train_topics
from jobs.classifier.train import TrainSettings
from tests.annotate.fast_models import fast_model
from tests.runs import Finished, changed, context, rows, run, tiny
from udfs.edits.edit import Edit, apply
from udfs.models.model_file import sha256_of
from udfs.signals.text_labels import Labeller
from udfs.vectors.embedder import Embedder
from udfs.vectors.half import packed
from udfs.vectors.scheme import EmbeddingScheme

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def topics(folder: Path) -> Path:
    """Train a model that tells words of one half of the alphabet from those of the other."""
    rows = [{"label": label, "text": " ".join(words)} for label, words in (("one", "abcdefghijklm"), ("two", "nopqrstuvwxyz"))]
    lines = [json.dumps(row | {"text": f"{row['text']} {n}"}) + "\n" for row in rows for n in range(40)]
    (folder / "topics.jsonl").write_text("".join(lines), "utf-8")
    train_topics(folder / "topics.bin", [folder / "topics.jsonl"], settings=TrainSettings(dim=4, bucket=100))
    return folder / "topics.bin"


def test_documents_get_vectors_and_labels_and_the_marker_says_what_they_are(
    spark: "SparkSession", finished: Finished, tmp_path: Path
) -> None:
    root, path = finished.copy(tmp_path / "root"), tmp_path / "chance.vectors.npz"
    labels, model = topics(tmp_path), fast_model(path)
    embedder = Embedder(EmbeddingScheme(str(path), sha256_of(path)))
    of_vectors = tmp_path / "topics.labels.npz"
    train_topics(of_vectors, [tmp_path / "topics.jsonl"], settings=TrainSettings(), embedder=embedder)
    named = [{"model": str(labels)}, {"signal": "label_of_vector", "model": str(of_vectors)}]
    asked = {"embedding": {"model": str(path)}, "labels": named}
    steps = [{"name": "topics_evened", "temperature": {"over": "label_topic", "temperature": 2}}]
    recipe = changed(tiny(list(finished.inputs)), annotate=asked, sampling=steps)
    markers = run(spark, recipe, root)
    marker = markers["annotate"]
    assert marker["labels"]["label_topic"]["labels"] == marker["labels"]["label_of_vector"]["labels"] == ["one", "two"]
    assert sum(markers["sampling"]["ledger"]["failed"].values(), 0) == 0
    told = marker["embedding"]
    assert told["by_language"] == {"en": {"texts": 60, "pearson": 0.8, "neighbours": 0.6}}
    plain = {"model": str(path), "sha256": sha256_of(path), "width": 8, "pooling": "mean", "max_tokens": 64, "windows": 1}
    plain |= {"precision": "fp32", "teacher": "teacher sha256 0", "pearson": 0.9, "neighbours": 0.7}
    assert {name: told[name] for name in plain} == plain
    texts = {row["id"]: row["text"] for row in rows(root, "documents")}
    found = rows(root, "signals")
    assert len(found) > 20
    for row in found:
        cut = apply(texts[row["id"]], [Edit(**edit) for edit in row["line_edits"]])
        (vector,) = model.vectors([cut])
        assert row["label_topic"] == Labeller("label_topic", str(labels), None).label(cut)
        assert row["label_of_vector"] == Labeller("label_of_vector", str(of_vectors), None).of_vector(row["embedding"])
        assert row["embedding"] == (None if vector is None else packed(vector[np.newaxis])[0])
    old = {row["id"]: row["word_count"] for row in rows(finished.root, "signals")}
    assert {row["id"]: row["word_count"] for row in found} == old
    page = next(row for row in found if row["embedding"] is not None)
    chunks = sorted({folder.name.partition("=")[2] for folder in root.glob("documents/chunk=*")})
    lines = [line for chunk in chunks for line in story(context(spark, recipe, root), page["id"], chunk)]
    assert [line.split() for line in lines if "embedding" in line] == [["embedding", "8", "numbers"]]
