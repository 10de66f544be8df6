"""Find all pairs of texts at a Jaccard similarity or above, exactly, and hold what a side dropped and kept against them.

Shingles lie on disk, and are met by ranges of their hash. So memory holds ids, pairs, and one range: not all texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from udfs.similarity.minhash import jaccard, shingle_hashes

WIDTH = 5  # words of a shingle
LEAST = 0.75  # Jaccard similarity of a true pair
BINS = 26  # bits of a shingle's hash that say how common it is
RANGES = 6  # bits of a shingle's hash that say with which others it is sorted
BLOCK = 10_000  # documents whose heads are written at once

HEAD = np.dtype([("value", "<u8"), ("owner", "<u4")])  # a hash and the place of a text that has it

Hashes = npt.NDArray[np.uint64]  # of a text's shingles, sorted, each once
Places = npt.NDArray[np.int64]  # of documents


@dataclass(frozen=True)
class Shingles:
    """Read the shingles of a text from the file that has those of all, one text after another."""

    file: Path
    ends: Places  # of each text, in hashes; the first is 0

    def __getitem__(self, place: int) -> Hashes:
        """Return the shingles of one text."""
        start, end = self.ends[place : place + 2].tolist()
        return np.fromfile(self.file, np.uint64, end - start, offset=8 * start)


@dataclass(frozen=True)
class Truth:
    """Hold texts and their true pairs; those within the planted group are too many to list, so they are looked up."""

    ids: Sequence[str]
    shingles: Shingles
    pairs: Places  # two columns of places in `ids`
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


def truth_of(texts: Iterable[tuple[str, str]], folder: Path, *, group: frozenset[str] = frozenset()) -> Truth:
    """Measure texts (id, text); pairs within the group are left out of `pairs`. The folder gets files that Truth reads."""
    ids, ends, common = [], [0], np.zeros(1 << BINS, np.uint32)
    file = folder / "shingles"
    with file.open("wb") as out:
        for id_, text in texts:
            mine = shingle_hashes(text, WIDTH)
            out.write(mine.data)
            ids.append(id_)
            ends.append(ends[-1] + len(mine))
            if id_ not in group:
                np.add.at(common, mine >> np.uint64(64 - BINS), 1)
    shingles = Shingles(file, np.array(ends))
    grouped = np.array([id_ in group for id_ in ids], np.bool_)
    return Truth(
        ids=ids, shingles=shingles, pairs=true_pairs(shingles, np.flatnonzero(~grouped), common, folder), group=grouped
    )


def true_pairs(shingles: Shingles, among: Places, common: npt.NDArray[np.uint32], folder: Path) -> Places:
    """Return all pairs of these texts at or above LEAST.

    Two sets of Jaccard t have a common element among the first n - ceil(t * n) + 1 of each, in any one order of all elements
    (prefix filter; Chaudhuri, Ganti, Kaushik 2006). The order is rare first, as counted by some bits of the hash, and then by hash.
    """
    candidates = [np.empty((0, 2), np.int64)]
    for file in write_heads(shingles, among, common, folder):
        rows = np.fromfile(file, HEAD)
        candidates.append(meetings(rows["value"], rows["owner"].astype(np.int64)))
    met = np.unique(np.concatenate(candidates), axis=0)
    alike = [jaccard(shingles[a], shingles[b]) >= LEAST for a, b in met.tolist()]
    return met[np.array(alike, np.bool_)]


def write_heads(shingles: Shingles, among: Places, common: npt.NDArray[np.uint32], folder: Path) -> list[Path]:
    """Write the first elements of each text, with the text's place, to a file for each range of hashes; return the files."""
    files = [folder / f"heads-{number}" for number in range(1 << RANGES)]
    for start in range(0, len(among), BLOCK):
        block = among[start : start + BLOCK]
        heads = [head_of(shingles[place], common) for place in block.tolist()]
        rows = np.empty(sum(map(len, heads)), HEAD)
        rows["value"], rows["owner"] = np.concatenate(heads), np.repeat(block, [len(head) for head in heads])
        number = (rows["value"] >> np.uint64(64 - RANGES)).astype(np.uint8)
        ends = np.cumsum(np.bincount(number, minlength=1 << RANGES))[:-1]
        for file, part in zip(files, np.split(rows[np.argsort(number, kind="stable")], ends), strict=True):
            with file.open("ab") as out:
                out.write(part.tobytes())
    return [file for file in files if file.exists()]


def head_of(mine: Hashes, common: npt.NDArray[np.uint32]) -> Hashes:
    """Return those elements of a set of which each set that is like it has one among its own."""
    order = np.lexsort((mine, common[mine >> np.uint64(64 - BINS)]))
    return mine[order[: len(mine) - int(np.ceil(LEAST * len(mine))) + 1]]


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
