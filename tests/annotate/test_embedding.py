"""[annotate.embedding]: what is refused before any work, what the fingerprint has, and what a bad page costs."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from jobs.annotate import vectors
from jobs.annotate.settings import Annotate, Embedding
from jobs.annotate.stage import check, models, sets_of, wanted
from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.models import fetch
from jobs.engine.root import Root
from tests.dedup.small_root import write_json
from tests.runs import MODELS
from tests.semantic.small_root import context
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotated_page import Page
from udfs.signals.annotator import Annotator, annotate
from udfs.vectors import transformer
from udfs.vectors.embedder import Embedder
from udfs.vectors.scheme import EmbeddingScheme

SCHEME = EmbeddingScheme("a.onnx", "0" * 64, "tokenizer.json", "1" * 64)


def test_a_recipe_with_an_empty_table_embeds_by_minilm() -> None:
    asked = Annotate.model_validate({"embedding": {}})
    found = models(asked)
    assert (found["embedding"], found["embedding tokenizer"]) == (
        "all-MiniLM-L6-v2.safetensors",
        "all-MiniLM-L6-v2.tokenizer.json",
    )
    assert "embedding" in sets_of(asked) and "embedding" not in sets_of(Annotate())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"model": "a.bin"}, "its kind is unknown"),
        ({"model": "a.onnx"}, "has no tokenizer"),
        ({"model": "a.onnx", "tokenizer": "vocab.txt"}, "does not end in tokenizer.json"),
        ({"model": "a.onnx", "tokenizer": "tokenizer.json", "precision": "int8"}, "is for MiniLM's weights"),
        ({"model": "a.vectors.npz", "max_tokens": 128}, "max_tokens is for a transformer"),
    ],
)
def test_settings_that_fit_no_model_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Embedding.model_validate(given)


def test_a_missing_package_is_refused_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    model = fetch(str(tmp_path / "tokenizer.json"))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RecipeError, match=r"needs the package onnxruntime(.|\n)*pip install 'gristmill\[embed\]'"):
        vectors.check(replace(SCHEME, model=model.path, sha256=model.sha256))


def test_a_window_that_the_model_has_no_positions_for_is_refused() -> None:
    pytest.importorskip("onnxruntime", reason="needs gristmill[embed]")
    weights, words = (fetch(f"all-MiniLM-L6-v2.{end}", folder=MODELS) for end in ("safetensors", "tokenizer.json"))
    files = {"embedding": weights, "embedding tokenizer": words}
    job: Any = SimpleNamespace(settings=Annotate.model_validate({"embedding": {"max_tokens": 513}}), models=files)
    with pytest.raises(RecipeError, match="cannot embed a window of 513 tokens"):
        vectors.check(vectors.scheme(job))
    job.settings = Annotate.model_validate({"embedding": {"max_tokens": 32, "windows": 2}})
    found = vectors.facts(vectors.scheme(job), model=job.settings.embedding)
    assert found is not None and found["sha256"] == weights.sha256 and found["tokenizer_sha256"] == words.sha256
    plain = ("model", "width", "max_tokens", "windows", "pooling", "precision", "teacher")
    assert [found[name] for name in plain] == ["all-MiniLM-L6-v2.safetensors", 384, 32, 2, "mean", "fp32", None]


def test_a_model_that_has_embedded_the_root_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[EmbeddingScheme | None] = []
    monkeypatch.setattr(vectors, "check", tried.append)

    def job() -> Job[Annotate]:
        given = context(Root(None, str(tmp_path)), {})
        return given.job(given.stage("annotate"))

    check(job())
    assert len(tried) == 1
    sets = wanted(job())
    for made, count in ((sets, 1), (sets | {"embedding": "by another model"}, 2)):
        write_json(tmp_path / "signals/_stage.json", {"stage": "annotate", "sets": made})
        check(job())
        assert len(tried) == count


def test_whatever_decides_the_vectors_is_in_the_fingerprint_and_no_path() -> None:
    kept = {name: SCHEME.facts() for name in ("as it is",)}
    kept["elsewhere"] = replace(SCHEME, model="/b.onnx", tokenizer="/c/tokenizer.json").facts()
    others = (
        {"sha256": "2" * 64},
        {"tokenizer_sha256": "2" * 64},
        {"pooling": "cls"},
        {"max_tokens": 99},
        {"windows": 2},
        {"precision": "int8"},
        {"prefix": "passage: "},
    )
    changed = [replace(SCHEME, **other).facts() for other in others]
    assert kept["elsewhere"] == kept["as it is"] and kept["as it is"] not in changed


def test_without_a_model_the_set_is_null_and_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    given = AnnotateSettings(language_model="none", language_sha256=None, sets=("embedding",))
    assert annotate(given).row("1", "text") == {"id": "1", "embedding": None}


class PanicException(BaseException):  # as a panic in Rust, which the tokenizers are written in, reaches Python
    """Stand for that of pyo3."""


@pytest.mark.parametrize("raised", [RuntimeError, PanicException])
def test_a_page_that_cannot_be_embedded_costs_itself_alone(
    raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fragile:
        def vectors(self, texts: list[str]) -> list[Any]:
            if any("bad" in text for text in texts):
                raise raised("no memory")
            return [np.ones(2, dtype=np.float32) if text else None for text in texts]

    monkeypatch.setattr(transformer, "loaded", lambda scheme: Fragile())
    given = AnnotateSettings(
        language_model="none", language_sha256=None, line_edits="none", sets=("embedding",), embedding=SCHEME
    )
    found = Annotator(given)._rows([Page("1", "good"), Page("2", "bad"), Page("3", ""), Page("4", None)])
    vector = Embedder(SCHEME).stored(["x"])[0]
    assert found[0] == {"id": "1", "embedding": vector} and found[2] == {"id": "3", "embedding": None}
    assert "no memory" in found[1]["error"] and "no text" in found[3]["error"] and vector is not None


def test_an_answer_is_held_against_its_page_by_their_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded: list[str] = []

    class Words:  # whose vectors count two words
        def vectors(self, texts: list[str]) -> list[Any]:
            embedded.extend(texts)
            counts = [np.array([text.count("rye"), text.count("flour")], dtype=np.float32) for text in texts]
            return [one if one.any() else None for one in counts]

    monkeypatch.setattr(transformer, "loaded", lambda scheme: Words())
    page = [("parent_text", "rye rye rye flour flour flour flour")]
    pages = [
        Page("same", "rye rye rye flour flour flour flour", carried=page),
        Page("near", "rye rye rye rye flour flour flour", carried=page),
        Page("far", "rye", carried=[("parent_text", "flour")]),
        Page("nothing to embed", "bread", carried=page),
        Page("no model wrote it", "rye", carried=[("style", "facts")]),
        Page("nor this", "rye"),
    ]
    given = AnnotateSettings("none", None, line_edits="none", sets=("rephrase_similarity",), embedding=SCHEME)
    found = {row["id"]: row["rephrase_similarity"] for row in Annotator(given)._rows(pages)}
    assert found == {
        "same": 1.0, "near": 0.96, "far": 0.0, "nothing to embed": None, "no model wrote it": None, "nor this": None,
    }  # fmt: skip
    assert len(embedded) == len(set(embedded))


def test_without_a_model_no_answer_has_a_similarity() -> None:
    given = AnnotateSettings("none", None, sets=("rephrase_similarity",))
    page = Page("1", "rye", carried=[("parent_text", "rye")])
    assert Annotator(given)._rows([page]) == [{"id": "1", "rephrase_similarity": None}]


def test_answers_are_compared_where_the_recipe_has_both_gates_and_a_model() -> None:
    both = {"embedding": {}, "signal_sets": ["rephrase"]}
    wants = [Annotate.model_validate({name: both[name] for name in names}) for names in (both, ["embedding"], ["signal_sets"])]
    assert ["rephrase_similarity" in sets_of(one) for one in wants] == [True, False, False]
