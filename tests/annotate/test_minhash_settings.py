"""The settings of the near-duplicate join: the published ones, the defaults' recall, and what is refused."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from jobs.annotate import STAGE as ANNOTATE
from jobs.annotate.stage import wanted
from jobs.dedup import STAGE as DEDUP
from jobs.dedup.settings import NearDuplicates
from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.models import fetch
from jobs.engine.root import Root
from jobs.engine.same_recipe import check_same_recipe
from jobs.recipe.load import recipe_of
from jobs.recipe.minhash import MinHash, minhash_of, recall_lines, scheme, swapped
from tests.dedup.small_root import write_json
from tests.dedup.small_run import context, recipe
from tests.runs import MODELS
from udfs.signals.annotate_settings import AnnotateSettings
from udfs.signals.annotator import annotate
from udfs.similarity.minhash import Backend, BackendError, shingle_hashes, signature

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DOCS = Path(__file__).parents[2] / "docs/dedup.md"


def numbers(minhash: MinHash) -> tuple[int, int, int]:
    return (minhash.ngram, minhash.bands, minhash.rows)


def test_named_settings_are_the_published_ones() -> None:
    assert {name: numbers(MinHash.model_validate({"setting": name})) for name in ("fineweb", "dclm", "refinedweb", "rpv2")} == {
        "fineweb": (5, 14, 8),
        "dclm": (5, 93, 15),
        "refinedweb": (5, 450, 20),
        "rpv2": (13, 9, 13),
    }


def test_a_key_given_beside_a_setting_wins() -> None:
    assert numbers(MinHash(setting="dclm", ngram=7)) == (7, 93, 15)


def test_the_defaults_compare_99_of_100_pairs_at_their_threshold() -> None:
    minhash, near = MinHash(), NearDuplicates()
    assert (numbers(minhash), near.min_similarity, near.measure) == ((5, 24, 6), 0.75, "jaccard")
    assert minhash.collision(near.min_similarity) == pytest.approx(1 - (1 - 0.75**6) ** 24)
    assert minhash.collision(near.min_similarity) >= 0.99


def test_a_recipe_as_it_was_understood_is_understood_the_same() -> None:
    given = recipe(annotate={"minhash": {"setting": "rpv2", "seed": 3}}, dedup={"near_duplicates": {"min_similarity": 0.8}})
    assert recipe_of(given.as_json()) == given
    assert minhash_of(given) == MinHash(setting="rpv2", ngram=13, bands=9, rows=13, seed=3)
    assert given.of(DEDUP).near_duplicates == NearDuplicates(min_similarity=0.8)


@pytest.mark.spark
@pytest.mark.parametrize(("bands", "rows"), [(20, 450), (15, 93), (8, 14)])
def test_the_published_numbers_swapped_are_named_and_refused(
    spark: "SparkSession", tmp_path: Path, bands: int, rows: int
) -> None:
    minhash = {"bands": bands, "rows": rows}
    said = swapped(MinHash.model_validate(minhash), min_similarity=0.75)
    assert said is not None and "Did bands and rows change places" in said
    given = recipe(annotate={"minhash": minhash}, dedup={"near_duplicates": {}})
    with pytest.raises(RecipeError, match=re.escape(f"{said}; nothing was run")):
        check_dedup(context(Root(spark, str(tmp_path)), given))


def test_what_the_swapped_numbers_would_be_right_for_is_not_refused() -> None:
    assert [swapped(MinHash.model_validate({"setting": name}), min_similarity=0.8) for name in ("dclm", "refinedweb")] == [
        None
    ] * 2
    assert swapped(MinHash(bands=8, rows=14), min_similarity=0.95) is None


@pytest.mark.spark
def test_near_duplicates_without_signatures_are_refused(spark: "SparkSession", tmp_path: Path) -> None:
    root = Root(spark, str(tmp_path))
    with pytest.raises(
        RecipeError, match=r"\[dedup.near_duplicates\] needs signatures.*nothing was run.*Add \[annotate.minhash\]"
    ):
        check_dedup(context(root, recipe(dedup={"near_duplicates": {}})))
    check_dedup(context(root, recipe(annotate={"minhash": {}}, dedup={})))  # a fact that nothing decides on is none of dedup's
    check_dedup(context(root, recipe(annotate={"minhash": {}}, dedup={"near_duplicates": {}})))


def check_dedup(given: Context) -> None:
    assert DEDUP.check is not None
    DEDUP.check(given.job(DEDUP))


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="'fineweb', 'dclm', 'refinedweb' or 'rpv2'"):
        MinHash.model_validate({"setting": "fineweb2"})


@pytest.mark.parametrize(
    ("minhash", "near", "lines"),
    [
        (
            MinHash(),
            NearDuplicates(),
            [
                "dedup     24 bands of 6 rows over 5-word shingles (datasketch affine32): 99.1% of pairs at Jaccard 0.75 are compared, "
                "99.9% at 0.80, 31.5% at 0.50"
            ],
        ),
        (
            MinHash(setting="rpv2", backend="rensa"),
            NearDuplicates(min_similarity=0.8),
            [
                "dedup     9 bands of 13 rows over 13-word shingles (rensa affine32): 39.9% of pairs at Jaccard 0.80 are compared, "
                "92.9% at 0.90, 0.1% at 0.50"
            ],
        ),
        (
            MinHash(),
            NearDuplicates(measure="containment", min_similarity=0.9),
            [
                "dedup     24 bands of 6 rows over 5-word shingles (datasketch affine32): over 99.9% of pairs at Jaccard 0.90 are compared, "
                "over 99.9% at 0.95, 31.5% at 0.50",
                "dedup     containment decides, but Jaccard finds: of pages that lie whole in one twice as long 31.5% are compared, in one "
                "four times as long 0.6%",
            ],
        ),
    ],
)
def test_what_can_be_expected_to_be_found_is_said(minhash: MinHash, near: NearDuplicates, lines: list[str]) -> None:
    found = recall_lines(minhash, algorithm="affine32", min_similarity=near.min_similarity, measure=near.measure)
    assert list(found) == lines


def test_a_backend_that_is_not_installed_stops_the_run_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(**_: object) -> dict[str, str | int]:
        raise BackendError("rensa is not there")

    monkeypatch.setattr("jobs.recipe.minhash.signature_scheme", absent)
    with pytest.raises(RecipeError, match="rensa is not there; nothing was run"):
        scheme(MinHash(backend="rensa"))


def test_the_docs_say_how_probably_each_setting_compares_a_pair() -> None:
    rows = re.findall(r"^\| (none|`\"(\w+)\"`).*= ([\d,]+) \| ([\d.]+) \| (.*) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert [row[1] for row in rows] == ["", "fineweb", "dclm", "refinedweb", "rpv2"]
    for _, name, num_perm, min_similarity, shares in rows:
        minhash = MinHash.model_validate({"setting": name} if name else {})
        found = [minhash.collision(s) for s in (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)]
        said = [">99.9 %" if share > 0.9995 else f"{share:.1%}".replace("%", " %") for share in found]
        paired = 0.75 if name in ("", "fineweb") else 0.8  # the similarity that the setting's bands are made for
        assert (int(num_perm.replace(",", "")), float(min_similarity), shares.split(" | ")) == (minhash.num_perm, paired, said)


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


@pytest.mark.spark
@pytest.mark.parametrize("changed", [{"backend": "rensa"}, {"seed": 2}, {"ngram": 6}, {"bands": 25}])
def test_signatures_of_two_schemes_are_not_mixed_in_one_root(
    spark: "SparkSession", tmp_path: Path, changed: dict[str, Any]
) -> None:
    def given(**minhash: Any) -> Context:
        return context(Root(spark, str(tmp_path)), recipe(annotate={"minhash": minhash}))

    before = given()
    write_json(tmp_path / "recipe.json", before.recipe.as_json())
    write_json(tmp_path / "plan/00000.json", {"files": []})
    sets = {name: {"fingerprint": value, "pass": "p"} for name, value in wanted(before.job(ANNOTATE)).items()}
    write_json(tmp_path / "signals/_chunks/00000.json", {"sets": sets})
    check_same_recipe(before, start=None)
    check_same_recipe(given(bands=36, rows=4), start=None)  # as many permutations, cut otherwise
    with pytest.raises(
        RecipeError, match=r"1 chunk\(s\) whose annotate was done otherwise; changed since: \[annotate\] minhash"
    ):
        check_same_recipe(given(**changed), start=None)
