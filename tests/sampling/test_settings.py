"""[[sampling]] in a recipe: one method a step, and settings that can be taken at their word."""

from pathlib import Path
from typing import Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.recipe.load import recipe_of, stages_of
from jobs.sampling import STAGE
from jobs.sampling.expressions import columns_of, known
from jobs.sampling.method_settings import Budget
from jobs.sampling.settings import Step
from jobs.sampling.stage import decides
from jobs.sampling.story import lacking

BASE: dict[str, Any] = {"run": {"name": "a", "dump": "D", "input": ["x"]}}
TOP = {"by": "word_count", "share": 0.1}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "sampling has no step"),
        ([{"name": "a" * 101, "top": TOP}], "at most 100 characters"),
        ([{"name": "a"}], "step 'a' has no method: a step has one method"),
        ([{"name": "a", "top": TOP, "pareto": {"by": "x"}}], "step 'a' has top and pareto: a step has one method"),
        ([{"name": "a", "top": TOP}, {"name": "a", "top": TOP}], "two steps have the name 'a'"),
        ([{"name": "a", "top": {"by": "x", "shar": 0.1}}], "did you mean 'share'? (known: by, share, within)"),
        ([{"name": "a", "top": {"by": 5, "share": 0.1}}], "has 1 fault(s)"),
        ([{"name": "a", "top": {"by": ["x"], "share": 0.1}}], "has 1 fault(s)"),
        ([{"name": "a", "threshold": {"by": "x"}}], "neither min nor max"),
        ([{"name": "a", "threshold": {"by": "x", "min": 5, "max": 1}}], "min 5 is above max 1"),
        ([{"name": "a", "threshold": {"by": "x", "min": float("nan")}}], "finite number"),
        ([{"name": "a", "budget": {"tokens": 1, "documents": 1}}], "a budget is counted in one unit"),
        ([{"name": "a", "tiers": {"by": "x", "copies": [1]}}], "tiers need either at, values, or shares"),
        (
            [{"name": "a", "tiers": {"by": "x", "at": [2, 1], "copies": [1, 1]}}],
            "copies has 2 numbers, but at or shares make 3 tiers",
        ),
        ([{"name": "a", "tiers": {"by": "x", "at": [1, 2], "copies": [1, 1, 1]}}], "at must fall"),
        ([{"name": "a", "tiers": {"by": "x", "shares": [0.7, 0.7], "copies": [1, 1, 1]}}], "shares add up to 1.4"),
        ([{"name": "a", "tiers": {"by": "x", "at": [1], "copies": [1, 1], "within": "y"}}], "within has no meaning beside at"),
        ([{"name": "a", "tiers": {"by": "x", "at": [1], "copies": [0, 0.0]}}], "copies are 0 in every tier"),
        ([{"name": "a", "dsir": {"target": ["x"]}}], "dsir needs one bound"),
        (
            [{"name": name, "tiers": {"by": "x", "at": [1], "copies": [1001, 1]}} for name in ("a", "b")],
            "a document could have 1,002,001, and 1,000,000 are the most",
        ),
        ([{"name": "a", "buckets": {"by": "x", "names": ["a"]}}], "names has 1 buckets, but shares make 3"),
        ([{"name": "a", "buckets": {"by": "x", "shares": [0.7, 0.7]}}], "shares add up to 1.4"),
        ([{"name": "a", "buckets": {"by": "x", "names": ["a", "b", "a"]}}], "two buckets have one name"),
        ([{"name": "a", "buckets": {"by": "x", "names": ["a", " ", "b"]}}], "a bucket has a blank name"),
        ([{"name": "a", "buckets": {"by": "x", "otherwise": ""}}], "a bucket has a blank name"),
        ([{"name": "a", "rehydrate": {"sizes": [2, 1]}}], "sizes must rise"),
        ([{"name": "a", "temperature": {"over": "x", "temperature": 0.5}}], "greater than or equal to 1"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused(steps: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe_of({**BASE, "sampling": steps})
    assert said in str(caught.value)


def test_where_a_step_comes_from_makes_no_finished_work_stale() -> None:
    class Job:
        def __init__(self, **keys: Any) -> None:
            self.settings = recipe_of({**BASE, "sampling": [{"name": "a", "top": TOP, **keys}]}).of(STAGE)

    def drawn(*target: str) -> Any:
        job = Job()
        job.settings = recipe_of({**BASE, "sampling": [{"name": "a", "dsir": {"target": target, "share": 0.1}}]}).of(STAGE)
        return decides(job)  # type: ignore[arg-type]

    assert drawn("x") == drawn("y", "z")  # they are pinned by content
    plain, sourced, seeded = (decides(Job(**keys)) for keys in ({}, {"source": "DCLM"}, {"seed": 1}))  # type: ignore[arg-type]
    assert plain == sourced != seeded


def test_steps_may_name_each_file_of_hosts_and_nothing_else_that_is_pinned(tmp_path: Path) -> None:
    hosts, target = tmp_path / "hosts.txt", tmp_path / "target.txt"
    hosts.write_text("a.example\n", "utf-8")
    target.write_text("a text\n", "utf-8")
    drawn = {"target": [str(target)], "share": 0.1}
    steps = [{"name": "a", "hosts": str(hosts), "top": TOP}, {"name": "b", "not_hosts": str(hosts), "dsir": drawn}]
    recipe = recipe_of({**BASE, "sampling": steps})
    root = Root(None, str(tmp_path / "root"))
    context = Context(recipe=recipe, root=root, progress=Progress(quiet=True), stages=stages_of(recipe))
    job = context.job(context.stage("sampling"))
    assert sorted(job.pinned) == ["hosts", "targets"]
    assert [name for name in columns_of(job).names if name not in known(job).names] == [f"in {hosts}"]


def test_a_budget_knows_its_unit() -> None:
    assert [(one.unit, one.amount) for one in (Budget(tokens=3), Budget(characters=4), Budget(documents=5))] == [
        ("tokens", 3),
        ("characters", 4),
        ("documents", 5),
    ]


def test_explain_names_what_a_step_could_not_ask_of_a_document() -> None:
    step = Step.model_validate(
        {"name": "a", "budget": {"tokens": 5, "by": "quality_score", "within": "domain"}, "where": "language = 'en'"}
    )
    pool = {"applies_1": None, "value_1": None, "group_1": None, "unit_1": 3}
    assert lacking(step, 1, pool) == ["'quality_score'", "'domain'"]
    assert lacking(step, 1, {**pool, "value_1": 0.5, "group_1": "a.example"}) == ["where \"language = 'en'\""]
