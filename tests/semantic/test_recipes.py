"""The recipes of D4: their shares multiply to the paper's, and the chain's second link repeats the first's choice."""

import pytest

from jobs.recipe.load import load_recipe
from jobs.semantic import STAGE
from tests.runs import PROJECT


@pytest.mark.parametrize(("name", "share"), [("d4.toml", 0.25), ("d4-repeat/1-select.toml", 0.5)])
def test_the_shares_multiply_to_the_papers(name: str, share: float) -> None:
    settings = load_recipe(PROJECT / "conf" / name).of(STAGE)
    assert settings.duplicates is not None and settings.prototypes is not None
    assert settings.duplicates.keep == 0.75 and settings.duplicates.rule == "greedy"
    assert settings.duplicates.keep * settings.prototypes.keep == pytest.approx(share, abs=1e-6)


def test_the_second_link_has_two_epochs_of_all_that_it_reads() -> None:
    (step,) = load_recipe(PROJECT / "conf/d4-repeat/2-two-epochs.toml").sections["sampling"]
    assert step.tiers.shares == (1.0,) and step.tiers.copies == (2, 2)
