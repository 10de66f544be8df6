"""Lists in a recipe: named with their sha256, refused where nothing looks into them, and read on the way to the rows."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.annotate import STAGE
from jobs.annotate.stage import check, sets_of
from jobs.engine.errors import RecipeError
from jobs.engine.models import ModelError, ModelFile, fetch, resolve_models
from jobs.engine.root import Root
from jobs.engine.runner import run_stages
from jobs.engine.signal_sets import signals, unmeasured
from jobs.publish import STAGE as PUBLISH
from jobs.publish.stage import check as check_columns
from jobs.recipe.load import load_recipe, stages_of
from tests.dedup.small_root import Doc, write_root
from tests.dedup.small_run import context, finish_before, recipe
from tests.runs import MODELS, PROJECT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TEXT = "The mill stands at the river, and the wheel turns all year."
DOCS = [
    Doc("<a>", TEXT, "https://www.bad.example/page"),
    Doc("<b>", TEXT, "https://good.example/river"),
    Doc("<c>", TEXT, "no url"),
]


def one(folder: Path, content: str = "bad.example\n", **keys: Any) -> dict[str, Any]:
    path = folder / "list.txt"
    path.write_text(content, "utf-8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"name": "bad", "kind": "domains", "uri": str(path), "sha256": sha256} | keys


@pytest.mark.parametrize(
    ("annotate", "told"),
    [
        ({"lists": [{}]}, "no set looks into it: add signal_sets"),
        ({"signal_sets": ["urls"]}, "there is no list for it"),
        ({"signal_sets": ["urls"], "lists": [{}, {}]}, "two lists are named 'bad'"),
        ({"signal_sets": ["urls"], "lists": [{}, {"name": "w", "kind": "bad_words"}]}, "of words, and no set looks into it"),
        ({"signal_sets": ["urls"], "lists": [{"language": "en"}]}, "URLs, which have no language"),
        ({"signal_sets": ["urls"], "lists": [{"sha256": "abc"}]}, "sha256"),
        ({"signal_sets": ["perplexities"]}, "signal_sets"),
    ],
)
def test_lists_that_nothing_looks_into_and_sets_without_their_list_are_refused(
    tmp_path: Path, annotate: dict[str, Any], told: str
) -> None:
    if "lists" in annotate:
        annotate = annotate | {"lists": [one(tmp_path, **keys) for keys in annotate["lists"]]}
    with pytest.raises(RecipeError, match=told):
        recipe(annotate=annotate)


def test_a_set_that_is_asked_for_is_measured_and_no_other_of_its_kind() -> None:
    usual = sets_of(recipe(annotate={}).of(STAGE))
    assert usual == ("language", "statistics", "tokens", "pii")
    assert sets_of(recipe(annotate={"signal_sets": ["licence", "redpajama"]}).of(STAGE)) == (*usual, "redpajama", "licence")


def test_a_list_is_fetched_and_checked_as_a_model_is(tmp_path: Path) -> None:
    good = recipe(annotate={"signal_sets": ["urls"], "lists": [one(tmp_path)]})
    found = STAGE.models(good.of(STAGE), good)["list bad"]
    assert fetch(found) == ModelFile("list.txt", str(tmp_path / "list.txt"), found.partition("=")[2])
    for keys, told in (({"sha256": "0" * 64}, "pinned is 0000"), ({"uri": str(tmp_path / "absent")}, "there is no file")):
        wrong = recipe(annotate={"signal_sets": ["urls"], "lists": [one(tmp_path, **keys)]})
        with pytest.raises(ModelError, match=told):
            resolve_models(wrong, [stage for stage in stages_of(wrong) if stage is STAGE])


@pytest.mark.parametrize("name", ["c4", "redpajama-v2"])
def test_the_lists_that_a_recipe_shows_in_comments_are_right_but_for_their_sha256(tmp_path: Path, name: str) -> None:
    """Take the hash marks away before the first lists and rules that a user is told to name."""
    text = (PROJECT / f"conf/{name}.toml").read_text("utf-8")
    shown = text.replace("# [[", "[[")
    for key in ("name", "kind", "language", "uri", "sha256", "reason", "keep", "source"):
        shown = shown.replace(f"\n# {key} ", f"\n{key} ")
    shown = shown.replace('"…"', f'"{"0" * 64}"').replace('["redpajama"]', '["redpajama", "urls"]')
    (tmp_path / "shown.toml").write_text(shown, "utf-8")
    lists = load_recipe(tmp_path / "shown.toml").of(STAGE).lists
    assert [one.kind for one in lists] == {"c4": ["bad_words"], "redpajama-v2": ["bad_words", "stop_words", "domains"]}[name]


@pytest.mark.spark
def test_addresses_and_licences_of_documents_reach_the_rows_and_an_empty_list_is_refused(
    spark: "SparkSession", tmp_path: Path
) -> None:
    root = tmp_path / "root"
    write_root(root, DOCS, num_perm=2)
    for name in ("signals", "decisions"):
        shutil.rmtree(root / name)
    bad = one(tmp_path)
    annotate: dict[str, Any] = {"signal_sets": ["urls", "licence", "sentences"], "lists": [bad]}
    given = context(Root(spark, str(root)), recipe(annotate=annotate), language=fetch("lid.176.ftz", folder=MODELS))
    found = fetch(f"{bad['uri']}#sha256={bad['sha256']}")
    given = replace(given, models={"annotate": {**given.models["annotate"], "list bad": found}})
    finish_before(given, "annotate", ids=[doc.id for doc in DOCS])
    run_stages(given, only="annotate")
    names = ("url_domain_lists", "url_hard_words", "licence_kind", "sentence_count", "rps_doc_word_count")
    rows = signals(given.root, names).orderBy("id").collect()
    assert [tuple(row[name] for name in names) for row in rows] == [
        (["bad"], None, "none", 1, None),
        ([], None, "none", 1, None),
        (None, None, "none", 1, None),
    ]
    assert "rps_doc_word_count" in unmeasured(given.root) and "url_hard_words" not in unmeasured(given.root)
    empty = one(tmp_path, "\n# nothing\n")
    given = context(given.root, recipe(annotate=annotate | {"lists": [empty]}))
    given = replace(
        given, models={"annotate": {**given.models["annotate"], "list bad": fetch(f"{empty['uri']}#sha256={empty['sha256']}")}}
    )
    with pytest.raises(RecipeError, match=r"bad: .*list\.txt has no entry of kind domains; nothing was run"):
        check(given.job(STAGE))


@pytest.mark.parametrize("name", ["c4", "redpajama-v2", "fineweb-edu"])
def test_the_columns_that_a_recipe_publishes_are_there_to_be_published(name: str) -> None:
    given = load_recipe(PROJECT / f"conf/{name}.toml")
    check_columns(context(Root(None, ""), given).job(PUBLISH))
