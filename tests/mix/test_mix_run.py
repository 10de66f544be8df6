"""A whole run of a mix: what is counted is what is published, with copies, and what is packed, token for token."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from jobs.engine.errors import LedgerError, RecipeError
from jobs.mix import STAGE
from jobs.mix.cards import cards
from jobs.mix.counted import counted, decided
from jobs.mix.stage import _prove
from jobs.recipe.recipe import Recipe
from tests.mix.corpora import oracle, recipe, write_jsonl, write_parquet
from tests.mix.corpora import rows as made
from tests.runs import changed, context, markers, rows, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
TOKENS = 12_000


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a corpus of two Parquet files, one of JSON lines, with a blank text and a null, and one of which nothing is wanted."""
    folder = tmp_path_factory.mktemp("corpora")
    write_parquet(folder / "web", made("web", 60), files=2)
    write_jsonl(folder / "code.jsonl", [*made("code", 25), {"id": "blank", "text": " "}, {"id": "null", "text": None}])
    return folder


def mixed(corpora: Path, **mix: Any) -> Recipe:
    """Mix two thirds of web and one of code, counted by the tokenizer that packs."""
    given = [
        {"name": "web", "corpus": str(corpora / "web"), "weight": 0.65},
        {"name": "code", "corpus": str(corpora / "code.jsonl"), "weight": 0.35},
    ]
    return recipe(given, **{"tokens": TOKENS, "count": "tokenizer", **mix})


