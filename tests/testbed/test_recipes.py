"""The recipes of the testbed load, and the rungs of DCLM's ladder have the rules of DCLM's own recipe."""

from pathlib import Path

import pytest

from jobs import filter
from jobs.recipe.chain import check_chain, listed
from jobs.recipe.load import load_recipe
from jobs.testbed.recipe import load_compare

CONF = Path(__file__).parent.parent.parent / "conf"


@pytest.mark.parametrize("path", sorted((CONF / "testbed").glob("*.toml")), ids=lambda path: path.stem)
def test_every_comparison_loads_under_its_files_name_and_has_text_that_is_not_web(path: Path) -> None:
    found = load_compare(str(path))
    assert found.name == path.stem and len(found.seeds) >= 3
    assert any(not text.web for text in found.held_out)


def test_a_recipe_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "marked.toml").write_bytes(b"\xef\xbb\xbf" + (CONF / "testbed/quicktrain.toml").read_bytes())
    assert load_compare(str(tmp_path / "marked.toml")) == load_compare(str(CONF / "testbed/quicktrain.toml"))


def test_the_arms_are_those_of_the_papers() -> None:
    arms = {
        name: [arm.name for arm in load_compare(str(CONF / f"testbed/{name}.toml")).arms] for name in ("dclm", "d4", "megadocs")
    }
    assert arms == {
        "dclm": ["raw", "rules", "dedup", "top"],
        "d4": ["random", "random-twice", "chosen-twice"],
        "megadocs": ["real", "simple", "stitched"],
    }
    assert [arm.epochs for arm in load_compare(str(CONF / "testbed/d4.toml")).arms] == [1, 2, 2]


def test_the_ladder_is_a_chain_with_dclms_rules_its_bff_and_its_tenth() -> None:
    ladder = [load_recipe(path, beside="/out") for path in listed([str(CONF / "dclm-arms")])]
    check_chain(ladder, "/out")
    whole = load_recipe(CONF / "dclm-baseline.toml")
    assert [recipe.run.name for recipe in ladder] == ["raw", "rules", "dedup", "top"]
    assert ladder[1].of(filter.STAGE) == whole.of(filter.STAGE)
    assert [(one.sections["dedup"].exact_url, one.sections["dedup"].exact_text) for one in ladder] == [("off", False)] * 4
    assert ["passages" in one.sections for one in ladder] == [False, False, True, False]
    assert ladder[2].sections["passages"] == whole.sections["passages"]
    assert ladder[3].sections["sampling"] == whole.sections["sampling"]


def test_the_control_of_megadocs_weaves_the_same_texts() -> None:
    simple = load_recipe(CONF / "megadocs-simple/simple.toml", beside="/out").sections["megadocs"]
    stitched = load_recipe(CONF / "megadocs/3-megadocs.toml", beside="/out").sections["megadocs"]
    assert (simple.generations, simple.min_generations, simple.synthetic) == (
        stitched.generations,
        stitched.min_generations,
        stitched.synthetic,
    )
    assert (simple.weave, stitched.weave) == ("simple", "stitch")
