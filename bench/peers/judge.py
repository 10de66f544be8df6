"""Find all pairs of texts at a Jaccard similarity or above, exactly, and hold what a side dropped and kept against them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from udfs.similarity.minhash import jaccard, shingle_hashes

WIDTH = 5  # words of a shingle
LEAST = 0.75  # Jaccard similarity of a true pair
BINS = 22  # bits of a shingle's hash that say how common it is

Hashes = npt.NDArray[np.uint64]  # of a text's shingles, sorted, each once


@dataclass(frozen=True)
class Truth:
    """Hold texts and their true pairs; those within the planted group are too many to list, so they are looked up."""

    ids: Sequence[str]
    shingles: Sequence[Hashes]
    pairs: npt.NDArray[np.int64]  # two columns of places in `ids`
    group: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judgement:
    """Say how many drops were right and how many pairs were found; a pair is found if not both are kept."""

    kept: int
    dropped: int
    like_kept: int  # dropped documents that form a true pair with a kept one
    like_any: int  # dropped documents that form a true pair with any one
    pairs: int  # true pairs outside the planted group
    found: int
    group: int  # documents of the planted group
    group_kept: int


def truth_of(ids: Sequence[str], texts: Sequence[str], *, group: frozenset[str] = frozenset()) -> Truth:
    """Measure texts; pairs within the group are left out of `pairs`."""
    shingles = [shingle_hashes(text, WIDTH) for text in texts]
    grouped = np.array([id_ in group for id_ in ids], np.bool_)
    return Truth(ids=ids, shingles=shingles, pairs=true_pairs(shingles, np.flatnonzero(~grouped)), group=grouped)


def true_pairs(shingles: Sequence[Hashes], among: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return all pairs of these texts at or above LEAST.

    Two sets of Jaccard t have a common element among the first n - ceil(t * n) + 1 of each, in any one order of all elements
    (prefix filter; Chaudhuri, Ganti, Kaushik 2006). The order is rare first, as counted by some bits of the hash, and then by hash.
    """
    common = np.zeros(1 << BINS, np.int64)
    for place in among:
        np.add.at(common, shingles[place] >> np.uint64(64 - BINS), 1)
    heads = []
    for place in among:
        mine = shingles[place]
        order = np.lexsort((mine, common[mine >> np.uint64(64 - BINS)]))
        heads.append(mine[order[: len(mine) - int(np.ceil(LEAST * len(mine))) + 1]] if len(mine) else mine)
    lengths = [len(head) for head in heads]
    values, owners = np.concatenate(heads) if heads else np.array([], np.uint64), np.repeat(among, lengths)
    candidates = meetings(values, owners)
    alike = [jaccard(shingles[a], shingles[b]) >= LEAST for a, b in candidates.tolist()]
    return candidates[np.array(alike, np.bool_)]


def meetings(values: Hashes, owners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the pairs of owners that have a value in common, each once, the smaller first; two columns."""
    order = np.lexsort((owners, values))
    values, owners = values[order], owners[order]
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
    lengths = np.diff(np.append(starts, len(values)))
    found = [np.empty((0, 2), np.int64)]
    for length in np.unique(lengths[lengths > 1]).tolist():  # all values that so many own at once
        runs = owners[starts[lengths == length][:, None] + np.arange(length)]
        one, other = np.triu_indices(length, 1)
        found.append(np.unique(np.stack([runs[:, one].ravel(), runs[:, other].ravel()], axis=1), axis=0))
    return np.unique(np.concatenate(found), axis=0)


def judge(truth: Truth, kept_ids: frozenset[str]) -> Judgement:
    """Hold what a side kept against the truth; raise ValueError for an id that no text has."""
    if unknown := kept_ids - set(truth.ids):
        raise ValueError(f"{len(unknown)} ids were kept that no text has, such as {min(unknown)}: this is another corpus")
    kept = np.array([id_ in kept_ids for id_ in truth.ids], np.bool_)
    one, other = truth.pairs[:, 0], truth.pairs[:, 1]
    like_any, like_kept = np.zeros(len(kept), np.bool_), np.zeros(len(kept), np.bool_)
    like_any[truth.pairs.ravel()] = True
    like_kept[one[kept[other]]] = like_kept[other[kept[one]]] = True
    for place in np.flatnonzero(truth.group & ~kept).tolist():
        like_kept[place] = any_alike(truth, place, np.flatnonzero(truth.group & kept))
        like_any[place] = like_kept[place] or any_alike(truth, place, np.flatnonzero(truth.group))
    return Judgement(
        kept=int(kept.sum()),
        dropped=int((~kept).sum()),
        like_kept=int((like_kept & ~kept).sum()),
        like_any=int((like_any & ~kept).sum()),
        pairs=len(truth.pairs),
        found=int((~(kept[one] & kept[other])).sum()),
        group=int(truth.group.sum()),
        group_kept=int((truth.group & kept).sum()),
    )


def any_alike(truth: Truth, place: int, others: npt.NDArray[np.int64]) -> bool:
    """Tell whether one of these documents forms a true pair with this one."""
    mine = truth.shingles[place]
    return any(other != place and jaccard(mine, truth.shingles[other]) >= LEAST for other in others)
