"""The choice of blocks against all prefixes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs.blocks.choice import PROBABILITY_ONE, choose

BLOCKS = st.lists(st.tuples(st.integers(0, PROBABILITY_ONE), st.integers(1, 500)), min_size=1, max_size=12)


@given(BLOCKS)
def test_the_kept_blocks_are_the_prefix_of_the_best_expected_f1(blocks: list[tuple[int, int]]) -> None:
    probability, words = (np.array(values) for values in zip(*blocks, strict=True))
    kept = choose(probability, words, least=0)
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
    assert not choose(np.array([10, 20]), np.array([5, 5]), least=21).any()
    assert choose(np.array([10, 20]), np.array([5, 5]), least=20).tolist() != [False, False]
    assert choose(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), least=0).tolist() == []