@pytest.fixture(scope="module")
def root(spark: "SparkSession", corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the recipe once, to packed tokens."""
    folder = tmp_path_factory.mktemp("mix") / "root"
    run(spark, mixed(corpora), folder)
    return folder


def packed(root: Path) -> Counter[str]:
    """Count the tokens of each document in the packed sequences."""
    found: Counter[str] = Counter()
    for path in sorted((root / "packed/epoch-0/spans").glob("*.parquet")):
        for sequence in pq.read_table(path).to_pylist():
            for span in sequence["documents"]:
                found[span["id"]] += span["end"] - span["start"]
    return found


def test_tokens_times_copies_are_the_tokens_that_are_packed_by_document(
    spark: "SparkSession", corpora: Path, root: Path
) -> None:
    job = context(spark, mixed(corpora), root).job(STAGE)
    counts = {row["id"]: row for row in counted(job).collect()}
    product = {row["id"]: row for row in rows(root, "corpus")}
    assert packed(root) == {name: row["copies"] * counts[name]["tokens"] for name, row in product.items()}
    assert 0 <= TOKENS - sum(packed(root).values()) < 256
    for name in ("web", "code"):
        pool = [(row["id"], row["tokens"], row["base"]) for row in counts.values() if row["corpus"] == name]
        drawn = oracle(pool, decided(job).wanted[name], seed=1, corpus=name)
        if name == "web":  # what it lacks goes to the next
            assert {row["id"]: row["copies"] for row in product.values() if row["corpus"] == name} == {
                k: n for k, n in drawn.items() if n
            }
    assert {row["base"] for row in counts.values() if row["corpus"] == "web"} == {1, 3}


def test_what_is_not_drawn_has_a_row_without_text_and_the_others_their_corpus(root: Path) -> None:
    found = rows(root, "documents")
    outcomes = Counter((row["corpus"], row["outcome"], row["reason"]) for row in found)
    assert outcomes["code", "dropped", "empty_text"] == outcomes["code", "failed", "no_text"] == 1
    assert sum(outcomes.values()) == 87 and outcomes["web", "dropped", "not_drawn"] > 5
    for row in found:
        assert (row["text"] is None) == (not row["copies"]) and bool(row["copies"]) == (row["outcome"] == "extracted"), row[
            "id"
        ]
        assert row["carried"] is None and row["parents"] is None


def test_the_tables_say_what_went_in(spark: "SparkSession", corpora: Path, root: Path) -> None:
    table = json.loads((root / "mix/composition.json").read_text("utf-8"))
    tokens, product = packed(root), rows(root, "corpus")
    for row in table["corpora"]:
        mine = [one for one in product if one["corpus"] == row["corpus"]]
        assert row["tokens"] == sum(tokens[one["id"]] for one in mine) and row["documents"] == len(mine)
        assert row["copies"] == sum(one["copies"] for one in mine) and row["epochs"] == round(
            row["tokens"] / row["tokens_there"], 6
        )
    assert [row["asked"] for row in table["corpora"]] == [7_800, 4_200]
    assert {row["value"] for row in table["by"]["language"]} == {"de", "en"}
    assert {row["value"] for row in table["by"]["domain"]} == {"0.example", "1.example", "2.example"}
    assert [row["value"] for row in table["by"]["cluster"]] == ["unknown"]
    assert {sum(row["tokens"] for row in found) for found in table["by"].values()} == {table["tokens"]}
    (weights,) = csv.DictReader((root / "mix/weights.csv").read_text("utf-8").splitlines())
    assert weights["run_id"] == "mixed" and abs(float(weights["web"]) - 0.65) < 0.005
    titles = [card.title for card in cards(context(spark, mixed(corpora), root))]
    assert titles == ["Corpora of the mix", *(f"The mix by {name}" for name in ("language", "domain", "cluster", "bucket"))]


def test_neither_files_nor_chunks_nor_partitions_show_and_a_run_that_is_killed_goes_on(
    spark: "SparkSession", corpora: Path, root: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    write_parquet(other / "web", made("web", 60)[::-1], files=5)
    shutil.copy(corpora / "code.jsonl", other)
    again = changed(mixed(other), run={"chunk_files": 3, "max_readers": 2})
    run(spark, again, tmp_path / "root", only="mix")
    places = ("chunk", "file_path", "offset")
    assert rows(tmp_path / "root", "documents", without=places) == rows(root, "documents", without=places)
    before, gone = markers(tmp_path / "root"), tmp_path / "root/documents/_chunks/00001.json"
    gone.unlink()
    shutil.rmtree(tmp_path / "root/documents/chunk=00001")
    run(spark, again, tmp_path / "root", only="mix")
    assert rows(tmp_path / "root", "documents", without=places) == rows(root, "documents", without=places)
    assert {name for name, at in markers(tmp_path / "root").items() if before[name] != at} == {"documents/_chunks/00001.json"}


def test_a_corpus_whose_ids_another_has_or_with_a_broken_file_is_refused(
    spark: "SparkSession", corpora: Path, tmp_path: Path
) -> None:
    for folder in ("twice", "broken"):
        shutil.copytree(corpora, tmp_path / folder)
    write_parquet(tmp_path / "twice/web", made("code", 3))
    with pytest.raises(RecipeError, match=r"urn:code:0 \(code, web\); urn:code:1 \(code, web\)"):
        run(spark, mixed(tmp_path / "twice"), tmp_path / "a", only="mix")
    (tmp_path / "broken/web/part-1.parquet").write_bytes(b"PAR1 no Parquet PAR1")
    with pytest.raises(RecipeError, match=r"part-1\.parquet: .*\nMend it or take it out of the corpus"):
        run(spark, mixed(tmp_path / "broken"), tmp_path / "b", only="mix")


def test_a_corpus_without_the_column_is_refused_under_the_name_of_its_section(
    spark: "SparkSession", corpora: Path, tmp_path: Path
) -> None:
    shutil.copytree(corpora, tmp_path / "other")
    (tmp_path / "other/code.jsonl").write_text('{"id": "a", "body": "b"}\n', "utf-8")
    with pytest.raises(
        RecipeError, match=r"^\[\[mix\.corpora\]\]: .*code\.jsonl has no column 'text'.* Its columns are body, id"
    ):
        run(spark, mixed(tmp_path / "other"), tmp_path / "root", only="mix")


def test_a_document_that_is_lost_breaks_the_law(spark: "SparkSession", corpora: Path, root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "root")
    job = context(spark, mixed(corpora), tmp_path / "root").job(STAGE)
    found = decided(job)
    _prove(job, found)
    (path,) = (tmp_path / "root/documents/chunk=00000/kind=document").glob("*.parquet")
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.filter([text is not None for text in table.column("text").to_pylist()]).slice(1), path)
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
    with pytest.raises(LedgerError, match="the documents of web do not stand in the mix as often as they should"):
        _prove(context(spark, mixed(corpora), tmp_path / "root").job(STAGE), found)


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"dedup": {"exact_text": True}}, r"\[dedup\] \(write exact_url"),
        ({"annotate": {"pii": True}}, r"\[annotate\] \(write"),
        ({"sampling": [{"name": "half", "top": {"by": "1", "share": 0.5}}]}, r"\[sampling\] would take some of them away"),
        ({"pack": None}, r"the recipe has no \[pack\]"),
        ({"run": {"input": ["x"]}}, "names its corpora itself"),
    ],
)
def test_a_recipe_that_would_change_the_mix_is_refused(
    spark: "SparkSession", corpora: Path, tmp_path: Path, sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(RecipeError, match=said):
        run(spark, changed(mixed(corpora), **sections), tmp_path)
