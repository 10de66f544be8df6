"""The mark that a model must pass: what a text costs by how common each token of the arm is."""

import math
from pathlib import Path

import numpy as np
import pytest

from udfs.testbed.arm_tokens import TOKEN, TOKENS
from udfs.testbed.unigram import unigram_bits


def _encode(texts: object) -> tuple[np.ndarray, np.ndarray]:
    return np.array([0, 1], np.uint32), np.array([0, 2], np.int64)


def test_bits_are_those_of_the_tokens_frequencies_and_padding_does_not_count(tmp_path: Path) -> None:
    np.array([0, 0, 0, 1, 1, -1, -1], TOKEN).tofile(tmp_path / TOKENS)
    found = unigram_bits(tmp_path, ["four"], _encode, vocabulary=3)
    assert found == pytest.approx(-(math.log2(4 / 8) + math.log2(3 / 8)) / 4)


def test_an_arm_without_tokens_gives_every_token_the_same_bits(tmp_path: Path) -> None:
    (tmp_path / TOKENS).touch()
    assert unigram_bits(tmp_path, ["four"], _encode, vocabulary=4) == pytest.approx(1.0)
