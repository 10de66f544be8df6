"""The settings of the near-duplicate join: the published ones, the defaults' recall, and what is refused."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from jobs.engine.context import Context
from pydantic import ValidationError

from jobs.annotate.stage import scheme, stale_key
from jobs.engine.models import ModelFile, fetch
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.runner import check_same_recipe
from jobs.recipe.load import Recipe, RecipeError, Run
from jobs.recipe.minhash import MinHash, recall_lines
from tests.dedup.small_root import write_json
from tests.runs import MODELS
from udfs.signals.annotator import AnnotateSettings, annotate
from udfs.similarity.minhash import Backend, BackendError, shingle_hashes, signature

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DOCS = Path(__file__).parents[2] / "docs/dedup.md"


def numbers(minhash: MinHash) -> tuple[int, int, int, float]:
    return (minhash.ngram, minhash.bands, minhash.rows, minhash.verify)


def test_named_settings_are_the_published_ones() -> None:
    assert {name: numbers(MinHash.model_validate({"setting": name})) for name in ("fineweb", "dclm", "refinedweb", "rpv2")} == {
        "fineweb": (5, 14, 8, 0.75),
        "dclm": (5, 93, 15, 0.8),
        "refinedweb": (5, 450, 20, 0.8),
        "rpv2": (13, 9, 13, 0.8),
    }


def test_a_key_given_beside_a_setting_wins() -> None:
    assert numbers(MinHash(setting="dclm", verify=0.85, ngram=7)) == (7, 93, 15, 0.85)


def test_the_defaults_compare_99_of_100_pairs_at_their_threshold() -> None:
    minhash = MinHash()
    assert numbers(minhash) == (5, 24, 6, 0.75)
    assert minhash.collision(minhash.verify) == pytest.approx(1 - (1 - 0.75**6) ** 24)
    assert minhash.collision(minhash.verify) >= 0.99


def test_a_recipe_as_it_was_understood_is_understood_the_same() -> None:
    recipe = Recipe.model_validate(
        {"run": Run(name="r", dump="D", input=("x",)).model_dump(), "dedup": {"minhash": {"setting": "rpv2", "seed": 3}}}
    )
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe
    assert recipe.dedup.minhash == MinHash(setting="rpv2", ngram=13, bands=9, rows=13, verify=0.8, seed=3)


@pytest.mark.parametrize(("bands", "rows"), [(20, 450), (15, 93), (8, 14)])
def test_the_published_numbers_swapped_are_refused(bands: int, rows: int) -> None:
    with pytest.raises(ValidationError, match="Did bands and rows change places"):
        MinHash(bands=bands, rows=rows)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="'fineweb', 'dclm', 'refinedweb' or 'rpv2'"):
        MinHash.model_validate({"setting": "fineweb2"})


@pytest.mark.parametrize(
    ("minhash", "lines"),
    [
        (
            MinHash(),
            [
                "dedup     24 bands of 6 rows over 5-word shingles (datasketch affine32): 99.1% of pairs at Jaccard 0.75 are compared, "
                "99.9% at 0.80, 31.5% at 0.50"
            ],
        ),
        (
            MinHash(setting="rpv2", backend="rensa"),
            [
                "dedup     9 bands of 13 rows over 13-word shingles (rensa affine32): 39.9% of pairs at Jaccard 0.80 are compared, "
                "92.9% at 0.90, 0.1% at 0.50"
            ],
        ),
        (
            MinHash(measure="containment", verify=0.9),
            [
                "dedup     24 bands of 6 rows over 5-word shingles (datasketch affine32): over 99.9% of pairs at Jaccard 0.90 are compared, "
                "over 99.9% at 0.95, 31.5% at 0.50",
                "dedup     containment decides, but Jaccard finds: of pages that lie whole in one twice as long 31.5% are compared, in one "
                "four times as long 0.6%",
            ],
        ),
    ],
)
def test_what_can_be_expected_to_be_found_is_said(minhash: MinHash, lines: list[str]) -> None:
    assert list(recall_lines(minhash, algorithm="affine32")) == lines


def test_a_backend_that_is_not_installed_stops_the_run_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(**_: object) -> dict[str, str | int]:
        raise BackendError("rensa is not there")

    monkeypatch.setattr("jobs.annotate.stage.signature_scheme", absent)
    with pytest.raises(RecipeError, match="rensa is not there; nothing was run"):
        scheme(MinHash(backend="rensa"))


def test_the_docs_say_how_probably_each_setting_compares_a_pair() -> None:
    rows = re.findall(r"^\| (none|`\"(\w+)\"`).*= ([\d,]+) \| ([\d.]+) \| (.*) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert [row[1] for row in rows] == ["", "fineweb", "dclm", "refinedweb", "rpv2"]
    for _, name, num_perm, verify, shares in rows:
        minhash = MinHash.model_validate({"setting": name} if name else {})
        found = [minhash.collision(s) for s in (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)]
        said = [">99.9 %" if share > 0.9995 else f"{share:.1%}".replace("%", " %") for share in found]
        assert (int(num_perm.replace(",", "")), float(verify), shares.split(" | ")) == (minhash.num_perm, minhash.verify, said)


def test_pages_are_measured_with_the_recipes_backend() -> None:
    texts = ["The mill at the river turns all year.", "?!", ""]
    batch = pa.record_batch({"id": ["a", "b", "c"], "text": texts})
    (out,) = annotate(worker("rensa"))(iter([batch]))
    shingles = [shingle_hashes(text, 5) for text in texts]
    assert out.select(["error", "shingle_count", "minhash"]).to_pylist() == [
        {"error": None, "shingle_count": 4, "minhash": signature(shingles[0], 112, 1, "rensa")},
        {"error": None, "shingle_count": 0, "minhash": None},
        {"error": None, "shingle_count": 0, "minhash": None},
    ]


def test_a_worker_without_the_backend_fails_its_task_and_not_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise BackendError("rensa is not there")

    monkeypatch.setattr("udfs.similarity.minhash._rensa", absent)
    batch = pa.record_batch({"id": ["a"], "text": ["The mill."]})
    with pytest.raises(BackendError, match="rensa is not there"):
        list(annotate(worker("rensa"))(iter([batch])))


def worker(backend: Backend) -> AnnotateSettings:
    model = fetch("lid.176.ftz", folder=MODELS)
    return AnnotateSettings(language_model=model.path, language_sha256=model.sha256, backend=backend)


def given(root: Root, **minhash: Any) -> Context:
    """Make what a run's stages are given, with this [dedup.minhash]."""
    recipe = Recipe.model_validate({"run": {"name": "r", "dump": "D", "input": ["x"]}, "dedup": {"minhash": minhash}})
    model = ModelFile(name="none", path="none", sha256="")
    return Context(recipe=recipe, root=root, progress=Progress(quiet=True), language_model=model, quality_model=None)


@pytest.mark.spark
@pytest.mark.parametrize("changed", [{"backend": "rensa"}, {"seed": 2}, {"ngram": 6}, {"bands": 25}])
def test_signatures_of_two_schemes_are_not_mixed_in_one_root(
    spark: "SparkSession", tmp_path: Path, changed: dict[str, Any]
) -> None:
    root = Root(spark, str(tmp_path))
    before = given(root)
    write_json(tmp_path / "recipe.json", before.recipe.model_dump(mode="json"))
    write_json(tmp_path / "plan/00000.json", {"files": []})
    write_json(tmp_path / "signals/_chunks/00000.json", {"fingerprint": stale_key(before)})
    check_same_recipe(before, start=None)
    check_same_recipe(given(root, bands=36, rows=4, verify=0.8), start=None)  # as many permutations, cut otherwise
    with pytest.raises(RecipeError, match=r"1 chunk\(s\) whose annotate was done otherwise; changed since: \[dedup.minhash\]"):
        check_same_recipe(given(root, **changed), start=None)
