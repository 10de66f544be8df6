"""A small dedup in the driver's memory: the same definition as the distributed join, without its tables and most of its jobs.

Documents are read in survivor order, what they share makes them meet, workers make shingles of those that met, one pass decides.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.dedup.all_pairs import MEMBERS, Member, met_as_captures, met_in_buckets
from jobs.dedup.compare import SHINGLES, candidate_texts
from jobs.dedup.keys import MOST_CAPTURES
from jobs.dedup.one_pass import TAIL, Decision, Left, Pair, Thresholds, one_pass
from jobs.dedup.order import in_one_partition
from jobs.dedup.settings import Dedup, NearDuplicates
from jobs.dedup.tables import DECISIONS
from jobs.engine.errors import LedgerError
from jobs.engine.root import Root
from jobs.engine.small_table import small_table
from jobs.recipe.minhash import MinHash
from udfs.similarity.shingles import as_set, count_common, shingle_batches

DOCUMENTS = 20_000  # whose ids and keys the driver holds: some 500 bytes each
SHINGLE_HASHES = 8_000_000  # of all documents that met: 8 bytes each
SCHEMA = from_arrow_schema(pa.schema([*DECISIONS.schema, ("chunk", pa.string())]))


@dataclass(frozen=True)
class Documents:
    """Hold the documents in survivor order, a value each; the place of a document is its number."""

    ids: list[str]
    chunks: list[str]
    shingles: list[int | None]  # how many each has
    left: list[Left]
    buckets: list[list[Member]]


def fits(settings: Dedup, *, minhash: MinHash | None, documents: int) -> bool:
    """Tell whether the driver may try: few documents and keys, no dumps to compare with or to add to, no captures that go before all."""
    bands = minhash.bands if minhash is not None and settings.near_duplicates is not None else 0
    few = documents <= DOCUMENTS and documents * bands <= MEMBERS
    return few and settings.index is None and settings.exact_url != "newest"


def decide(
    root: Root, *, kept: DataFrame, settings: Dedup, minhash: MinHash | None, say: Callable[[str], None]
) -> DataFrame | None:
    """Return the decisions on the documents in `kept` (id, chunk), as `decisions_of` does; None if they are too much for the driver.

    1. Documents are read in survivor order, with what can be shared. The driver holds no text.
    2. Those of one URL, text, payload or LSH bucket meet; documents of one text stand in buckets once.
    3. Workers make the shingles of what met, by one job; the driver compares them.
    4. One pass decides (`one_pass`).
    """
    near = settings.near_duplicates
    rows = in_one_partition(root, kept=kept, settings=settings, minhash=minhash if near is not None else None)
    # of addresses and payloads only equality matters; a sha256 is short whatever a page's server says
    root.spark.sparkContext.setJobDescription("dedup order")
    hashed = [F.sha2(name, 256).alias(name) for name in ("url_key", "digest")]
    found = _documents(rows.select("id", "chunk", "text_hash", "shingle_count", "bands", *hashed).toArrow(), settings)
    met = met_in_buckets(found.buckets, near or NearDuplicates())
    captures = met_as_captures(found.left) if settings.asks_texts_of_captures else set()
    if met is None or captures is None or len(met | captures) > TAIL:
        return None
    sets = _sets(
        root, found, sorted({number for pair in met | captures for number in pair}), ngram=(minhash or MinHash()).ngram
    )
    if sets is None:
        return None
    pairs = list(_compared(met, captures, sets))
    measure, least = (near or NearDuplicates()).measure, (near or NearDuplicates()).min_similarity
    asked = settings.min_url_similarity if settings.exact_url != "off" else 0.0
    decisions = one_pass(found.left, pairs, thresholds=Thresholds(measure, least, asked))
    failed = {number for number, shingles in sets.items() if shingles is None}
    dropped = sum(decision.outcome == "dropped" for decision in decisions)
    say(f"  in memory: {len(met | captures):,} pairs compared, {len(decisions) - dropped:,} kept, {dropped:,} dropped")
    return small_table(root.spark, list(_rows(found, decisions, failed, mode=settings.mode)), SCHEMA)


def _documents(table: pa.Table, settings: Dedup) -> Documents:
    """Find what documents share."""
    column: dict[str, list[Any]] = {name: table.column(name).to_pylist() for name in table.column_names if name != "bands"}
    size = table.num_rows
    nobody: list[int | None] = [None] * size
    most = MOST_CAPTURES if settings.asks_texts_of_captures else size
    urls = _groups(column["url_key"], most=most) if settings.exact_url == "best" else nobody
    texts = _groups(column["text_hash"], most=size) if settings.exact_text else nobody
    digests = _groups(column["digest"], most=size) if settings.exact_digest else nobody
    left = [Left(number, urls[number], number if text is None else text, digests[number]) for number, text in enumerate(texts)]
    heads = np.array([document.text == document.nr for document in left], bool)
    members = _members(table.column("bands"), heads)
    shingles = column["shingle_count"]
    buckets = [[Member(key, number, shingles[number]) for number in numbers] for key, numbers in members]
    return Documents(column["id"], column["chunk"], shingles, left, buckets)


def _groups(values: Sequence[str | None], *, most: int) -> list[int | None]:
    """Name the group of each document by its best member: those that share a value; None if it is alone or behind the best so many.

    >>> _groups(["a", None, "b", "a", "a"], most=2)
    [0, None, None, 0, None]
    """
    members: dict[str, list[int]] = defaultdict(list)
    for number, value in enumerate(values):
        if value is not None:
            members[value].append(number)
    found: list[int | None] = [None] * len(values)
    for numbers in members.values():
        for number in numbers[:most] if len(numbers[:most]) > 1 else ():
            found[number] = numbers[0]
    return found


def _members(bands: pa.ChunkedArray, heads: "np.ndarray[Any, Any]") -> list[tuple[int, list[int]]]:
    """Return key and members, best first, of each LSH bucket of two and more."""
    lists = pa.concat_arrays(bands.chunks) if bands.num_chunks else pa.array([], pa.list_(pa.int64()))
    numbers = lists.value_parent_indices().to_numpy(zero_copy_only=False)
    keys = lists.flatten().to_numpy(zero_copy_only=False)
    wanted = heads[numbers]
    keys, numbers = keys[wanted], numbers[wanted]
    order = np.lexsort((numbers, keys))
    keys, numbers = keys[order], numbers[order]
    _, starts, sizes = np.unique(keys, return_index=True, return_counts=True)
    shared = sizes > 1
    return [
        (int(keys[start]), numbers[start : start + size].tolist())
        for start, size in zip(starts[shared], sizes[shared], strict=True)
    ]


def _sets(root: Root, found: Documents, numbers: Sequence[int], *, ngram: int) -> dict[int, bytes | None] | None:
    """Make the shingles of documents, None of one that cannot be shingled; None in all if they are too many or nobody counted them."""
    counts = [found.shingles[number] for number in numbers]
    if not numbers or None in counts or sum(count or 0 for count in counts) > SHINGLE_HASHES:
        return None if numbers else {}
    chunks = sorted({found.chunks[number] for number in numbers})
    wanted = small_table(root.spark, [(found.ids[number], number) for number in numbers], "id string, class bigint")
    root.spark.sparkContext.setJobDescription("dedup shingles")
    texts = candidate_texts(root, wanted, chunks)
    made = texts.mapInArrow(shingle_batches(ngram), SHINGLES).toArrow()
    sets = dict(zip(made.column("class").to_pylist(), made.column("shingles").to_pylist(), strict=True))
    if len(sets) != len(numbers) or made.num_rows != len(numbers):
        lost = Counter(found.chunks[number] for number in numbers if number not in sets)
        raise LedgerError(
            f"dedup: of {len(numbers):,} documents of this run that are to be compared, {made.num_rows:,} have a text (chunks "
            f"{', '.join(sorted(lost))}): their near-duplicates would all stay, so the stage is not finished and nothing after it ran. "
            f"Was a folder below documents/ or signals/ of that root taken away? Bring it back"
        )
    return sets


def _compared(met: set[tuple[int, int]], captures: set[tuple[int, int]], sets: dict[int, bytes | None]) -> Iterator[Pair]:
    """Compare what met; of a text that could not be shingled nothing is known, and its documents fail."""
    for a, b in sorted(met | captures):
        left, right = sets[a], sets[b]
        if left is not None and right is not None:
            one, two = as_set(left), as_set(right)
            yield Pair(a, b, count_common(one, two), len(one), len(two), (a, b) in met)


def _rows(found: Documents, decisions: Iterable[Decision], failed: set[int], *, mode: str) -> Iterator[tuple[Any, ...]]:
    """Yield a row of the stage's table for each document. Groups are stars around the kept."""
    by_number = sorted(decisions)
    sizes = Counter(decision.witness for decision in by_number if decision.witness is not None)
    for decision in by_number:
        own = found.ids[decision.nr]
        witness = None if decision.witness is None else found.ids[decision.witness]
        group = decision.nr if decision.witness is None else decision.witness
        size = 1 + sizes[group] if group in sizes else 1
        outcome, reason = (decision.outcome, decision.reason) if mode == "drop" else ("kept", None)
        if found.left[decision.nr].text in failed:
            outcome, reason = "failed", "dedup_error"
        chunk = found.chunks[decision.nr]
        yield own, outcome, reason, witness, decision.similarity, None, witness or own, size, chunk
