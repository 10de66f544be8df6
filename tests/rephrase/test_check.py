"""What is refused before any work, and what a recipe's [rephrase] must say."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jobs.engine.errors import RecipeError
from jobs.filter import STAGE as FILTER
from jobs.recipe.load import load_recipe, recipe_of
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.stage import check

CONF = Path(__file__).parent.parent.parent / "conf"
CHAINS = sorted([*CONF.glob("beyondweb/*.toml"), *CONF.glob("nemotron-cc/*.toml"), *CONF.glob("rewire/*.toml")])


def settings(**others: Any) -> dict[str, Any]:
    style = {"name": "facts", "prompt": "list_of_facts"}
    return {"servers": ["http://localhost:1/v1"], "model": "m", "style": [style]} | others


def job(path: str, *, speculation: str = "false") -> Any:
    conf = SimpleNamespace(getConf=lambda: {"spark.speculation": speculation})
    root = SimpleNamespace(path=path, spark=SimpleNamespace(sparkContext=conf))
    return cast(Any, SimpleNamespace(settings=Rephrase.model_validate_json(json.dumps(settings())), root=root))


@pytest.mark.parametrize("path", CHAINS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_chains_are_recipes_whose_rules_name_their_sources(path: Path) -> None:
    recipe = load_recipe(path)
    assert [rule.reason for rule in (recipe.of(FILTER) if recipe.has(FILTER) else ()) if not rule.source] == []


def test_speculation_would_pay_twice_and_is_refused() -> None:
    check(job("/out/root"))
    with pytest.raises(RecipeError, match="ask and pay its requests twice; nothing was run"):
        check(job("/out/root", speculation="true"))


def test_a_root_where_workers_cannot_write_is_refused() -> None:
    check(job("s3://bucket/root"))
    with pytest.raises(RecipeError, match="hdfs://a/root is neither"):
        check(job("hdfs://a/root"))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"servers": ["localhost:8000"]}, "is no URL of a server: write http://host:port/v1"),
        ({"servers": ["http://me:hunter2/v1"]}, "a host or port that is none: write http://host:port/v1"),
        ({"servers": ["http://host:0/v1"]}, "is no URL of a server"),
        ({"servers": ["http://host/v1 "]}, "'http://host/v1 ' holds a space"),
        ({"servers": ["http://höst/v1"]}, "a letter that is not ASCII"),
        ({"servers": ["http://host/v1/chat/completions"]}, "ends in /chat/completions, which is added to it"),
        ({"servers": []}, "rephrase.servers"),
        ({"budget_tokens": 5, "budget_dollars": 5.0}, "one of them is the limit"),
        ({"budget_dollars": 5.0}, "would never be spent"),
        ({"style": [{"name": "a", "prompt": "table", "share": 0.5, "budget_tokens": 9}]}, "share and budget_tokens together"),
        ({"style": [{"name": "a", "prompt": "table"}, {"name": "a", "prompt": "table"}]}, "two styles are named 'a'"),
        ({"style": [{"name": "a", "prompt": "table", "extra": {"stream": True}}]}, "'stream' is no further parameter"),
        ({"key_env": "sk-123"}, "key_env"),
        ({"key": "sk-123"}, "unknown key"),
    ],
)
def test_settings_that_cannot_work_are_refused(others: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said.replace("(", "\\(")) as refused:
        recipe_of({"run": {"name": "a", "dump": "D", "input": ["x"]}, "rephrase": settings(**others)})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2@host/v1",
        "http://me:17/hunter2@host/v1",
        "http://me:hunter2/7@host/v1",
        "http://me:a@hunter2@host/v1",
        "me:hunter2@host/v1",
        "https://host/v1?key=hunter2",
        "https://host/v1#hunter2",
    ],
)
def test_a_password_in_a_servers_url_is_not_repeated(url: str) -> None:
    with pytest.raises(RecipeError) as refused:
        recipe_of({"run": {"name": "a", "dump": "D", "input": ["x"]}, "rephrase": settings(servers=[url])})
    assert "holds a name, a password or a query" in str(refused.value) and "hunter2" not in str(refused.value)


@pytest.mark.parametrize("others", [{"key_env": "sk-hunter2"}, {"servers": "https://host/v1?key=hunter2"}])
def test_a_key_that_stands_in_the_wrong_place_is_not_repeated(others: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=f"rephrase.{next(iter(others))}: ") as refused:
        recipe_of({"run": {"name": "a", "dump": "D", "input": ["x"]}, "rephrase": settings(**others)})
    assert "hunter2" not in str(refused.value)
