"""The fast embedder: what it learns from a teacher, how it is measured, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jobs.fast_vectors.distil import PENALTY, distilled
from jobs.fast_vectors.measured import agreement, by_language
from udfs.models.model_file import ModelError, sha256_of
from udfs.vectors.agreement import Agreement, too_weak
from udfs.vectors.fast_model import Card, FastModel, loaded
from udfs.vectors.sparse_features import features

TOPICS = ("mill grain flour stone wheel", "river water boat fish stream", "poem verse rhyme line song")
CARD = Card("teacher sha256 0", 64, 1, 300, Agreement(60, 0.9, 0.7), {"en": Agreement(60, 0.8, 0.6)})


def texts(count: int, *, seed: int) -> tuple[list[str], np.ndarray]:
    """Draw texts of one topic each with words of another, and a teacher's vectors: how much of each topic stands in them."""
    draw = np.random.default_rng(seed)
    found, vectors = [], []
    for _ in range(count):
        shares = draw.dirichlet((0.4, 0.4, 0.4))
        topics = draw.choice(3, 30, p=shares)
        found.append(" ".join(draw.choice(TOPICS[topic].split()) for topic in topics))
        counts = np.bincount(topics, minlength=3).astype(np.float32)
        vectors.append(counts / np.linalg.norm(counts))
    return found, np.stack(vectors)


@pytest.fixture(scope="module")
def model() -> FastModel:
    given, vectors = texts(400, seed=1)
    rows = [features(text, max_tokens=64) for text in given]
    lines: list[str] = []
    net = distilled(rows, vectors, hidden=3, steps=30, say=lines.append)
    again = distilled(rows, vectors, hidden=3, steps=30, say=lines.append)
    assert lines[0].startswith("step 10: ") and all(
        np.array_equal(getattr(net, name), getattr(again, name)) for name in vars(net)
    )
    return FastModel.of(net.idf, net.table, net.weights, net.bias, card=CARD)


def test_a_net_agrees_with_its_teacher_on_texts_that_it_has_not_seen(model: FastModel) -> None:
    given, vectors = texts(80, seed=2)
    found = np.stack([one for one in model.vectors(given) if one is not None])
    measured = agreement(vectors, found)
    assert measured.texts == 80 and measured.pearson is not None and measured.pearson > 0.95
    assert measured.neighbours is not None and measured.neighbours > 0.5
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_the_regression_is_the_ridge_that_a_dense_solver_finds() -> None:
    given, vectors = texts(40, seed=3)
    rows = [features(text, max_tokens=64) for text in given]
    learned = distilled(rows, vectors, hidden=3, steps=200, say=lambda line: None)
    dense = np.zeros((40, len(learned.idf)))
    for row, (places, values) in enumerate(rows):
        dense[row, places] = values * learned.idf[places]
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    kernel = dense @ dense.T + PENALTY * np.eye(40)
    wanted = dense.T @ np.linalg.solve(kernel, vectors - vectors.mean(axis=0))
    seen = [place for places, _ in rows for place in places.tolist()]
    assert {place for place in seen if seen.count(place) < 2} == {place for place in set(seen) if learned.idf[place] == 0}
    np.testing.assert_allclose(learned.table @ learned.weights, wanted, atol=0.02 * np.abs(wanted).max())


def test_a_vector_is_the_same_whatever_stands_beside_it_and_none_without_a_word(model: FastModel) -> None:
    given = ["mill grain", "", "river song", "??"]
    alone = [model.vectors([text])[0] for text in given]
    together = model.vectors(given)
    assert together[1] is None and together[3] is None and alone[1] is None
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True) if a is not None and b is not None)


def test_a_model_is_written_and_read_byte_for_byte(model: FastModel, tmp_path: Path) -> None:
    for name in ("a.vectors.npz", "b.vectors.npz"):
        model.save(tmp_path / name)
    sha = sha256_of(tmp_path / "a.vectors.npz")
    assert sha == sha256_of(tmp_path / "b.vectors.npz")
    read = loaded(str(tmp_path / "a.vectors.npz"), sha)
    assert read.card == CARD and np.array_equal(read.vectors(["mill"])[0], model.vectors(["mill"])[0])  # type: ignore[arg-type]


def test_a_file_that_is_no_fast_model_is_refused(model: FastModel, tmp_path: Path) -> None:
    (tmp_path / "text.vectors.npz").write_bytes(b"no model")
    with (tmp_path / "other.vectors.npz").open("wb") as file:
        np.savez(file, weights=np.zeros(3))
    replace(model, bias=np.zeros(5, np.float32)).save(tmp_path / "shape.vectors.npz")
    for name in ("text", "other", "shape"):
        path = tmp_path / f"{name}.vectors.npz"
        with pytest.raises(ModelError, match="Train it again"):
            loaded(str(path), sha256_of(path))


def test_agreement_is_pearsons_r_of_all_pairs_and_the_share_of_common_neighbours() -> None:
    draw = np.random.default_rng(1)
    right, mine = (draw.normal(size=(60, 8)).astype(np.float32) for _ in range(2))
    right, mine = (one / np.linalg.norm(one, axis=1, keepdims=True) for one in (right, mine))
    pairs = [(float(right[a] @ right[b]), float(mine[a] @ mine[b])) for a in range(60) for b in range(a)]
    near = [
        [sorted(set(range(60)) - {a}, key=lambda b: (-float(one[a] @ one[b]), b))[:10] for a in range(60)]
        for one in (right, mine)
    ]
    shared = np.mean([len(set(one) & set(other)) / 10 for one, other in zip(*near, strict=True)])
    found = agreement(right, mine)
    assert found.pearson == pytest.approx(np.corrcoef(np.array(pairs).T)[0, 1], abs=1e-3)
    assert found.neighbours == pytest.approx(shared, abs=1e-3)
    assert agreement(right, right) == Agreement(60, 1.0, 1.0)
    assert agreement(right[:49], mine[:49]) == Agreement(49, None, None)
    assert by_language(right, mine, ["en"] * 55 + ["de"] * 5).keys() == {"en"}


def test_a_model_below_the_floor_or_never_measured_may_drop_nothing() -> None:
    strong = {"teacher": "t", "pearson": 0.75, "neighbours": 0.6}
    assert too_weak(strong) is None and too_weak({"teacher": None}) is None
    assert too_weak(None) == "the signals hold no vectors"
    assert "not measured" in str(too_weak(strong | {"pearson": None}))
    assert "r = 0.43" in str(too_weak(strong | {"pearson": 0.43}))
    assert "33 %" in str(too_weak(strong | {"neighbours": 0.33}))
