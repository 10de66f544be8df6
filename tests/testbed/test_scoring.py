"""Scores of a model that knows nothing are known exactly; those of any other are the same alone and in a batch."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.testbed.tiny import SHAPE, texts, tokenizer, vocabulary  # noqa: E402
from udfs.testbed.model import Shape, initial  # noqa: E402
from udfs.testbed.scoring import Scorer, TaskScore, losses, score_items, score_texts  # noqa: E402
from udfs.testbed.tasks import ExactItem, Item, SchemaItem  # noqa: E402
from udfs.tokens.encoders import open_encoder  # noqa: E402

TOKENS = 320
MODEL = Shape(**SHAPE, vocabulary=TOKENS)


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    file = tokenizer(tmp_path_factory.mktemp("tokenizer"))
    return Scorer(initial(MODEL, seed=1), MODEL, open_encoder(vocabulary(file), "definition"), 0, "cpu")


@pytest.fixture(scope="module")
def ignorant(scorer: Scorer) -> Scorer:
    """Return a model that gives each token the same chance."""
    return Scorer({name: weight * 0 for name, weight in scorer.weights.items()}, MODEL, scorer.encode, 0, "cpu")


def count(scorer: Scorer, text: str) -> int:
    return len(scorer.encode([text])[0])


def test_bits_a_byte_count_every_token_once_and_every_byte(ignorant: Scorer) -> None:
    some = ["bal kon " * 12, "é", "ba"]
    found = score_texts(ignorant, some)
    size = sum(len(one.encode()) for one in some)
    assert found.bytes == size
    assert found.bits_per_byte == pytest.approx(sum(count(ignorant, one) for one in some) * math.log2(TOKENS) / size)
    assert [(start, end) for start, end, _ in found.by_position] == [(0, 1), (1, 2), (2, 4), (4, 8), (8, 16)]
    assert all(nats == pytest.approx(math.log(TOKENS), rel=1e-5) for _, _, nats in found.by_position)


def test_a_text_is_measured_alone_as_with_others(scorer: Scorer) -> None:
    some = texts(6)
    together = score_texts(scorer, some)
    alone = [score_texts(scorer, [one]) for one in some]
    assert together.bits_per_byte * together.bytes == pytest.approx(
        sum(one.bits_per_byte * one.bytes for one in alone), rel=1e-5
    )


def test_a_loss_is_that_of_the_token_behind_what_was_seen(scorer: Scorer) -> None:
    row = np.array([0, 5, 9, 7], np.int64)
    whole, end = losses(scorer, [row, row], [1, 3])
    from udfs.testbed.model import hidden_states, logits

    scores = torch.log_softmax(logits(scorer.weights, hidden_states(scorer.weights, torch.tensor([[0, 5, 9]]), MODEL)), -1)
    assert whole.nats.tolist() == pytest.approx([-float(scores[0, at, token]) for at, token in enumerate((5, 9, 7))], rel=1e-5)
    assert end.nats.tolist() == whole.nats[2:].tolist()


def test_the_answer_of_the_lowest_loss_a_byte_is_the_models(ignorant: Scorer) -> None:
    """To a model that knows nothing the answer with the fewest tokens a byte is the likeliest."""
    cheap, dear = " bal kon mis tul rex bal kon mis", " §"
    assert count(ignorant, cheap) > count(ignorant, dear)  # in all it is the less likely one
    assert count(ignorant, cheap) / len(cheap.encode()) < count(ignorant, dear) / len(dear.encode())
    right = Item("bal", (dear, cheap), 1)
    wrong = Item("bal", (dear, cheap), 0)
    bits = count(ignorant, cheap) * math.log2(TOKENS) / len(cheap.encode())
    found = score_items(ignorant, [right])
    assert (found.accuracy, found.items) == (1.0, 1) and found.bits_per_byte == pytest.approx(bits)
    assert score_items(ignorant, [right, wrong]).accuracy == 0.5


def test_contexts_are_weighed_by_one_ending_and_a_text_must_be_the_likeliest_throughout(
    scorer: Scorer, ignorant: Scorer
) -> None:
    schema = [SchemaItem(("bal kon", "mis tul"), " rex", gold) for gold in (0, 1)]
    assert score_items(scorer, schema).accuracy == 0.5
    is_first = scorer.encode([" rex"])[0].tolist() == [0]  # all are alike, and the first of them is taken
    assert not is_first and score_items(ignorant, [ExactItem("bal", " rex")]).accuracy == 0.0
    assert score_items(ignorant, []) == TaskScore(0.0, 0.0, 0)


def test_a_context_that_is_too_long_loses_its_beginning(scorer: Scorer) -> None:
    one, other = (score_items(scorer, [Item(f"{first} {'mis ' * 40}bal", (" kon", " tul"), 0)]) for first in ("rex", "tul tul"))
    assert one == other and one != score_items(scorer, [Item("mis bal", (" kon", " tul"), 0)])
