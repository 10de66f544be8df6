"""Thoughts: each gap of a page is asked about once, with a mark where megadocs puts the thought."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.engine.errors import RecipeError
from jobs.recipe.load import recipe_of
from udfs.megadocs.cut import cut
from udfs.rephrase.prompt import Prompt
from udfs.rephrase.style import GAP, Style, rephrases

PROMPT = Prompt("thought", "prose", "", "{page}", "0")
PAGE = "One thing led to another. So the mill stopped, and nobody knew why."


@given(st.text(alphabet="ab <gap/>.\né", max_size=120), st.sampled_from([1, 2, 8]))
def test_the_mark_stands_where_the_thought_will(page: str, gaps: int) -> None:
    style = Style("thought", PROMPT, gaps=gaps)
    spans = cut(page, pieces=gaps + 1)
    for nth in range(gaps):
        (asked,) = style.pieces(page, nth=nth)
        before, mark, after = asked.partition(f"\n{GAP}\n")
        assert mark and GAP not in before and GAP not in after
        assert (before, after) == tuple(part.replace(GAP, "<gap />") for part in (page[: spans[nth][1]], page[spans[nth][1] :]))


def test_each_gap_has_one_thought() -> None:
    assert [nth for _, nth in rephrases("a", (Style("thought", PROMPT, gaps=3),), seed=0)] == [0, 1, 2]


def test_gaps_and_copies_together_are_refused() -> None:
    style = {"name": "thought", "prompt": "thought", "gaps": 2, "copies": 2}
    with pytest.raises(RecipeError, match="gaps and copies together"):
        recipe_of(
            {
                "run": {"name": "t", "dump": "D", "input": ["p"]},
                "rephrase": {"servers": ["http://x/v1"], "model": "m", "style": [style]},
            }
        )
