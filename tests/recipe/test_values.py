"""Values of another type than a key wants are refused, and so are names of dumps that readers would take for something else."""

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from jobs.engine.errors import RecipeError
from jobs.recipe.load import load_recipe
from udfs.reading.location import LocationError

GOOD = '[run]\nname = "r"\ndump = "D"\ninput = ["x.warc.gz"]\n'
WRONG = ("007", "12", "1e5", "1.5", "1d", "0x1F", "1_000", "2024-01-01", "2024-1", "20240101", "true", "NULL", "NaN", "inf")
NO_NAMES = ("", "a/b", "../a", " D", "é", "__HIVE_DEFAULT_PARTITION__", "-D", "D\n", "x" * 201)
GOOD_NAMES = ("CC-MAIN-2026-43", "D", "TINY", "2024q1", "d2024-01-01", "1e5x", "v1.5", "x" * 200)


def faults(folder: Path, text: str | bytes) -> list[str]:
    """Load a recipe that is wrong, and return what is said of each key."""
    path = folder / "recipe.toml"
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    return [line.strip() for line in str(caught.value).split("\n")][1:] or [str(caught.value)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[extract]\nmax_cpu_s = true", "extract.max_cpu_s: Input should be a valid number (got True)"),
        ('[extract]\nmax_cpu_s = "5"', "extract.max_cpu_s: Input should be a valid number (got '5')"),
        ("[extract]\nmax_cpu_s = nan", "extract.max_cpu_s: Input should be a finite number (got nan)"),
        ("[extract]\nmax_wall_s = inf", "extract.max_wall_s: Input should be a finite number (got inf)"),
        ("[extract]\nmax_page_mb = 1.5", "extract.max_page_mb: Input should be a valid integer (got 1.5)"),
        ("[extract]\nmax_page_mb = true", "extract.max_page_mb: Input should be a valid integer (got True)"),
        ("[annotate]\npii = 1", "annotate.pii: Input should be a valid boolean (got 1)"),
        ('[annotate]\npii = "no"', "annotate.pii: Input should be a valid boolean (got 'no')"),
        ("[[annotate.quality]]\nmodel = 5", "annotate.quality.0.model: Input should be a valid string (got 5)"),
        ('[annotate.minhash]\nsetting = "fineweb"\nrows = true', "annotate.minhash.rows: Input should be a valid integer (got True)"),
        ("[dedup.alarm]\nmax_removed = -0.5", "dedup.alarm.max_removed: Input should be greater than 0 (got -0.5)"),
        ("[dedup.near_duplicates]\nmin_similarity = nan", "dedup.near_duplicates.min_similarity: Input should be a finite number (got nan)"),
        ('[dedup]\nsurvivor = "date ASC"', "dedup.survivor: Input should be a valid array (got 'date ASC')"),
        ("[publish]\ncolumns = [1]", "publish.columns.0: Input should be a valid string (got 1)"),
        ('[read]\ntext = ["a", 1]', "read.text.1: Input should be a valid string (got 1)"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_and_not_converted(tmp_path: Path, text: str, told: str) -> None:
    assert faults(tmp_path, f"{GOOD}{text}\n") == [told]


def test_a_date_without_quotes_is_no_name(tmp_path: Path) -> None:
    told = faults(tmp_path, GOOD.replace('"D"', "2024-01-01"))
    assert told == ["run.dump: Input should be a valid string (got {'a date or time': '2024-01-01'})"]


def test_a_byte_order_mark_is_passed_over_and_another_charset_named(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_recipe(path).run.name == load_recipe(path.as_uri()).run.name == "r"
    assert faults(tmp_path, GOOD.encode("utf-16")) == [f"{path} is UTF-16 and not UTF-8: nothing was run. Save it as UTF-8"]
    latin = f"# für\n{GOOD}".encode("latin-1")
    assert faults(tmp_path, latin)[0].startswith(f"{path} is not UTF-8, at line 1 (# f\\xfcr): nothing was run.")


def test_an_input_of_the_command_line_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(GOOD)
    with pytest.raises(LocationError, match=r"f\\xfcr: its name is not UTF-8"):
        load_recipe(tmp_path / "recipe.toml", overrides={"input": ["f\udcfcr"]})


@pytest.mark.parametrize("name", WRONG)
def test_a_dump_that_readers_take_for_another_type_is_refused(tmp_path: Path, name: str) -> None:
    (told,) = faults(tmp_path, GOOD.replace('"D"', f'"{name}"'))
    assert told.startswith(f"run.dump: readers of the corpus would take dump={name} for a")
    assert f"such as dump-{name} (got {name!r})" in told


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_dump_that_names_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "recipe.toml").write_text(GOOD)
    with pytest.raises(RecipeError, match="it names a folder of the corpus"):
        load_recipe(tmp_path / "recipe.toml", overrides={"dump": name})


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_other_dumps_come_back_as_the_text_that_they_are(tmp_path: Path, name: str) -> None:
    (tmp_path / "recipe.toml").write_text(GOOD)
    assert load_recipe(tmp_path / "recipe.toml", overrides={"dump": name}).run.dump == name
    (tmp_path / "corpus" / f"dump={name}").mkdir(parents=True)
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "corpus" / f"dump={name}" / "part-0.parquet")
    read = ds.dataset(tmp_path / "corpus", format="parquet", partitioning="hive").to_table()
    assert read["dump"].to_pylist() == [name]
