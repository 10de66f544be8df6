"""RefinedWeb's rules in a recipe: which sets it measures, and that conf/dclm-baseline.toml decides and cuts as DCLM does."""

import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.annotate import STAGE
from jobs.annotate.stage import sets_of
from jobs.engine.models import fetch
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.engine.signal_sets import signals
from jobs.filter.stage import DECISIONS
from jobs.recipe.load import load_recipe
from tests.dedup.small_root import Doc, write_root
from tests.dedup.small_run import context, finish_before, recipe
from tests.runs import MODELS, PROJECT
from udfs.edits.edit import Edit, apply

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STORY = (
    "The mill stands at the river, and the wheel turns all year with the water that comes down from the hills above the town. "
    "A miller has to know the water, the stones and the grain, and most of what he knows he learned from the miller before him. "
    "In spring the snow melts and the wheel has more water than it can use."
)
END = "In autumn the farmers bring their corn, and nobody leaves before the last sack is full."
DOCS = [
    Doc("<good>", f"MENU OF\n{STORY}\n{END} See mill.example.com/a\n3 likes", "a"),
    Doc("<short>", STORY[:60], "b"),
    Doc("<lines>", f"{STORY}\n" + "HOME AND MORE\n" * 9, "c"),
    Doc("<repeats>", "\n".join([STORY] * 3), "d"),
]


def test_line_rules_of_refinedweb_measure_their_set_and_others_are_asked_for() -> None:
    assert "refinedweb" not in sets_of(recipe(annotate={}).of(STAGE))
    assert "refinedweb" in sets_of(recipe(annotate={"line_edits": "refinedweb"}).of(STAGE))
    asked = sets_of(recipe(annotate={"signal_sets": ["gopher_dolma", "gopher_dclm"]}).of(STAGE))
    assert asked[-2:] == ("gopher_dclm", "gopher_dolma")


@pytest.mark.parametrize("name", ["dclm-baseline", "refinedweb"])
def test_the_lists_and_rules_that_a_recipe_shows_in_comments_are_right(tmp_path: Path, name: str) -> None:
    """Take the hash marks away as the recipe says."""
    lines = (PROJECT / f"conf/{name}.toml").read_text("utf-8").split("\n")
    marks = ("# lists", "#   {", "# ]", "# [[filter]]", "# reason", "# keep", "# source")
    shown = "\n".join(line.removeprefix("# ") if line.startswith(marks) else line for line in lines)
    shown = shown.replace('"…"', f'"{"0" * 64}"').replace('["gopher_dclm"]', '["gopher_dclm", "urls"]')
    (tmp_path / "shown.toml").write_text(shown, "utf-8")
    made = load_recipe(tmp_path / "shown.toml")
    assert [one.kind for one in made.of(STAGE).lists] == ["domains", "strict_words", "hard_words", "soft_words"]
    assert shown.count("[[filter]]") == (PROJECT / f"conf/{name}.toml").read_text("utf-8").count("\n[[filter]]") + 4


@pytest.mark.spark
def test_dclm_baselines_rules_decide_and_cut(spark: "SparkSession", tmp_path: Path) -> None:
    root = tmp_path / "root"
    write_root(root, DOCS, num_perm=2)
    for name in ("signals", "decisions"):
        shutil.rmtree(root / name)
    conf: dict[str, Any] = tomllib.loads((PROJECT / "conf/dclm-baseline.toml").read_text("utf-8"))
    annotate = {key: value for key, value in conf["annotate"].items() if key != "quality"}
    given = context(
        Root(spark, str(root)), recipe(annotate=annotate, filter=conf["filter"]), language=fetch("lid.176.ftz", folder=MODELS)
    )
    finish_before(given, "annotate", ids=[doc.id for doc in DOCS])
    for stage in ("annotate", "filter"):
        run_stages(given, only=stage)
    decided = {row["id"]: row["reason"] for row in given.root.read(DECISIONS).collect()}
    assert decided == {"<good>": None, "<short>": "few_words", "<lines>": "repeated_lines", "<repeats>": "repeated_lines"}
    edits = {row["id"]: row["edits"] for row in signals(given.root, ("edits",)).collect()}
    left = apply(DOCS[0].text, [Edit(**edit.asDict()) for edit in edits["<good>"]])
    assert left == f"{STORY}\n{END} See"
