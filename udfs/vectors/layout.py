"""Lays vectors out in the plane, so that what is alike lies together: PaCMAP by numpy alone.

Source: Wang, Huang, Rudin and Shaposhnik, Understanding how dimension reduction tools work (JMLR 22, 2021), sections 4 and 5.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from udfs.vectors.neighbours import nearest
from udfs.vectors.principal import principal

Vectors = npt.NDArray[np.float32]
Plane = npt.NDArray[np.float32]  # (n, 2)
Pairs = npt.NDArray[np.int64]  # (n, pairs of each): the other of each pair

NEIGHBOURS, EXTRA = 10, 20  # pairs of neighbours, chosen from this many more
MIDDLE, MIDDLE_TRIES = 5, 6
FAR = 20
PHASES = (100, 100, 250)  # iterations
RATE, FIRST_DECAY, SECOND_DECAY = 1.0, 0.9, 0.999  # Adam's


@dataclass(frozen=True)
class _Forces:
    """The pairs of one kind: their pull is 2·scale / (scale + 1 + d²)², or the same as a push."""

    pairs: Pairs
    scale: float
    sign: float


def layout(vectors: Vectors, *, seed: int, phases: tuple[int, int, int] = PHASES) -> Plane:
    """Return a place in the plane for each vector, shape (n, 2), centred; the same for the same vectors and seed.

    1. The first two principal components, made small, are the first places.
    2. Neighbours, mid-near pairs and random far pairs are drawn: 10, 5 and 20 of each vector.
    3. Adam moves the places in three phases: mid-near pairs give the large shape first, then neighbours the small one.
    Differs from the paper's program in two things. Distances are of the whole vectors, where it takes 100 principal components: that
    keeps more neighbours. A far pair pushes only the vector that drew it; the other end draws pairs of its own.
    """
    if len(vectors) < 4:
        return np.asarray(np.stack([np.arange(len(vectors)), np.zeros(len(vectors))], axis=1), dtype=np.float32)
    random = np.random.Generator(np.random.PCG64(seed))
    count = min(NEIGHBOURS, len(vectors) - 1)
    near = _Forces(_near_pairs(vectors, count, seed=seed), 10.0, 1.0)
    middle = _Forces(_middle_pairs(vectors, random), 10_000.0, 1.0)
    far = _Forces(_others(len(vectors), FAR, random), 1.0, -1.0)
    flat = principal(vectors, 2)
    places = np.zeros((len(vectors), 2), dtype=np.float32)
    places[:, : flat.shape[1]] = flat * (0.01 / (float(np.abs(flat).max()) or 1.0))
    places += random.normal(scale=1e-5, size=places.shape).astype(np.float32)  # equal vectors must be able to part
    moved = _moved(places, near, middle, far, phases)
    return np.asarray(moved - moved.mean(axis=0), dtype=np.float32)


def _near_pairs(vectors: Vectors, count: int, *, seed: int) -> Pairs:
    """Choose neighbours by distances over the reach of both ends: the mean distance to the fourth to sixth neighbours."""
    places, squares = nearest(vectors, min(count + EXTRA, len(vectors) - 1), seed=seed)
    reach = np.maximum(np.sqrt(squares[:, 3:6]).mean(axis=1) if squares.shape[1] > 3 else np.sqrt(squares[:, -1]), 1e-10)
    scaled = squares / (reach[:, None] * reach[places])
    return np.take_along_axis(places, np.argsort(scaled, axis=1, kind="stable")[:, :count], axis=1)


def _middle_pairs(vectors: Vectors, random: np.random.Generator) -> Pairs:
    """Choose for each vector, five times, the second nearest of six at random."""
    chosen = []
    for _ in range(MIDDLE):
        tries = _others(len(vectors), MIDDLE_TRIES, random)
        squares = np.stack([((vectors - vectors[tries[:, one]]) ** 2).sum(axis=1) for one in range(MIDDLE_TRIES)], axis=1)
        second = np.argsort(squares, axis=1, kind="stable")[:, 1]
        chosen.append(tries[np.arange(len(vectors)), second])
    return np.stack(chosen, axis=1)


def _others(count: int, each: int, random: np.random.Generator) -> Pairs:
    """Draw other places for each of `count` places."""
    drawn = random.integers(0, count - 1, size=(count, each))
    return drawn + (drawn >= np.arange(count)[:, None])


def _moved(places: Plane, near: _Forces, middle: _Forces, far: _Forces, phases: tuple[int, int, int]) -> Plane:
    first, second = np.zeros_like(places), np.zeros_like(places)
    for step in range(sum(phases)):
        near_weight, middle_weight = _weights(step, phases)
        gradient = _push(places, far) + np.float32(near_weight) * _pull(places, near)
        if middle_weight:
            gradient += np.float32(middle_weight) * _pull(places, middle)
        first = _mixed(first, gradient, FIRST_DECAY)
        second = _mixed(second, gradient * gradient, SECOND_DECAY)
        rate = RATE * np.sqrt(1 - SECOND_DECAY ** (step + 1)) / (1 - FIRST_DECAY ** (step + 1))
        places = np.asarray(places - np.float32(rate) * first / (np.sqrt(second) + np.float32(1e-7)), dtype=np.float32)
    return places


def _mixed(old: Plane, new: Plane, decay: float) -> Plane:
    return np.asarray(np.float32(decay) * old + np.float32(1 - decay) * new, dtype=np.float32)


def _weights(step: int, phases: tuple[int, int, int]) -> tuple[float, float]:
    """Return what neighbours and mid-near pairs weigh in this iteration (the paper's table 1)."""
    if step < phases[0]:
        part = step / phases[0]
        return 2.0, 1_000 * (1 - part) + 3 * part
    return (3.0, 3.0) if step < phases[0] + phases[1] else (1.0, 0.0)


def _pull(places: Plane, forces: _Forces) -> Plane:
    """Return the gradient of pairs that attract; both ends of each are drawn."""
    gradient = np.zeros_like(places)
    for one in range(forces.pairs.shape[1]):
        other = forces.pairs[:, one]
        drawn = _one_way(places, other, forces)
        gradient += drawn
        for axis in (0, 1):
            gradient[:, axis] -= np.bincount(other, weights=drawn[:, axis], minlength=len(places)).astype(np.float32)
    return gradient


def _push(places: Plane, forces: _Forces) -> Plane:
    """Return the gradient of pairs that repel, twice that of the end that drew each."""
    gradient = np.zeros_like(places)
    for one in range(forces.pairs.shape[1]):
        gradient += _one_way(places, forces.pairs[:, one], forces)
    return 2 * gradient


def _one_way(places: Plane, other: npt.NDArray[np.int64], forces: _Forces) -> Plane:
    difference = places - places[other]
    squared = 1 + difference[:, 0] ** 2 + difference[:, 1] ** 2
    strength = np.float32(forces.sign * 2 * forces.scale) / (np.float32(forces.scale) + squared) ** 2
    return np.asarray(strength[:, None] * difference, dtype=np.float32)
