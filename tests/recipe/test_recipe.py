"""A recipe is refused at start-up, with everything that is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.engine.errors import RecipeError
from jobs.engine.runner import check_recipe
from jobs.recipe.load import known_keys, load_recipe, recipe_of
from jobs.recipe.minhash import MinHash
from tests.runs import context

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CONF = Path(__file__).parents[2] / "conf"
GOOD = '[run]\nname = "r"\ndump = "D"\ninput = ["x.warc.gz"]\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["quickstart", "fineweb", "tiny"])
def test_the_recipes_that_come_with_the_project_are_good(name: str) -> None:
    assert load_recipe(CONF / f"{name}.toml").run.name == name


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, '[run]\nname = "r"\ndmp = "D"\ninput = []\n[extract]\nmax_cpu_s = -1\n')
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert str(caught.value).split("\n") == [
        f"{path} has 3 fault(s); nothing was run.",
        "  run.dump: required, but not given",
        "  run.dmp: unknown key; did you mean 'dump'? (known: name, dump, input, limit, chunk_files, chunks_at_once, max_readers, split_mb)",
        "  extract.max_cpu_s: Input should be greater than 0 (got -1)",
    ]


def test_a_list_with_a_faulty_item_is_not_called_too_short_as_well() -> None:
    style = {"name": "a", "prompt": "table", "share": 2.0}
    table = {"servers": ["http://h:1/v1"], "model": "m", "style": [style]}
    with pytest.raises(RecipeError) as told:
        recipe_of({"run": {"name": "a", "dump": "D", "input": ["x"]}, "rephrase": table})
    assert "1 fault(s)" in str(told.value) and "rephrase.style.0.share" in str(told.value)
    assert "at least 1 item" not in str(told.value)
    with pytest.raises(RecipeError, match=r"rephrase\.style: Tuple should have at least 1 item"):
        recipe_of({"run": {"name": "a", "dump": "D", "input": ["x"]}, "rephrase": table | {"style": []}})


def test_a_missing_recipe_names_its_neighbours(tmp_path: Path) -> None:
    there = write(tmp_path, GOOD)
    with pytest.raises(RecipeError, match=f"Recipes in that folder: {there}"):
        load_recipe(tmp_path / "absent.toml")


def test_a_recipe_that_is_not_at_its_path_is_found_by_name_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "working").mkdir()
    write(tmp_path / "working", GOOD)
    monkeypatch.chdir(tmp_path / "working")
    assert load_recipe("elsewhere/recipe.toml").run.name == "r"
    there = write(tmp_path, GOOD.replace('"r"', '"there"'))
    assert load_recipe(there).run.name == "there"


def test_a_recipe_is_read_from_a_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = write(tmp_path, GOOD)
    assert load_recipe(there.as_uri()).run.name == "r"
    monkeypatch.chdir(tmp_path)
    # a file of that name in the working folder is not meant
    with pytest.raises(RecipeError, match=r"recipe cannot be read.*does not exist"):
        load_recipe((tmp_path / "absent" / "recipe.toml").as_uri())


def test_what_is_not_toml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"is not TOML .*line 1"):
        load_recipe(write(tmp_path, "[run\n"))


def test_two_rules_with_one_reason_are_refused(tmp_path: Path) -> None:
    rule = '[[filter]]\nreason = "few_words"\nkeep = "word_count > 1"\n'
    with pytest.raises(RecipeError, match="two rules have the reason 'few_words'"):
        load_recipe(write(tmp_path, GOOD + rule + rule))


@pytest.mark.spark
def test_swapped_bands_and_rows_are_refused_before_work(spark: "SparkSession", tmp_path: Path) -> None:
    text = "[annotate.minhash]\nbands = 20\nrows = 450\n[dedup.near_duplicates]\nmin_similarity = 0.8\n"
    recipe = load_recipe(write(tmp_path, GOOD + text))
    with pytest.raises(RecipeError, match=r"Did bands and rows change places.*; nothing was run$"):
        check_recipe(context(spark, recipe, tmp_path / "root"))


def test_published_settings_are_accepted_and_collide_as_published() -> None:
    fineweb, dclm, refinedweb = (
        MinHash(bands=14, rows=8),
        MinHash(bands=93, rows=15),
        MinHash(bands=450, rows=20),
    )
    assert [round(m.collision(0.8), 3) for m in (fineweb, dclm, refinedweb)] == [0.924, 0.964, 0.995]


def test_the_command_line_replaces_keys_of_run(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, GOOD), overrides={"input": ["y.warc.gz"], "limit": 3})
    assert (recipe.run.input, recipe.run.limit) == (("y.warc.gz",), 3)


def test_known_keys_follow_the_sections() -> None:
    assert known_keys(("filter", 3)) == ["reason", "keep", "where", "hosts", "not_hosts", "source", "threshold"]
