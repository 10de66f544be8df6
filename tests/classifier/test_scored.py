"""Training on an LLM's scores: fastText at a threshold, ridge regression, and the card of each."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
import typer.testing

from jobs.classifier.examples import TrainError, scored_examples
from jobs.classifier.ridge import PENALTY, fitted
from jobs.classifier.scored import train_labelled, train_ridge
from jobs.classifier.train import TrainSettings
from jobs.engine.models import fetch
from jobs.main import app
from udfs.models.model_file import ModelError, sha256_of
from udfs.models.ridge import MAX_WORDS, SIZE, Ridge, features, load_ridge, weighted
from udfs.signals.quality import QualityModel

SMALL = TrainSettings(dim=8, bucket=1000, epoch=20, lr=0.5, holdout=0.25)
LESSON = ("theorem", "proof", "lemma", "axiom", "explains", "defines", "therefore", "example")
ADVERT = ("buy", "cheap", "click", "free", "offer", "sale", "price", "shipping")


def scored(number: int) -> dict[str, object]:
    """Make a text whose score is how many of its five topics are a lesson's."""
    draw = random.Random(number)
    score = number % 6
    words = [draw.choice(LESSON if place < score else ADVERT) for place in range(5) for _ in range(6)]
    return {"text": f"page {number} {' '.join(words)}", "score": score}


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(scored(n)) + "\n" for n in range(300)), "utf-8")
    return path


def test_fasttext_learns_what_reaches_the_score(labels: Path, tmp_path: Path) -> None:
    report = train_labelled(tmp_path / "q.bin", [labels], min_score=3, settings=SMALL)
    held = report.held_out
    assert sum(report.trained.values()) + held.positives + held.negatives == 300
    assert held.f1 is not None and held.f1 > 0.8
    card = json.loads((tmp_path / "q.json").read_text("utf-8"))
    assert (card["min_score"], card["held_out"]["f1"]) == (3, held.f1)


def test_ridge_predicts_the_score_and_scores_pages_as_it_was_measured(labels: Path, tmp_path: Path) -> None:
    report = train_ridge(tmp_path / "q.npz", [labels], min_score=3, settings=SMALL)
    assert report.held_out.f1 is not None and report.held_out.f1 > 0.8
    assert report.mean_error is not None and report.mean_error < 1
    assert sum(report.trained.values()) + report.held_out.positives + report.held_out.negatives == 300
    card = json.loads((tmp_path / "q.json").read_text("utf-8"))
    assert (card["sha256"], card["threshold"], card["min_score"]) == (sha256_of(tmp_path / "q.npz"), 2.5, 3)
    model = fetch(str(tmp_path / "q.npz"))
    good, bad = (QualityModel(model.path, sha256=model.sha256).score(" ".join(words)) for words in (LESSON, ADVERT))
    assert good is not None and bad is not None and good > 3 > bad
    assert QualityModel(model.path, sha256=None).score(" \n") is None


@pytest.mark.parametrize("min_score", [0, -1, 5.5, math.nan])
def test_a_least_score_that_all_or_none_reach_is_refused(labels: Path, tmp_path: Path, min_score: float) -> None:
    for train, name in ((train_labelled, "q.bin"), (train_ridge, "q.npz")):
        with pytest.raises(TrainError, match=r"--min-score \S+ tells no text from another.*nothing was trained"):
            train(tmp_path / name, [labels], min_score=min_score, settings=SMALL)
    assert not list(tmp_path.glob("q*"))


def test_the_same_rows_in_any_order_make_the_same_bytes(labels: Path, tmp_path: Path) -> None:
    rows = labels.read_text("utf-8").splitlines(keepends=True)
    other = tmp_path / "other.jsonl"
    other.write_text("".join(reversed(rows)) + rows[0] + '{"text": "", "score": 1}\n', "utf-8")
    first = train_ridge(tmp_path / "a.npz", [labels], min_score=3, settings=SMALL)
    second = train_ridge(tmp_path / "b.npz", [other], min_score=3, settings=SMALL)
    assert first.sha256 == second.sha256 and (second.repeated, second.empty) == (1, 1)


def test_the_fit_is_that_of_the_normal_equations() -> None:
    rows = [(float(n % 6), str(scored(n)["text"])) for n in range(40)]
    model = fitted(rows)
    counts = [weighted(features(text), model.idf) for _, text in rows]
    used = np.unique(np.concatenate([places for places, _ in counts]))
    dense = np.zeros((len(rows), len(used)))
    for row, (places, values) in enumerate(counts):
        dense[row, np.searchsorted(used, places)] = values
    wanted = np.array([score for score, _ in rows])
    exact = np.linalg.solve(dense.T @ dense + PENALTY * np.eye(len(used)), dense.T @ (wanted - wanted.mean()))
    assert np.allclose(model.weights[used], exact, atol=1e-4) and model.intercept == pytest.approx(wanted.mean())
    assert np.count_nonzero(model.weights) <= len(used)


def test_a_text_is_read_to_a_bounded_place() -> None:
    assert features("")[0].size == 0 and features("a " * MAX_WORDS + "b")[0].size == 2  # a, and "a a"
    none = Ridge(np.ones(SIZE, np.float32), np.ones(SIZE, np.float32), 2.0)
    assert none.score("") == 2.0


@pytest.mark.parametrize("score", ['"high"', "6", "-1", "null", "true", "NaN"])
def test_a_score_that_is_none_is_refused(tmp_path: Path, score: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"text": "a", "score": {score}}}\n', "utf-8")
    with pytest.raises(TrainError, match="in row 1: a score is a number from 0 to 5"):
        list(scored_examples([tmp_path / "a.jsonl"]))


def test_a_file_that_is_no_regression_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="no model of scores"):
        load_ridge(str(tmp_path / "a.npz"))
    np.savez(tmp_path / "b.npz", weights=np.ones(3), idf=np.ones(3), intercept=np.ones(1))
    with pytest.raises(ModelError, match="other arrays"):
        fetch(str(tmp_path / "b.npz"))
    with pytest.raises(TrainError, match=r"should end in \.npz"):
        train_ridge(tmp_path / "q.bin", [], min_score=3, settings=SMALL)


def test_the_command_trains_both(labels: Path, tmp_path: Path) -> None:
    runner = typer.testing.CliRunner()
    ridge = runner.invoke(app, ["train", "--scored", str(labels), "--method", "ridge", "--out", str(tmp_path / "q.npz")])
    assert ridge.exit_code == 0 and "above 2.5" in ridge.output and "of score 5" in ridge.output
    plain = runner.invoke(app, ["train", "--scored", str(labels), "--bucket", "1000", "--out", str(tmp_path / "q.bin")])
    assert plain.exit_code == 0 and "__label__hq" in plain.output
    alone = runner.invoke(app, ["train", "--method", "ridge", "--positives", str(labels), "--out", str(tmp_path / "q.npz")])
    assert isinstance(alone.exception, TrainError)
