"""gristmill train-vectors, with a teacher of six words: what it keeps, what it measures, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs gristmill[embed]")
pytest.importorskip("tokenizers", reason="needs gristmill[embed]")

from jobs.engine.models import fetch
from jobs.fast_vectors.settings import FastSettings, VectorsTrainError
from jobs.fast_vectors.taught import taught
from jobs.fast_vectors.train import Sources, train
from tests.runs import MODELS
from tests.vectors.tiny_model import tiny_model
from udfs.models.model_file import sha256_of
from udfs.signals.language import LanguageModel
from udfs.vectors.fast_model import loaded
from udfs.vectors.transformer import Transformer

SETTINGS = FastSettings(windows=2, window_tokens=10, hidden=8, holdout=0.3)


def corpus(folder: Path) -> list[str]:
    draw = np.random.default_rng(1)
    words = [draw.choice(["mill", "stone", "grain"], 20, p=draw.dirichlet((0.5, 0.5, 0.5))) for _ in range(200)]
    texts = [f"n{number} {' '.join(one)}" for number, one in enumerate(words)]
    for name, part in (("a", texts[:120]), ("b", texts[100:])):  # twenty stand in both
        lines = "".join(json.dumps({"text": text}) + "\n" for text in (*part, "", " "))
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")
    return [str(folder / f"{name}.jsonl") for name in "ab"]


def language() -> LanguageModel:
    found = fetch("lid.176.ftz", folder=MODELS)
    return LanguageModel(found.path, sha256=found.sha256)


def test_a_model_is_trained_measured_and_the_same_again(tmp_path: Path) -> None:
    files, teacher, lines = corpus(tmp_path), replace(tiny_model(tmp_path), max_tokens=24), list[str]()
    made = [
        train(
            tmp_path / f"{name}.vectors.npz",
            Sources(given),
            teacher=teacher,
            settings=SETTINGS,
            language=language(),
            say=lines.append,
        )
        for name, given in (("one", files), ("two", files[::-1]))
    ]
    assert made[0].sha256 == made[1].sha256 == sha256_of(made[0].path) and made[0].card == made[1].card
    card = made[0].card
    assert 50 <= card.held_out.texts <= 70 and 200 - card.held_out.texts < card.trained <= 2 * (200 - card.held_out.texts)
    assert card.held_out.pearson is not None and card.held_out.pearson > 0.8
    assert card.teacher == f"tiny.onnx sha256 {teacher.sha256}" and card.max_tokens == 24
    assert loaded(made[0].path, made[0].sha256).card == card
    assert json.loads(Path(f"{made[0].path}.json").read_text("utf-8"))["card"]["held_out"]["texts"] == card.held_out.texts


def test_other_texts_may_be_named_to_measure_with(tmp_path: Path) -> None:
    files, teacher = corpus(tmp_path), replace(tiny_model(tmp_path), max_tokens=24)
    out, sources = tmp_path / "m.vectors.npz", Sources(files[:1], files[1:])
    made = train(out, sources, teacher=teacher, settings=replace(SETTINGS, steps=1), language=language(), say=lambda line: None)
    assert made.card.held_out.texts == 100 and made.card.trained <= 200  # the twenty of both are only measured with


def test_what_the_teacher_has_read_is_not_read_again_even_after_a_kill(tmp_path: Path) -> None:
    teacher, cache, lines = Transformer(tiny_model(tmp_path)), tmp_path / "m.teacher", list[str]()
    texts = ["mill", "stone grain", "", "grain"]
    first = taught(teacher, texts[:2], cache=cache, say=lines.append)
    with cache.open("ab") as file:
        file.write(b"half an entry")
    both = taught(teacher, texts, cache=cache, say=lines.append)
    size = cache.stat().st_size
    assert taught(teacher, texts, cache=cache, say=lines.append)[2] is None and cache.stat().st_size == size
    assert lines == ["the teacher reads 2 texts; 0 are known", "the teacher reads 2 texts; 2 are known"]
    for found, text in zip(both, texts, strict=True):
        (alone,) = teacher.vectors([text])
        assert (found is None) == (alone is None)
        if found is not None and alone is not None:
            np.testing.assert_allclose(found, alone, atol=1e-3)
    assert np.array_equal(first[0], both[0])  # type: ignore[arg-type]
    other = Transformer(replace(teacher.scheme, pooling="cls"))
    taught(other, texts[:1], cache=cache, say=lines.append)
    assert lines[-1] == "the teacher reads 1 texts; 0 are known"


def test_too_few_texts_and_a_name_of_another_kind_are_refused(tmp_path: Path) -> None:
    teacher = tiny_model(tmp_path)
    (tmp_path / "few.txt").write_text("mill\ngrain\n", "utf-8")
    for out, told in (("m.vectors.npz", "there are"), ("m.npz", "should end in .vectors.npz")):
        with pytest.raises(VectorsTrainError, match=told):
            train(
                tmp_path / out,
                Sources([str(tmp_path / "few.txt")]),
                teacher=teacher,
                settings=SETTINGS,
                language=language(),
                say=lambda line: None,
            )
