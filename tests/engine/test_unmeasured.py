"""A rule or a step that asks for a signal which the recipe does not measure is refused before any work."""

from pathlib import Path
from typing import Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.unmeasured import check_measured, unmeasured
from jobs.recipe.load import recipe_of, stages_of

RUN = {"name": "r", "dump": "D", "input": ["x.warc.gz"]}


def context(tmp_path: Path, annotate: dict[str, Any]) -> Context:
    recipe = recipe_of({"run": RUN, "annotate": annotate})
    return Context(recipe=recipe, root=Root(None, str(tmp_path)), progress=Progress(quiet=True), stages=stages_of(recipe))


@pytest.mark.parametrize(
    ("annotate", "sql", "said"),
    [
        ({}, "rps_doc_word_count > 50", 'needs rps_doc_word_count: add "redpajama" to [annotate] signal_sets'),
        ({}, "quality_score", "needs quality_score: add [[annotate.quality]]"),
        ({"quality": [{"model": "m.bin", "signal": "quality_edu"}]}, "quality_score > 0.5", "needs quality_score"),
        ({}, "-perplexity", "needs perplexity: add [annotate.perplexity.models]"),
        ({}, "word_count > 5 AND dclm_dup_line_ratio < 0.3", 'needs dclm_dup_line_ratio: add "gopher_dclm"'),
    ],
)
def test_a_signal_that_no_set_of_the_recipe_measures_is_refused(
    tmp_path: Path, annotate: dict[str, Any], sql: str, said: str
) -> None:
    with pytest.raises(RecipeError) as refused:
        check_measured(context(tmp_path, annotate), [("filter 'a'", sql)])
    assert said in str(refused.value) and "nothing was run" in str(refused.value)


@pytest.mark.parametrize(
    ("annotate", "sql"),
    [
        ({"signal_sets": ["redpajama"]}, "rps_doc_word_count > 50"),
        ({"line_edits": "refinedweb"}, "refinedweb_word_count >= 50"),
        ({"quality": [{"model": "m.bin"}]}, "quality_score > 0.5"),
        ({}, "COALESCE(quality_score, 1) > 0.5"),
        ({}, "perplexity < 500 where perplexity IS NOT NULL"),
        ({}, "word_count > 5 AND title = 'quality_score'"),
    ],
)
def test_a_signal_that_is_measured_passes_and_so_does_sql_that_knows_of_null(
    tmp_path: Path, annotate: dict[str, Any], sql: str
) -> None:
    check_measured(context(tmp_path, annotate), [("filter 'a'", sql)])


def test_vectors_and_rephrases_together_measure_their_similarity(tmp_path: Path) -> None:
    both = context(tmp_path, {"signal_sets": ["rephrase"], "embedding": {}})
    alone = context(tmp_path, {"signal_sets": ["rephrase"]})
    assert "rephrase_similarity" in unmeasured(alone) and "rephrase_similarity" not in unmeasured(both)
