"""Measures a model: bits a byte of texts, loss by the place in a sequence, and right answers to the items of a task."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from udfs.testbed.model import Shape, Weights, hidden_states, logits
from udfs.testbed.tasks import AnyItem, ExactItem, Item, SchemaItem
from udfs.tokens.encoders import Encode

NUMBERS_AT_ONCE = 1 << 25  # of scores, a number for each token of the vocabulary: 128 MB
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scorer:
    """Hold a model and what turns a text into its tokens; `start` is the token before every text."""

    weights: Weights
    shape: Shape
    encode: Encode
    start: int
    device: str


class Losses(NamedTuple):
    """Hold the loss of each token that was asked for, in nats, and whether the model's likeliest token was that one."""

    nats: npt.NDArray[np.float64]
    is_likeliest: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TextScore:
    """Hold bits a byte of texts, the bytes, and the mean loss in nats of the tokens at the places [start, end) of a sequence."""

    bits_per_byte: float
    bytes: int
    by_position: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class TaskScore:
    """Hold the share of items that are right, and bits a byte of their right answers."""

    accuracy: float
    bits_per_byte: float
    items: int


def score_texts(scorer: Scorer, texts: Sequence[str]) -> TextScore:
    """Measure texts. A text longer than the model's sequence is cut; each piece begins with the last token of the one before.

    So a token at place p of a piece is told by p + 1 tokens. The places are put together by powers of two.
    """
    length = scorer.shape.sequence_length
    rows = [row for ids in _encoded(scorer, texts) for row in pieces(scorer.start, ids, length)]
    found = losses(scorer, rows, [1] * len(rows))
    sums, counts = np.zeros(length), np.zeros(length, np.int64)
    for one in found:
        sums[: len(one.nats)] += one.nats
        counts[: len(one.nats)] += 1
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return TextScore(float(sums.sum()) / math.log(2) / max(1, size), size, tuple(_by_position(sums, counts)))


def score_items(scorer: Scorer, items: Sequence[AnyItem]) -> TaskScore:
    """Ask items. The answer of the lowest mean loss a byte is the model's; a text to be gone on with must be the likeliest throughout."""
    asked = [_options(item) for item in items]
    pairs = [pair for options in asked for pair in options]
    contexts, ends = (_encoded(scorer, [pair[side] for pair in pairs]) for side in (0, 1))
    cut = [_row(scorer, context, end) for context, end in zip(contexts, ends, strict=True)]
    found = iter(losses(scorer, [row for row, _ in cut], [first for _, first in cut]))
    right, bits, size = 0, 0.0, 0
    for item, options in zip(items, asked, strict=True):
        mine = [next(found) for _ in options]
        gold = 0 if isinstance(item, ExactItem) else item.gold
        each = [float(one.nats.sum()) / _size(end) for one, (_, end) in zip(mine, options, strict=True)]
        right += bool(mine[0].is_likeliest.all()) if isinstance(item, ExactItem) else each.index(min(each)) == gold
        bits += float(mine[gold].nats.sum()) / math.log(2)
        size += _size(options[gold][1])
    return TaskScore(right / max(1, len(items)), bits / max(1, size), len(items))


def losses(scorer: Scorer, rows: Sequence[Ids], firsts: Sequence[int]) -> list[Losses]:
    """Return the losses of each row's tokens from its place `firsts` on, in the rows' order. The work is done in float32."""
    found: dict[int, Losses] = {}
    with torch.no_grad():
        for places in _together(rows, scorer.shape):
            longest = max(len(rows[place]) for place in places)
            ids = np.zeros((len(places), longest), np.int64)  # what stands behind a row is seen by none of its tokens
            for at, place in enumerate(places):
                ids[at, : len(rows[place])] = rows[place]
            batch = torch.from_numpy(ids).to(scorer.device)
            scores = logits(scorer.weights, hidden_states(scorer.weights, batch[:, :-1], scorer.shape)).float()
            nats = F.cross_entropy(scores.flatten(0, 1), batch[:, 1:].flatten(), reduction="none").view(len(places), -1)
            likeliest = scores.argmax(-1) == batch[:, 1:]
            for at, place in enumerate(places):
                told = slice(firsts[place] - 1, len(rows[place]) - 1)
                found[place] = Losses(nats[at, told].double().cpu().numpy(), likeliest[at, told].cpu().numpy())
    return [found[place] for place in range(len(rows))]


def pieces(start: int, ids: Ids, length: int) -> Iterator[Ids]:
    """Cut a text into sequences of `length` tokens and the one before them.

    >>> [piece.tolist() for piece in pieces(0, np.arange(1, 6), 2)]
    [[0, 1, 2], [2, 3, 4], [4, 5]]
    """
    whole = np.concatenate(([start], ids)).astype(np.int64)
    for at in range(0, len(ids), length):
        yield whole[at : at + length + 1]


def _together(rows: Sequence[Ids], shape: Shape) -> Iterator[list[int]]:
    """Yield the places of rows that are measured at once, the longest first, so that little is filled up."""
    order = sorted(range(len(rows)), key=lambda place: (-len(rows[place]), place))
    while order:
        most = max(1, NUMBERS_AT_ONCE // (shape.vocabulary * len(rows[order[0]])))
        yield order[:most]
        order = order[most:]


def _by_position(sums: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> Iterator[tuple[int, int, float]]:
    start, end = 0, 1
    while start < len(sums):
        if counts[start:end].sum():
            yield start, min(end, len(sums)), float(sums[start:end].sum() / counts[start:end].sum())
        start, end = end, 2 * end


def _options(item: AnyItem) -> list[tuple[str, str]]:
    """Return the pairs of a context and an ending that an item asks the model to weigh."""
    match item:
        case Item(context, choices, _):
            return [(context, choice) for choice in choices]
        case SchemaItem(contexts, continuation, _):
            return [(context, continuation) for context in contexts]
        case ExactItem(context, continuation):
            return [(context, continuation)]


def _row(scorer: Scorer, context: Ids, end: Ids) -> tuple[Ids, int]:
    """Put an ending behind its context, and say where it begins. What is too long loses its beginning."""
    whole: Any = np.concatenate(([scorer.start], context, end)).astype(np.int64)
    row = whole[-(scorer.shape.sequence_length + 1) :]
    return row, max(1, len(row) - len(end))


def _encoded(scorer: Scorer, texts: Iterable[str]) -> list[Ids]:
    ids, offsets = scorer.encode(list(texts))
    return [ids[start:end].astype(np.int64) for start, end in pairwise(offsets)]


def _size(text: str) -> int:
    return max(1, len(text.encode("utf-8", "surrogatepass")))
