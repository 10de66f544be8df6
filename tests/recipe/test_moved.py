"""Keys of earlier recipes: each is refused with the place that it has now."""

import re
from typing import Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.recipe.load import known_keys, recipe_of
from jobs.recipe.moved import MOVED, VALUES

NOW = {
    "select": "extract.index_filter",
    "parts": "passages",
    "dedup.minhash": "annotate.minhash",
    "extract.timeout_s": "extract.max_cpu_s",
    "extract.memory_mb": "extract.max_memory_mb",
    "extract.gate.language_score": "extract.gate.min_language_score",
    "extract.chain": "extract.extractor",
    "extract.index_filter.gap_mb": "extract.index_filter.max_gap_mb",
    "annotate.minhash.verify": "dedup.near_duplicates.min_similarity",
    "annotate.minhash.measure": "dedup.near_duplicates.measure",
    "annotate.quality_model": "annotate.quality.model",
    "annotate.quality_label": "annotate.quality.label",
    "passages.bff.threshold": "passages.bff.max_seen_ratio",
    "passages.bff.fp_rate": "passages.bff.max_false_positives",
    "passages.bff.memory_mb": "passages.bff.max_memory_mb",
}


def test_every_key_that_moved_has_its_new_place_here() -> None:
    assert sorted(NOW) == sorted(MOVED)


@pytest.mark.parametrize("old", MOVED)
def test_a_key_that_moved_is_refused_with_its_new_name(old: str) -> None:
    table: Any = 0.5
    for part in reversed(old.split(".")):
        table = {part: table}
    with pytest.raises(RecipeError, match=re.escape(f"\n  {old}: {MOVED[old]}")):
        recipe_of({"run": {"name": "r", "dump": "D", "input": ["x"]}, **table})
    *where, name = NOW[old].split(".")
    assert name in known_keys(tuple(where))
    assert name in MOVED[old] or name == old.rpartition(".")[2]


@pytest.mark.parametrize(("key", "value"), VALUES)
def test_a_value_that_moved_is_refused_with_its_new_name(key: str, value: str) -> None:
    section, name = key.split(".")
    table: Any = {"run": {"name": "r", "dump": "D", "input": ["x"]}, section: {name: value}}
    with pytest.raises(RecipeError, match=re.escape(f"\n  {key}: {value!r}: {VALUES[key, value]}")):
        recipe_of(table)
