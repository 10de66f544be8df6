"""Compare the vectors of one cluster with each other, and of probes with all: what the semantic stage runs in Python workers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.vectors.assigned_batches import Sent, grid_of, in_order
from udfs.vectors.grid import Grid, cosines, products, squared_lengths
from udfs.vectors.semdedup import Rule, cosine_of, duplicates, kept_counts, roots

GONE = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "duplicate_of")),
        ("cosine", pa.float64()),
        ("dropped_by", pa.string()),
        ("dropped_by_cosine", pa.float64()),
    ]
)
TRIED = pa.schema([("min_cosine", pa.float64()), ("kept", pa.int64())])
MET = pa.schema([("probe", pa.int32()), ("pairs", pa.int64()), ("together", pa.int64())])
OfGroup = Callable[[pa.Table], pa.Table]
PLACE = ("cluster", "part", "slice")
ROWS = 2048  # of a batch that are compared with the probes at once


def finding(*, min_cosine: float, rule: Rule) -> OfGroup:
    """Return find_duplicates with its settings, as Spark takes it: a function of a group."""

    def found(group: pa.Table) -> pa.Table:
        return find_duplicates(group, min_cosine=min_cosine, rule=rule)

    return found


def trying(*, tried: Sequence[float], rule: Rule) -> OfGroup:
    """Return try_cosines likewise."""

    def found(group: pa.Table) -> pa.Table:
        return try_cosines(group, tried=tried, rule=rule)

    return found


def find_duplicates(group: pa.Table, *, min_cosine: float, rule: Rule) -> pa.Table:
    """Turn a cluster's id, vector, key and tie into rows of GONE: those that go, with the row that stays and the one that decided."""
    rows = in_order(group)
    vectors = grid_of(rows.column("vector"))
    found = duplicates(vectors, min_cosine=min_cosine, rule=rule)
    gone, ids = np.flatnonzero(found.goes), rows.column("id")
    stays = roots(found)[gone]
    return pa.table(
        {
            "id": ids.take(pa.array(gone)),
            "duplicate_of": ids.take(pa.array(stays)),
            "cosine": pa.array(cosine_of(vectors, gone, stays)),
            "dropped_by": ids.take(pa.array(found.by[gone])),
            "dropped_by_cosine": pa.array(found.cosine[gone]),
        },
        schema=GONE,
    )


def try_cosines(group: pa.Table, *, tried: Sequence[float], rule: Rule) -> pa.Table:
    """Turn a cluster's id, vector, key and tie into rows of TRIED: how many would stay at each of some thresholds."""
    counts = kept_counts(grid_of(in_order(group).column("vector")), tried=tried, rule=rule)
    return pa.table({"min_cosine": list(tried), "kept": counts}, schema=TRIED)


@dataclass(frozen=True)
class Probes:
    """Some documents that are compared with all others: ids, vectors on the grid, and the place of each, (probes, 3) of PLACE."""

    ids: tuple[str, ...]
    vectors: Grid
    places: npt.NDArray[np.int64]

    @staticmethod
    def of(rows: pa.Table) -> "Probes":
        """Make probes of rows with id, vector and PLACE."""
        places = np.stack([rows.column(name).to_numpy() for name in PLACE], axis=1).astype(np.int64)
        return Probes(tuple(rows.column("id").to_pylist()), grid_of(rows.column("vector")), places)


class Meet:
    """Count for each probe the rows that are at least as similar as the threshold, and those of them that share its cluster."""

    def __init__(self, probes: Sent, *, min_cosine: float) -> None:
        self.probes, self.min_cosine = probes, min_cosine

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Turn batches with id, vector and PLACE into rows of MET; a probe without such a row is left out."""
        probes: Probes = self.probes.value
        right, lengths = probes.vectors.astype(np.float32), squared_lengths(probes.vectors)
        numbers = {name: number for number, name in enumerate(probes.ids)}
        pairs, together = np.zeros((2, len(probes.ids)), dtype=np.int64)
        for batch in batches:
            for start in range(0, batch.num_rows, ROWS):
                some = Probes.of(pa.Table.from_batches([batch.slice(start, ROWS)]))
                product = products(some.vectors.astype(np.float32), right)
                near = cosines(product, squared_lengths(some.vectors)[:, None], lengths[None]) >= self.min_cosine
                for row in (row for row, name in enumerate(some.ids) if name in numbers):
                    near[row, numbers[some.ids[row]]] = False  # a probe is no neighbour of itself
                pairs += near.sum(axis=0)
                together += (near & (some.places[:, None] == probes.places[None]).all(axis=2)).sum(axis=0)
        met = np.flatnonzero(pairs)
        yield pa.RecordBatch.from_arrays(
            [pa.array(met.astype(np.int32)), pa.array(pairs[met]), pa.array(together[met])], schema=MET
        )
