"""The only round of a small dedup: every pair that meets is made in the driver's memory, and one pass decides all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from jobs.dedup.compare import Work, compare
from jobs.dedup.one_pass import DECIDED, TAIL, Decision, Left, Pair, one_pass
from jobs.dedup.settings import NearDuplicates
from jobs.engine.small_table import small_table

MEMBERS = 500_000  # of all buckets together


class Member(NamedTuple):
    """A class of documents in an LSH bucket, named by its best document, with the shingles of its text."""

    key: int
    text: int
    n: int


def decide_all(work: Work, *, folder: str) -> dict[str, Any] | None:
    """Decide every contested document in one round and return what the round's marker says; None if that is too much for the driver.

    The driver holds at most TAIL documents, as many pairs and MEMBERS members of buckets. The texts stay in the workers: what
    comes back of a pair is how many shingles it has in common. A small dedup so runs a third of the Spark jobs that a round runs.
    """
    members = work.table("buckets").select("key", "class", "n").limit(MEMBERS + 1).collect()
    if len(members) > MEMBERS:
        return None
    left = [Left(*row) for row in work.table("contested").select("nr", "url", "text", "digest").collect()]
    buckets = [sorted(bucket, key=lambda one: one.text) for bucket in _buckets(Member(*row) for row in members)]
    near = met_in_buckets(buckets, work.near)
    captures = met_as_captures(left) if work.min_url_similarity > 0 else set()
    if near is None or captures is None or len(near | captures) > TAIL:
        return None
    work.root.delete(folder)  # what a killed run left of it
    measured = _measured(work, near=near, captures=captures, folder=folder)
    decisions = one_pass(left, measured, thresholds=work.thresholds)
    work.root.save(small_table(work.root.spark, decisions, DECIDED), f"{folder}/decided")
    largest = max((len(bucket) for bucket in buckets), default=1)
    return {"leaders": largest, "pairs": len(near | captures), **_counts(decisions), "left": 0}


def met_in_buckets(buckets: Iterable[list[Member]], near: NearDuplicates) -> set[tuple[int, int]] | None:
    """Pair the classes of each bucket that can reach the threshold; None if there are more than the driver should hold.

    Members stand in survivor order. Two that are published already are not compared.
    """
    pairs: set[tuple[int, int]] = set()
    meetings = 0
    for bucket in buckets:
        meetings += len(bucket) * (len(bucket) - 1) // 2
        if meetings > 10 * TAIL or len(pairs) > TAIL:
            return None
        pairs.update(
            (one.text, two.text) for one, two in combinations(bucket, 2) if two.text >= 0 and _possible(one, two, near)
        )
    return pairs


def met_as_captures(left: Iterable[Left]) -> set[tuple[int, int]] | None:
    """Pair the different texts of each URL's captures, unless both are published already; None if there are too many."""
    heads: dict[int, dict[int, int]] = defaultdict(dict)
    for document in sorted(left):
        if document.url is not None:
            heads[document.url].setdefault(document.text, document.nr)
    if sum(len(texts) * (len(texts) - 1) // 2 for texts in heads.values()) > 10 * TAIL:
        return None
    return {
        (min(one, two), max(one, two))
        for texts in heads.values()
        for (one, _), (two, worse) in combinations(texts.items(), 2)
        if worse >= 0
    }


def _possible(one: Member, two: Member, near: NearDuplicates) -> bool:
    """Tell whether two sets of so many shingles can be alike at all (`compare.possible`)."""
    return near.measure == "containment" or min(one.n, two.n) / max(one.n, two.n) >= near.min_similarity


def _buckets(members: Iterable[Member]) -> Iterator[list[Member]]:
    found: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        found[member.key].append(member)
    yield from found.values()


def _measured(work: Work, *, near: set[tuple[int, int]], captures: set[tuple[int, int]], folder: str) -> list[Pair]:
    """Compare the pairs; of a text that could not be shingled nothing is known, and its documents fail."""
    met = [(a, b, (a, b) in near) for a, b in sorted(near | captures)]
    if not met:
        return []
    pairs = work.root.save(small_table(work.root.spark, met, "a bigint, b bigint, lsh boolean"), f"{folder}/pairs")
    found = compare(pairs, work, folder=folder).where("common IS NOT NULL").select(*Pair._fields).collect()
    return [Pair(*row) for row in found]


def _counts(decisions: Iterable[Decision]) -> dict[str, int]:
    kept = [decision.outcome == "kept" for decision in decisions]
    return {"kept": sum(kept), "dropped": len(kept) - sum(kept)}
