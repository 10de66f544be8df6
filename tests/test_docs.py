"""What is documented is what there is: signals, keys, reasons and commands; what the code says is what the docs say."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from docs.make_tables import TABLES, filled
from jobs import filter
from jobs.main import app
from jobs.recipe.load import load_recipe
from jobs.stages import NAMES
from udfs.signals.sets import CATALOGUE

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_tables_of_the_docs_are_those_of_the_code(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == filled(name), f"run `make docs`: docs/{name} is behind the code"


def test_every_signal_says_what_it_is() -> None:
    assert [s.name for s in CATALOGUE if not (s.unit and s.definition)] == []
    assert len({s.name for s in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("recipe", sorted((ROOT / "conf").glob("*.toml")), ids=lambda path: path.stem)
def test_every_rule_of_a_recipe_names_its_source(recipe: Path) -> None:
    if recipe.stem == "models":
        pytest.skip("a table of models, no recipe")
    assert [rule.reason for rule in load_recipe(recipe).of(filter.STAGE) if not rule.source] == []


def test_the_jobs_and_udfs_seam_holds() -> None:
    """Executor code imports no Spark and no driver code."""
    guilty = [
        f"{path.name}: {line}"
        for path in sorted((ROOT / "udfs").rglob("*.py"))
        for line in path.read_text("utf-8").split("\n")
        if re.match(r"\s*(from|import)\s+(pyspark|jobs)\b", line)
    ]
    assert guilty == []


def test_no_stage_imports_a_stage_and_the_engine_imports_none() -> None:
    """A stage names the tables that it needs; the engine finds out who writes them."""
    guilty = []
    for folder in (*NAMES, "engine", "recipe"):
        others = [name for name in NAMES if name != folder]
        for path in sorted((ROOT / "jobs" / folder).rglob("*.py")):
            for line in path.read_text("utf-8").split("\n"):
                if re.match(rf"\s*(from jobs import .*\b|(from|import) jobs\.)({'|'.join(others)})\b", line):
                    guilty.append(f"{folder}/{path.name}: {line}")
    assert guilty == []


def test_no_file_of_ours_shadows_a_standard_module() -> None:
    """spark-submit jobs/main.py puts jobs/ first on the path."""
    import sys

    ours = [path for path in (ROOT / "jobs").rglob("*") if path.suffix == ".py" or path.is_dir()]
    assert [str(path) for path in ours if path.stem in sys.stdlib_module_names] == []


def test_every_command_of_the_readme_is_one() -> None:
    """The words after gristmill, spark-submit and make are commands and targets that exist."""
    text = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"^    make ([a-z-]+)", text, re.MULTILINE)) <= targets
    called = set(re.findall(r"^    gristmill ([a-z]+)", text, re.MULTILINE)) | set(re.findall(r"jobs/main.py ([a-z]+)", text))
    assert called and called <= commands


def test_every_folder_and_file_that_the_readme_names_is_there() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"`((?:conf|jobs|udfs|tests|bench|docker|sample)/[a-z_/]*(?:\.toml|\.py)?)`", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_readme_maps_every_folder_of_the_stages_and_links_every_page() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    folders = {f"{path.parent.relative_to(ROOT)}/" for top in ("jobs", "udfs") for path in (ROOT / top).rglob("__init__.py")}
    assert sorted(name for name in folders if f"`{name}`" not in text) == []
    linked = set(re.findall(r"\]\((docs/[a-z0-9_]+\.md)", text))
    assert sorted({f"docs/{page.name}" for page in DOCS.glob("*.md")} - linked) == []


def test_the_readmes_recipe_has_twelve_lines_and_is_one(tmp_path: Path) -> None:
    (recipe,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len([line for line in recipe.split("\n") if line]) == 12
    (tmp_path / "mine.toml").write_text(recipe, "utf-8")
    assert [rule.keep for rule in load_recipe(tmp_path / "mine.toml").of(filter.STAGE)] == ["word_count >= 50"]


def test_the_settings_for_clusters_turn_speculation_on_as_the_docs_say_and_that_for_one_machine_does_not() -> None:
    said = (DOCS / "s3.md").read_text("utf-8").partition("## Speculative execution")[2].partition("\n## ")[0]
    assert "turn speculation on" in " ".join(said.split()) and "`conf/spark/local.conf` turns speculation off" in " ".join(
        said.split()
    )
    for conf in sorted((ROOT / "conf/spark").glob("*.conf")):
        (value,) = re.findall(r"^spark\.speculation (\w+)$", conf.read_text("utf-8"), re.MULTILINE)
        assert (conf.name, value) == (conf.name, "false" if conf.stem == "local" else "true")
