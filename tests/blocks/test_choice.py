"""The choice of blocks against all prefixes."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs.blocks.choice import PROBABILITY_ONE, choose, keep
from udfs.blocks.model import STEP, Model, shipped_model
from udfs.blocks.trees import MAX_SCORE, SCALE

BLOCKS = st.lists(st.tuples(st.integers(0, PROBABILITY_ONE), st.integers(1, 500)), min_size=1, max_size=12)


@given(BLOCKS)
def test_the_kept_blocks_are_the_prefix_of_the_best_expected_f1(blocks: list[tuple[int, int]]) -> None:
    probability, words = (np.array(values) for values in zip(*blocks, strict=True))
    kept = choose(probability, words)
    order = sorted(range(len(blocks)), key=lambda place: -probability[place])
    expected = (probability * words).sum()

    def f1(count: int) -> float:
        some = order[:count]
        return (
            float(2 * (probability * words)[some].sum() / (words[some].sum() * PROBABILITY_ONE + expected)) if expected else 0.0
        )

    if expected:
        assert f1(int(kept.sum())) == max(f1(count) for count in range(1, len(blocks) + 1))
        assert probability[kept].min() >= max(probability[~kept], default=0)


def test_a_page_without_a_probable_block_has_no_text() -> None:
    words = np.array([5, 5])
    for least, some in ((21, False), (20, True)):
        kept, probability = keep(made_model([10, 20], least=least), np.array([0, STEP]), words, kind=None)
        assert (bool(kept.any()), probability.tolist()) == (some, [10, 20])
    kept, _ = keep(made_model([10], least=1), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), kind=None)
    assert kept.tolist() == []


def test_the_cut_of_an_article_is_stricter_and_its_probabilities_are_the_same() -> None:
    model = shipped_model()
    scores, words = np.array([2 * SCALE, -SCALE // 2, -MAX_SCORE]), np.array([40, 60, 9])
    found = {kind: keep(model, scores, words, kind=kind) for kind in (None, "listing", "article")}
    assert {kind: kept.tolist() for kind, (kept, _) in found.items()} == {
        None: [True, True, False],
        "listing": [True, True, False],
        "article": [True, False, False],
    }
    assert all((probability == model.probabilities(scores)).all() for _, probability in found.values())


def made_model(probability: list[int], *, least: int) -> Model:
    """Give scores of 0, STEP and so on these probabilities."""
    table = np.concatenate((np.zeros(MAX_SCORE // STEP, dtype=np.int64), probability))
    return replace(shipped_model(), probability=table, least=least)
