from pathlib import Path

import fasttext
import pytest

from udfs.models.model_file import ModelError, one_line, sha256_of
from udfs.signals.quality import QualityModel


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    good = "__label__hq the theorem explains why the proof holds\n"
    bad = "__label__cc click here to buy cheap watches now\n"
    (folder / "train.txt").write_text((good + bad) * 50, "utf-8")
    trained = fasttext.train_supervised(str(folder / "train.txt"), dim=8, bucket=100, wordNgrams=2, lr=1.0, thread=1, verbose=0)
    trained.save_model(str(folder / "model.bin"))
    return folder / "model.bin"


def test_a_text_like_the_positives_scores_above_one_like_the_negatives(model: Path) -> None:
    quality = QualityModel(str(model), sha256=sha256_of(model))
    high, low = quality.score("why the proof\nof the theorem holds"), quality.score("buy cheap\nwatches now")
    assert high is not None and low is not None
    assert 0.0 <= low < 0.2 < 0.8 < high <= 1.0


def test_the_score_is_the_probability_that_fasttext_gives_the_label(model: Path) -> None:
    text = "the proof\nis cheap"
    labels, probabilities = fasttext.load_model(str(model)).predict(one_line(text), k=2)
    raw = dict(zip(labels, map(float, probabilities), strict=True))
    assert QualityModel(str(model), sha256=None).score(text) == min(1.0, raw["__label__hq"])
    assert QualityModel(str(model), sha256=None, label="__label__cc").score(text) == min(1.0, raw["__label__cc"])


@pytest.mark.parametrize("text", ["", "\n \t"])
def test_a_blank_text_has_no_score(model: Path, text: str) -> None:
    assert QualityModel(str(model), sha256=None).score(text) is None


def test_an_unknown_label_is_refused_at_loading_with_the_known_ones(model: Path) -> None:
    with pytest.raises(ValueError, match=r"no label '__label__good'.*one of: __label__cc, __label__hq"):
        QualityModel(str(model), sha256=None, label="__label__good").load()


def test_another_model_than_the_pinned_one_is_refused_at_loading(model: Path) -> None:
    with pytest.raises(ModelError, match=f"pinned is {'0' * 64}"):
        QualityModel(str(model), sha256="0" * 64).load()
