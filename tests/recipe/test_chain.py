"""Chains: which recipes, in which order, in which roots, and how one names another's."""

import sys
from pathlib import Path

import pytest

from jobs.engine.errors import RecipeError
from jobs.main import main
from jobs.recipe.chain import check_chain, folder_of, listed, resolved
from jobs.recipe.load import load_recipe
from jobs.recipe.recipe import Recipe
from jobs.stages import NAMES
from tests.runs import PROJECT

RECIPE = '[run]\nname = "{name}"\ndump = "D"\ninput = ["{given}"]\n\n[read]\n'


def write(folder: Path, name: str, given: str = "x.jsonl", file: str | None = None) -> str:
    path = folder / (file or f"{name}.toml")
    path.write_text(RECIPE.format(name=name, given=given), "utf-8")
    return str(path)


def test_a_folder_is_its_recipes_by_number(tmp_path: Path) -> None:
    for name in ("10-last.toml", "2-second.toml", "1-first.toml", "unnumbered.toml", "notes.txt"):
        (tmp_path / name).write_text("", "utf-8")
    assert [Path(path).name for path in listed([str(tmp_path)])] == [
        "1-first.toml",
        "2-second.toml",
        "10-last.toml",
        "unnumbered.toml",
    ]
    assert listed(["b.toml", "a.toml"]) == ["b.toml", "a.toml"]


def test_a_folder_without_recipes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="a folder without a recipe"):
        listed([str(tmp_path)])


def test_a_recipe_names_a_root_beside_its_own(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, "second", "chain:first"), beside="s3://bucket/chain")
    assert recipe.run.input == ("s3://bucket/chain/first",)
    assert load_recipe(write(tmp_path, "second", "chain:first")).run.input == ("chain:first",)


def test_every_string_of_a_table_is_resolved_and_nothing_else() -> None:
    table = {"a": [{"b": "chain:x/corpus"}], "c": 1, "d": "a chain:x", "e": ["chain:y", None]}
    assert resolved(table, "/o") == {"a": [{"b": "/o/x/corpus"}], "c": 1, "d": "a chain:x", "e": ["/o/y", None]}


def test_the_roots_of_a_chain_lie_in_one_folder() -> None:
    assert [folder_of(root) for root in ("/out/a", "/out/a/", "s3a://b/c/a")] == ["/out", "/out", "s3a://b/c"]


def test_a_root_that_nobody_makes_is_refused_before_any_work(tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    first = load_recipe(write(tmp_path, "first"), beside=folder)
    second = load_recipe(write(tmp_path, "second", "chain:first"), beside=folder)
    check_chain([first, second], folder)
    check_chain([load_recipe(write(tmp_path, "own", "chain:own/dedup-index", "own.toml"), beside=folder)], folder)
    with pytest.raises(RecipeError, match=r"second names chain:first, which no recipe before it makes.*before it: none"):
        check_chain([second, first], folder)
    with pytest.raises(RecipeError, match="two recipes of the chain"):
        check_chain([first, first], folder)


def test_a_root_of_an_earlier_run_may_be_named(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "first").mkdir(parents=True)
    (folder / "first" / "recipe.json").write_text("{}", "utf-8")
    check_chain([load_recipe(write(tmp_path, "second", "chain:first"), beside=str(folder))], str(folder))


@pytest.mark.parametrize("option", ["--from", "--only", "--accept"])
def test_an_option_that_names_a_stage_is_refused_for_a_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    paths = [write(tmp_path, "first"), write(tmp_path, "second", "chain:first")]
    monkeypatch.setattr(sys, "argv", ["gristmill", "run", *paths, option, "read"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "a chain of several; nothing was run" in capsys.readouterr().err


@pytest.mark.skipif("rephrase" not in NAMES, reason="most of them have a recipe that rephrases")
@pytest.mark.parametrize(
    ("before", "folder", "names"),
    [
        (["conf/quickstart.toml"], "megadocs", ["pages", "rephrases", "megadocs"]),
        (["conf/quickstart.toml", "conf/megadocs/1-pages.toml"], "megadocs-stretch", ["thoughts", "stretched"]),
        (["conf/quickstart.toml"], "beyondweb", ["seeds", "rephrases", "mixed"]),
        (["conf/quickstart.toml"], "nemotron-cc", ["seeds", "rephrases", "mixed"]),
        (["conf/quickstart.toml"], "rewire", ["pages", "poor", "rewritten", "mixed"]),
        ([], "d4-repeat", ["d4-half", "d4-repeat"]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_chain_of_conf_reads_what_its_recipes_make_and_nothing_of_other_runs(
    before: list[str], folder: str, names: list[str]
) -> None:
    paths = listed([str(PROJECT / path) for path in [*before, f"conf/{folder}"]])
    recipes = [load_recipe(path, beside="/made") for path in paths]
    check_chain(recipes, "/made")
    assert [recipe.run.name for recipe in recipes][len(before) :] == names
    assert [name for recipe in recipes[1:] for name in recipe.run.input if not name.startswith("/made/")] == []
    published = {f"/made/{recipe.run.name}": recipe.sections["publish"].columns for recipe in recipes}
    carried = [(name, column) for recipe in recipes[1:] for name in recipe.run.input for column in _carried(recipe)]
    assert [(name, column) for name, column in carried if column not in published[name]] == []


def test_a_chain_without_the_recipe_before_it_says_what_to_do() -> None:
    recipes = [load_recipe(path, beside="/made") for path in listed([str(PROJECT / "conf/d4-repeat")])]
    with pytest.raises(RecipeError, match=r"d4-repeat names chain:d4-half, .* Put its recipe before it, or name .* by --input"):
        check_chain(recipes[1:], "/made")


def _carried(recipe: Recipe) -> tuple[str, ...]:
    """Return the columns beyond the usual ones that a recipe asks of every corpus that it reads."""
    read = recipe.sections.get("read")
    return read.carry if read is not None else ()
