"""Find all pairs of texts at a Jaccard similarity or above, exactly, and hold what a side dropped and kept against them.

Shingles lie on disk, and texts meet by ranges of their hashes. So memory holds ids, pairs, and a range for each core: not all texts.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from udfs.similarity.minhash import jaccard, shingle_hashes

WIDTH = 5  # words of a shingle
LEAST = 0.75  # Jaccard similarity of a true pair
BINS = 24  # bits of a shingle's hash that say how common it is
RANGES = 6  # bits of a shingle's hash that say in which range it is
BATCH = 1000  # rows that are read at once
PART = 20_000  # candidates that are compared at once
HEAD = np.dtype([("value", "<u8"), ("owner", "<u4")])  # a shingle's hash, and the place of a text that has it

Hashes = npt.NDArray[np.uint64]  # of a text's shingles, sorted, each once
Places = npt.NDArray[np.int64]  # of texts
Given = TypeVar("Given")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Shingles:
    """Read the shingles of a text from the file that has them; a text's place is that among the texts of all files."""

    files: Sequence[Path]
    file: Places  # of each text
    start: Places  # of each text in its file, in hashes
    size: Places

    def __getitem__(self, place: int) -> Hashes:
        """Return the shingles of one text."""
        return np.fromfile(self.files[self.file[place]], np.uint64, self.size[place], offset=8 * self.start[place])


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


def truth_of(files: Sequence[Path], folder: Path, *, group: frozenset[str] = frozenset(), cores: int = 1) -> Truth:
    """Measure the texts of Parquet files (id, text), which Truth reads from the folder; `pairs` leaves out pairs within the group."""
    outs = [folder / f"shingles-{number}" for number in range(len(files))]
    measured = spread(write_shingles, list(zip(files, outs, strict=True)), cores=cores)
    ids = [id_ for names, _ in measured for id_ in names]
    sizes = [np.array(lengths, np.int64) for _, lengths in measured]
    shingles = Shingles(
        files=outs,
        file=np.repeat(np.arange(len(files)), [len(part) for part in sizes]),
        start=np.concatenate([np.cumsum(part) - part for part in sizes]),
        size=np.concatenate(sizes),
    )
    grouped = np.array([id_ in group for id_ in ids], np.bool_)
    return Truth(ids=ids, shingles=shingles, pairs=true_pairs(shingles, ~grouped, folder, cores=cores), group=grouped)


def spread(work: Callable[[Given], Found], given: Sequence[Given], *, cores: int) -> list[Found]:
    """Do a work for each thing given, in so many processes; one is this one."""
    if cores == 1:
        return list(map(work, given))
    with ProcessPoolExecutor(cores) as workers:
        return list(workers.map(work, given))


def write_shingles(files: tuple[Path, Path]) -> tuple[list[str], list[int]]:
    """Write the shingles of a Parquet file's texts, one text after another; return ids, and how many shingles each has."""
    ids, sizes = [], []
    with files[1].open("wb") as out:
        for rows in pq.ParquetFile(files[0]).iter_batches(batch_size=BATCH, columns=["id", "text"]):
            for id_, text in zip(rows["id"].to_pylist(), rows["text"].to_pylist(), strict=True):
                mine = shingle_hashes(text, WIDTH)
                out.write(mine.data)
                ids.append(id_)
                sizes.append(len(mine))
    return ids, sizes


def true_pairs(shingles: Shingles, among: npt.NDArray[np.bool_], folder: Path, *, cores: int = 1) -> Places:
    """Return all pairs of these texts at or above LEAST.

    Two sets of Jaccard t have a common element among the first n - ceil(t * n) + 1 of each, in any one order of all elements
    (prefix filter; Chaudhuri, Ganti, Kaushik 2006). The order is rare first, as counted by some bits of the hash, and then by hash.
    """
    common = np.zeros(1 << BINS, np.int64)
    for file in shingles.files:
        common += np.bincount((np.fromfile(file, np.uint64) >> np.uint64(64 - BINS)).astype(np.int64), minlength=1 << BINS)
    np.save(folder / "common.npy", common)
    spread(partial(write_heads, shingles, among, folder), range(len(shingles.files)), cores=cores)
    met = np.unique(np.concatenate(spread(partial(met_in, folder), range(1 << RANGES), cores=cores)), axis=0)
    parts = np.array_split(met, -(-len(met) // PART) or 1)
    return np.concatenate(spread(partial(alike, shingles), parts, cores=cores))


def write_heads(shingles: Shingles, among: npt.NDArray[np.bool_], folder: Path, number: int) -> None:
    """Write the head of each text of a file, with the text's place, to a file for each range of hashes."""
    common = np.load(folder / "common.npy", mmap_mode="r")
    places = np.flatnonzero(among & (shingles.file == number))
    heads = [head_of(shingles[place], common) for place in places.tolist()]
    rows = np.empty(sum(map(len, heads)), HEAD)
    rows["value"], rows["owner"] = np.concatenate([np.empty(0, np.uint64), *heads]), np.repeat(places, list(map(len, heads)))
    range_ = (rows["value"] >> np.uint64(64 - RANGES)).astype(np.uint8)
    rows = rows[np.argsort(range_, kind="stable")]
    for nth, part in enumerate(np.split(rows, np.cumsum(np.bincount(range_, minlength=1 << RANGES))[:-1])):
        part.tofile(folder / f"heads-{nth}-{number}")


def head_of(mine: Hashes, common: npt.NDArray[np.int64]) -> Hashes:
    """Return those elements of a set of which each set that is like it has one among its own."""
    order = np.lexsort((mine, common[mine >> np.uint64(64 - BINS)]))
    return mine[order[: len(mine) - int(np.ceil(LEAST * len(mine))) + 1]]


def met_in(folder: Path, nth: int) -> Places:
    """Return the pairs of texts whose heads meet in a range of hashes."""
    rows = np.concatenate([np.fromfile(file, HEAD) for file in folder.glob(f"heads-{nth}-*")])
    return meetings(rows["value"], rows["owner"].astype(np.int64))


def alike(shingles: Shingles, pairs: Places) -> Places:
    """Return those of some pairs that are true."""
    return pairs[np.array([jaccard(shingles[a], shingles[b]) >= LEAST for a, b in pairs.tolist()], np.bool_)]


def meetings(values: Hashes, owners: Places) -> Places:
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


def any_alike(truth: Truth, place: int, others: Places) -> bool:
    """Tell whether one of these documents forms a true pair with this one."""
    mine = truth.shingles[place]
    return any(other != place and jaccard(mine, truth.shingles[other]) >= LEAST for other in others)
