"""Boosted trees as plain numbers: which leaf a row comes to, and that sums are those of the trees."""

import pytest

from udfs.page.trees import Trees, read_trees, sha256_of

TREE = (0, 1.5, 10.0, (1, 0.0, 20.0, 30.0))


@pytest.mark.parametrize(("row", "leaf"), [({"a": 1.5, "b": 9}, 10.0), ({"a": 1.6, "b": 0}, 20.0), ({"a": 2, "b": 0.1}, 30.0)])
def test_a_row_goes_low_at_or_below_the_threshold(row: dict[str, float], leaf: float) -> None:
    assert Trees(("a", "b"), {"t": (TREE,)}).predict(row) == {"t": leaf}


def test_trees_add_up_and_a_missing_feature_is_an_error() -> None:
    trees = Trees(("a", "b"), {"t": (TREE, 0.5), "u": ()})
    assert trees.predict({"a": 0, "b": 0, "c": 1}) == {"t": 10.5, "u": 0}
    with pytest.raises(KeyError, match="b"):
        trees.predict({"a": 0})


def test_a_model_is_read_from_a_file_that_comes_with_the_package() -> None:
    assert len(sha256_of("page_kinds.json")) == 64
    assert read_trees("page_kinds.json").targets
