"""What is documented is what there is: signals, keys, reasons and commands; what the code says is what the docs say."""

import re
from pathlib import Path

import pytest

from docs.make_tables import TABLES, filled
from jobs.recipe import load_recipe
from udfs.signals import CATALOGUE

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
    assert [rule.reason for rule in load_recipe(recipe).filter if not rule.source] == []


def test_the_jobs_and_udfs_seam_holds() -> None:
    """Executor code imports no Spark and no driver code."""
    guilty = [
        f"{path.name}: {line}"
        for path in sorted((ROOT / "udfs").glob("*.py"))
        for line in path.read_text("utf-8").split("\n")
        if re.match(r"\s*(from|import)\s+(pyspark|jobs)\b", line)
    ]
    assert guilty == []


def test_no_file_of_ours_shadows_a_standard_module() -> None:
    """spark-submit jobs/main.py puts jobs/ first on the path."""
    import sys

    assert [p.stem for p in (ROOT / "jobs").glob("*.py") if p.stem in sys.stdlib_module_names] == []
