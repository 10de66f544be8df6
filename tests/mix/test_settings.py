"""What a recipe of a mix may say, what it comes to in tokens, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from jobs.engine.errors import RecipeError
from jobs.mix import STAGE
from jobs.mix.plan import files_of
from jobs.mix.settings import Mix
from jobs.mix.targets import Size, targets
from jobs.mix.weights_file import read_weights
from jobs.recipe.load import load_recipe
from tests.mix.corpora import recipe, rows, write_jsonl
from tests.runs import PROJECT

WEB, CODE = {"name": "web", "corpus": "web.jsonl"}, {"name": "code", "corpus": ["code.jsonl"]}
SIZES = {"web": Size(10, 1000), "code": Size(10, 300)}


def settings(web: dict[str, Any], code: dict[str, Any], **mix: Any) -> Mix:
    found: Mix = recipe([WEB | web, CODE | code], **mix).of(STAGE)
    return found


@pytest.mark.parametrize(
    ("web", "code", "mix", "said"),
    [
        ({"weight": 0.5, "epochs": 1}, {"weight": 0.5}, {"tokens": 9}, "corpus 'web' has weight and epochs"),
        ({"weight": 0.5}, {}, {"tokens": 9}, "corpus code has neither weight nor epochs"),
        ({"weight": 0.5}, {"weight": 0.4}, {"tokens": 9}, "the weights add up to 0.9"),
        ({"epochs": 1}, {"weight": 1}, {}, "leaves nothing to the corpora with epochs"),
        ({"epochs": 1}, {"weight": 0.5}, {"tokens": 9}, "tokens says how many there are, and so do the epochs of web"),
        ({"weight": 0.5}, {"weight": 0.5}, {}, "weights are shares of something"),
        ({"epochs": 5}, {"epochs": 1}, {}, r"epochs \(web: 5\) are more than max_epochs = 4"),
        ({"epochs": 1}, {"epochs": 1, "name": "web"}, {}, "two corpora are named web"),
        ({"epochs": 1}, {"epochs": 1}, {"weights": "w.csv"}, r"web, code has a weight or epochs of its own"),
        ({"epochs": 1}, {"epochs": 1}, {"weights_row": "1"}, "there is no such file"),
    ],
)
def test_what_says_too_little_or_two_things_is_refused(web: Any, code: Any, mix: Any, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        settings(web, code, **mix)


def test_weights_share_out_the_tokens_to_the_last_one() -> None:
    found = targets(settings({"weight": 0.7}, {"weight": 0.3}, tokens=999), SIZES)
    assert found == {"web": 700, "code": 299} and sum(found.values()) == 999


def test_epochs_are_passes_over_what_is_there_and_a_schedule_is_solved_for_its_total() -> None:
    assert targets(settings({"epochs": 2.5}, {"epochs": 1}), SIZES) == {"web": 2500, "code": 300}
    # the paper: steps = int(777 * epochs / (1 - mix)), so the real stream is a share 1 - mix of all
    found = targets(settings({"weight": 0.75}, {"epochs": 1}), SIZES)
    assert found == {"web": 900, "code": 300}


def test_a_corpus_that_is_too_small_for_its_share_is_refused_with_its_epochs() -> None:
    with pytest.raises(RecipeError, match=r"code: 1,500 tokens are asked for and it has 300, so it would take 5\.00 epochs"):
        targets(settings({"weight": 0.5}, {"weight": 0.5}, tokens=3000), SIZES)
    assert targets(settings({"weight": 0.5}, {"weight": 0.5}, tokens=3000, max_epochs=5), SIZES)["code"] == 1500
    with pytest.raises(RecipeError, match="it has 0, so it would take no number of epochs"):
        targets(settings({"weight": 0.5}, {"weight": 0.5}, tokens=30), {**SIZES, "code": Size(0, 0)})


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("run_id,name,web,code\nr1,one,0.4,0.6\nr2,two,0.25,0.75\n", "two"),  # Olmix
        ("index,web,code\n1,0.4,0.6\n2,0.249,0.75\n", "2"),  # RegMix: three digits, so that a sum may be 0.999
        ("\ufeffweb, code\n0.25,0.75\n", None),
    ],
)
def test_weights_come_from_files_as_olmix_and_regmix_write_them(tmp_path: Path, text: str, row: str | None) -> None:
    (tmp_path / "w.csv").write_text(text, "utf-8")
    found = read_weights(str(tmp_path / "w.csv"), row=row, corpora=["web", "code"])
    shares = targets(settings({}, {}, tokens=1000, weights="w.csv"), SIZES, found)
    assert sum(shares.values()) == 1000 and abs(shares["web"] - 250) <= 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web,code\n", "has no row of weights, so nothing was run"),
        ("index,web,code\n1,1,0\n2,0,1\n", "has 2 rows, of which it says no weights_row: .* one of 1, 2"),
        ("index,web,books\n1,1,0\n", "books, code stands in one alone"),
        ("web,code\n0.5,0.6\n", "add up to 1.1"),
        ("web,code\n0.5,half\n", "a weight that is no number"),
    ],
)
def test_a_file_that_is_no_row_of_shares_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "w.csv").write_text(text, "utf-8")
    with pytest.raises(RecipeError, match=said):
        read_weights(str(tmp_path / "w.csv"), row=None, corpora=["web", "code"])


def test_a_file_of_weights_that_is_not_there_is_named_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(
        RecipeError, match=r"^\[mix\] weights cannot be read: .*absent\.csv: it does not exist.*nothing was run"
    ):
        read_weights(str(tmp_path / "absent.csv"), row=None, corpora=["web"])


def test_a_file_of_two_corpora_is_refused(tmp_path: Path) -> None:
    path = str(write_jsonl(tmp_path / "web.jsonl", rows("web", 3)))
    with pytest.raises(RecipeError, match="is a file of the corpora web and code"):
        files_of(settings({"corpus": path, "epochs": 1}, {"corpus": str(tmp_path), "epochs": 1}))


def test_the_recipe_of_the_megadocs_schedule_has_three_synthetic_tokens_for_one_real() -> None:
    mix = load_recipe(PROJECT / "conf/mix.toml", beside="/out").of(STAGE)
    sizes = {"real": Size(10, 203_867_748), "synthetic": Size(10, 967_700_000)}
    found = targets(mix, sizes)
    # s8, the paper's best: 8 epochs, mix 0.75, 24,864 steps of 64 x 4,096 tokens, 5.1 synthetic passes
    assert found["real"] == 8 * 203_867_748 and found["synthetic"] == 3 * found["real"]
    assert abs(sum(found.values()) / (24_864 * 64 * 4096) - 1) < 0.002 and round(found["synthetic"] / 967_700_000, 1) == 5.1


@pytest.mark.parametrize(("chain", "synthetic"), [("beyondweb", 400), ("nemotron-cc", 600)])
def test_the_chains_mix_real_and_synthetic_text_60_to_40_and_50_to_50(chain: str, synthetic: int) -> None:
    mix = load_recipe(PROJECT / f"conf/{chain}/3-mix.toml", beside="/out").of(STAGE)
    assert [one.corpus for one in mix.corpora] == [("/out/seeds",), ("/out/rephrases",)]
    assert targets(mix, {"real": Size(10, 600), "synthetic": Size(10, 5000)}) == {"real": 600, "synthetic": synthetic}
