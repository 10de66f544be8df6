"""Vectors by a transformer: MiniLM's published figures, and a tiny graph whose vectors are worked out by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs gristmill[embed]")
pytest.importorskip("tokenizers", reason="needs gristmill[embed]")

from jobs.engine.models import fetch
from tests.runs import MODELS
from tests.vectors.tiny_model import TABLE, tiny_model
from udfs.models.model_file import ModelError
from udfs.vectors import transformer
from udfs.vectors.embedder import Embedder
from udfs.vectors.half import unpacked
from udfs.vectors.scheme import EmbeddingScheme
from udfs.vectors.transformer import Transformer

TEXTS = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")


@pytest.fixture(scope="module")
def minilm() -> EmbeddingScheme:
    model, words = (fetch(f"all-MiniLM-L6-v2.{end}", folder=MODELS) for end in ("safetensors", "tokenizer.json"))
    return EmbeddingScheme(model.path, model.sha256, words.path, words.sha256)


def unit(*rows: np.ndarray) -> list[float]:
    """Return the unit vector of the mean of rows."""
    mean = np.mean(rows, axis=0)
    return [round(float(one), 5) for one in mean / np.linalg.norm(mean)]


def made(scheme: EmbeddingScheme, text: str) -> list[float] | None:
    (found,) = Transformer(scheme).vectors([text])
    return None if found is None else [round(float(one), 5) for one in found]


def test_minilms_similarities_are_those_that_sentence_transformers_publishes(minilm: EmbeddingScheme) -> None:
    stored = Embedder(minilm).stored(TEXTS)
    found = unpacked([one for one in stored if one is not None])
    assert found.shape == (3, 384)
    np.testing.assert_allclose(found @ found.T, [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]], atol=5e-4)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_vector_is_the_same_bit_for_bit_whatever_stands_beside_it(minilm: EmbeddingScheme, precision: str) -> None:
    texts = ["mill " * 9, "", *TEXTS, "grain " * 20, "Größe 漢字"]
    model = Embedder(replace(minilm, max_tokens=16, precision="int8" if precision == "int8" else "fp32"))
    alone = [model.stored([text])[0] for text in texts]
    assert model.stored(texts) == alone and model.stored(texts[::-1]) == alone[::-1] and alone[1] is None


def test_windows_of_many_lengths_may_share_a_call_and_change_nothing(
    minilm: EmbeddingScheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GPU is given 64 windows a call; here a CPU is, whose results padding does not move."""
    short = replace(minilm, max_tokens=16, windows=2)
    alone = Transformer(short).vectors(TEXTS)
    monkeypatch.setattr(transformer, "CALL", {True: 64, False: 64})
    together = Transformer(short).vectors([*TEXTS, "mill " * 40])
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=False) if one is not None)  # type: ignore[arg-type]


def test_int8_is_near_fp32(minilm: EmbeddingScheme) -> None:
    exact, coarse = (Transformer(replace(minilm, precision=one)).vectors(TEXTS) for one in ("fp32", "int8"))
    cosines = [float(one @ other) for one, other in zip(exact, coarse, strict=True) if one is not None and other is not None]
    assert len(cosines) == 3 and min(cosines) > 0.9 and max(cosines) < 0.99999


def test_the_states_of_a_window_are_pooled_as_asked(tmp_path: Path) -> None:
    scheme = tiny_model(tmp_path)
    cls, sep, _, mill, stone, _ = TABLE
    assert made(scheme, "mill stone grain") == unit(cls, mill, stone, sep)  # four tokens, the marks included
    assert made(scheme, "mill") == unit(cls, mill, sep)
    assert made(replace(scheme, pooling="cls"), "mill stone") == unit(cls)
    assert made(replace(scheme, pooling="last"), "mill stone") == unit(sep)
    assert made(replace(scheme, prefix="stone"), "mill grain") == unit(cls, stone, mill, sep)


@pytest.mark.parametrize("prefix", ["stone mill", "stone mill grain stone mill"])
def test_a_prefix_that_fills_a_window_is_refused(prefix: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no room for a text"):
        Transformer(replace(tiny_model(tmp_path), prefix=prefix)).vectors(["mill " * 9])


def test_a_long_document_is_the_mean_of_its_first_windows_by_their_tokens(tmp_path: Path) -> None:
    scheme = tiny_model(tmp_path)
    first, second = (np.array(made(scheme, text)) for text in ("mill stone", "grain"))
    wanted = unit(4 * first + 3 * second)
    assert made(replace(scheme, windows=2), "mill stone grain") == pytest.approx(wanted, abs=2e-5)
    assert made(replace(scheme, windows=9), "mill stone grain") == pytest.approx(wanted, abs=2e-5)
    assert made(replace(scheme, windows=1), "mill stone grain") == pytest.approx(first.tolist(), abs=2e-5)


def test_white_space_before_a_text_is_passed_over_however_much_it_is(tmp_path: Path) -> None:
    assert made(tiny_model(tmp_path), " " * 10_000 + "mill stone") == made(tiny_model(tmp_path), "mill stone")


def test_a_text_without_a_token_or_a_direction_has_no_vector(tmp_path: Path) -> None:
    assert Embedder(tiny_model(tmp_path)).stored(["", " \n\t", "mill"])[:2] == [None, None]
    for table in (np.zeros_like(TABLE), np.full_like(TABLE, np.nan)):
        folder = tmp_path / str(table[0, 0])
        folder.mkdir()
        assert Embedder(tiny_model(folder, table=table)).stored(["mill"]) == [None]


def test_files_that_are_no_models_are_refused(tmp_path: Path) -> None:
    scheme = tiny_model(tmp_path)
    for name in ("a.onnx", "a.safetensors"):
        (tmp_path / name).write_bytes(b"no model")
        with pytest.raises(ModelError):
            Transformer(replace(scheme, model=str(tmp_path / name), sha256=fetch(str(tmp_path / name)).sha256))
    with pytest.raises(ModelError, match=r"is no tokenizer\.json"):
        Transformer(replace(scheme, tokenizer=scheme.model, tokenizer_sha256=scheme.sha256))
