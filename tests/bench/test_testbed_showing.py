"""The showing says which pairs of its arms are judged wrongly, and shuffles words without losing any."""

from itertools import combinations
from pathlib import Path
from typing import Any

from bench.testbed.showing import PAGES, SAME, SHUFFLED, shuffled_words, verdicts
from bench.testbed.warc_arms import FINEWEB
from bench.testbed.warc_arms import recipe as warc_recipe
from jobs.recipe.load import load_recipe


def judgement(*, together: set[str], arms: tuple[str, ...] = (*SAME, PAGES, SHUFFLED)) -> dict[str, Any]:
    """Tell every pair apart but those within a group; `arms` are the best first."""
    pairs = [{"better": a, "worse": b, "told_apart": not {a, b} <= together} for a, b in combinations(arms, 2)]
    return {"deciding": "text", "measures": [{"name": "other", "pairs": []}, {"name": "text", "pairs": pairs}]}


def test_a_pair_is_wrong_that_should_differ_and_does_not_or_the_other_way_round() -> None:
    assert [*verdicts(judgement(together=set(SAME)))] == []
    assert [*verdicts(judgement(together={*SAME, PAGES}))] == [f"{one} and pages are not told apart" for one in SAME]
    assert [*verdicts(judgement(together=set()))] == [f"{SAME[0]} and {SAME[1]} are one corpus and told apart"]


def test_shuffled_words_must_not_be_better_than_their_corpus() -> None:
    first = judgement(together=set(SAME), arms=(SHUFFLED, PAGES, *SAME))
    assert [*verdicts(first)] == [f"shuffled words are better than {one}, whose words they are" for one in SAME]


def test_the_recipe_of_an_own_crawl_has_fineweb_s_rules_and_the_text_of_every_page(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(warc_recipe())
    mine, theirs = load_recipe(tmp_path / "rules.toml"), load_recipe(FINEWEB)
    assert mine.sections.keys() == theirs.sections.keys()
    assert [name for name in mine.sections if mine.sections[name] != theirs.sections[name]] == ["extract"]
    assert mine.sections["extract"].gate is None and theirs.sections["extract"].gate is not None
    assert mine.sections["extract"].extractor == "resiliparse"


def test_shuffled_words_are_the_same_words_in_the_same_order_each_time() -> None:
    text = " ".join(f"w{number}" for number in range(30))
    first, second = (next(shuffled_words(iter([text]))) for _ in range(2))
    assert first == second != text and sorted(first.split()) == sorted(text.split())
