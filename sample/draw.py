"""Choices that look random and are hashes of names, so that the sample is the same on every machine and every run."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

SEED = "gristmill-sample-1"

T = TypeVar("T")


def draw(below: int, *names: object) -> int:
    """Return a number in [0, below) that depends on the names only."""
    key = "\x1f".join((SEED, *map(str, names)))
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big") % below


def pick(items: Sequence[T], *names: object) -> T:
    """Return one of the items."""
    return items[draw(len(items), *names)]


def shuffled(items: Sequence[T], *names: object) -> list[T]:
    """Return the items in an order that depends on the names and their positions."""
    order = sorted(range(len(items)), key=lambda position: (draw(1 << 60, *names, position), position))
    return [items[position] for position in order]


def some(items: Sequence[T], count: int, *names: object) -> list[T]:
    """Return `count` different items, or all of them if there are fewer."""
    return shuffled(items, *names)[:count]
