"""Sampling in plain Python, over documents as dicts: what each method should make of a pool, one step after another."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import xxhash

from jobs.sampling.method_settings import Buckets, Budget, Dsir, Pareto, Rehydrate, Softmax, Temperature, Threshold, Tiers, Top
from jobs.sampling.settings import Step

Doc = Mapping[str, Any]
CONDITIONS: dict[str | None, Callable[[Doc], bool | None]] = {
    None: lambda doc: True,
    "language = 'en'": lambda doc: None if doc["language"] is None else doc["language"] == "en",
    "language != 'en'": lambda doc: None if doc["language"] is None else doc["language"] != "en",
}
UNITS = {"documents": None, "tokens": "token_count", "characters": "character_count"}


@dataclass
class Fate:
    """What became of a document: `steps` has the name, value, cut and copies of each step that saw it."""

    doc: Doc
    reason: str | None = None
    copies: int = 1
    bucket: str | None = None
    steps: list[tuple[str, float, float | None, int]] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return "kept" if self.reason is None else "failed" if self.reason == "unsampled" else "dropped"


@dataclass
class Seen:
    """A document as a step sees it."""

    fate: Fate
    key: int
    value: float
    group: str
    unit: int

    @property
    def order(self) -> tuple[float, int, str]:
        return (-self.value, self.key, self.fate.doc["id"])


def key_of(name: str, step: Step) -> int:
    """Hash as Spark does: each value with the hash of those before it as its seed, the first with 42; signed."""
    first = xxhash.xxh64_intdigest(name.encode(), seed=42)
    found = xxhash.xxh64_intdigest(f"{step.name}:{step.seed}".encode(), seed=first)
    return (found + 2**63) % 2**64 - 2**63


def draw(key: int) -> float:
    return ((key % 2**64 >> 12) + 0.5) * 2.0**-52


def take(
    docs: Iterable[Doc], steps: Sequence[Step], targets: Mapping[str, Sequence[Sequence[tuple[int, int]]]] | None = None
) -> dict[str, Fate]:
    """Take the steps in order, and return the fate of each document by its id. `targets` has the n-grams of each document, by step."""
    fates = [Fate(doc) for doc in docs]
    for step in steps:
        answers = [(fate, see(fate, step)) for fate in fates]
        for fate, seen in answers:
            if fate.reason is None and seen is None and CONDITIONS[step.where](fate.doc) is not False:
                fate.reason, fate.copies = "unsampled", 0
        for fate, seen in answers:
            if isinstance(step.method, Buckets) and fate.reason is None and seen is None:
                fate.bucket = fate.bucket or step.method.otherwise
        meant = [seen for _, seen in answers if seen is not None]
        pool = [seen for seen in meant if seen.fate.reason is None]
        for one, value, cut, copies in judge(step, pool, meant, (targets or {}).get(step.name, ())):
            one.fate.steps.append((step.name, value, cut, copies))
            one.fate.copies = copies
            one.fate.reason = step.name if copies == 0 else None
    return {fate.doc["id"]: fate for fate in fates}


def see(fate: Fate, step: Step) -> Seen | None:
    """Return a document as the step sees it; None if it is not meant, or something was not measured."""
    method, doc = step.method, fate.doc
    if CONDITIONS[step.where](doc) is not True:
        return None
    key = key_of(doc["id"], step)
    by = getattr(method, "by", None)
    value = draw(key) if by is None else doc[by] if not by.startswith("-") else None if doc[by[1:]] is None else -doc[by[1:]]
    within = method.over if isinstance(method, Temperature) else getattr(method, "within", None)
    group = doc[within] if within is not None else ""
    size = UNITS[method.unit] if isinstance(method, Temperature | Budget | Dsir) else None
    unit = doc[size] if size is not None else 1
    if isinstance(method, Dsir) and doc["hashed_ngrams"] is None:
        return None
    if value is None or not math.isfinite(value) or group is None or unit is None or unit < 0:
        return None
    if isinstance(method, Softmax):
        value = value / method.temperature - math.log(-math.log(draw(key)))
    return Seen(fate, key, float(value), group, unit)


Judged = tuple[Seen, float, float | None, int]


def judge(step: Step, pool: list[Seen], meant: list[Seen], target: Sequence[Sequence[tuple[int, int]]] = ()) -> list[Judged]:
    """Return what the step makes of each document of its pool; `meant` has those too that went before."""
    method = step.method
    match method:
        case Top() | Softmax():
            return [
                j
                for group in grouped(pool).values()
                for j in tops(group, [Decimal(repr(method.share))], [None, 0.0], plain=True)
            ]
        case Tiers() if method.shares:
            return [
                j for group in grouped(pool).values() for j in tops(group, list(method.edges), list(method.copies), plain=False)
            ]
        case Tiers():
            return [repeat(one, method.copies[sum(one.value < edge for edge in method.at)]) for one in pool]
        case Threshold():
            return [threshold(one, method) for one in pool]
        case Pareto():
            return [pareto(one, method.alpha) for one in pool]
        case Temperature():
            return temperature(pool, method)
        case Budget():
            return [j for group in grouped(pool).values() for j in budget(group, method.amount)]
        case Rehydrate():
            return rehydrate(pool, meant, method)
        case Buckets():
            return [j for group in grouped(pool).values() for j in buckets(group, method)]
        case Dsir():
            return dsir(pool, method, target)


def grouped(pool: Iterable[Seen]) -> dict[str, list[Seen]]:
    found = defaultdict(list)
    for one in pool:
        found[one.group].append(one)
    return found


def tops(group: list[Seen], edges: list[Decimal], factors: list[float | None], *, plain: bool) -> list[Judged]:
    """Cut a group at shares of its documents; a factor of None leaves the copies as they are."""
    order = sorted(group, key=lambda one: one.order)
    ends = [int((len(order) * edge).quantize(Decimal(1), ROUND_HALF_UP)) for edge in edges]
    found = []
    for place, one in enumerate(order):
        tier = sum(place >= end for end in ends)
        factor = factors[tier]
        if plain:
            cut = order[ends[0]].value if ends[0] < len(order) else None
            found.append((one, one.value, cut, one.fate.copies if factor is None else 0))
        else:
            found.append(repeat(one, factor or 0.0))
    return found


def buckets(group: list[Seen], method: Buckets) -> list[Judged]:
    """Keep all, and hold each against the value at which its bucket ends; the last against that at which it begins."""
    order = sorted(group, key=lambda one: one.order)
    sums = [sum((Decimal(repr(share)) for share in method.shares[: n + 1]), Decimal(0)) for n in range(len(method.shares))]
    ends = [int((len(order) * edge).quantize(Decimal(1), ROUND_HALF_UP)) for edge in sums]
    cuts = [order[end].value if end < len(order) else None for end in ends]
    found = []
    for place, one in enumerate(order):
        bucket = sum(place >= end for end in ends)
        one.fate.bucket = method.names[bucket]
        found.append((one, one.value, cuts[min(bucket, len(cuts) - 1)], one.fate.copies))
    return found


def repeat(one: Seen, factor: float) -> Judged:
    expected, chance = one.fate.copies * factor, draw(one.key)
    whole = math.floor(expected)
    return one, expected, chance, whole + (chance < expected - whole)


def threshold(one: Seen, method: Threshold) -> Judged:
    above = method.max is not None and one.value > method.max
    below = method.min is not None and one.value < method.min
    cut = method.max if above or method.min is None else method.min
    return one, one.value, cut, 0 if above or below else one.fate.copies


def pareto(one: Seen, alpha: float) -> Judged:
    cut = 2 - draw(one.key) ** (-1 / alpha)
    return one, one.value, cut, one.fate.copies if one.value > cut else 0


def temperature(pool: list[Seen], method: Temperature) -> list[Judged]:
    sizes = {name: sum(one.unit * one.fate.copies for one in group) for name, group in grouped(pool).items()}
    powers = {name: size ** (1 / method.temperature) for name, size in sizes.items()}
    limit = method.max_copies or math.inf
    factors = {
        name: min(limit, powers[name] / sum(powers.values()) * sum(sizes.values()) / sizes[name]) if sizes[name] else 1.0
        for name in sizes
    }
    return [repeat(one, factors[one.group]) for one in pool]


def budget(group: list[Seen], amount: int) -> list[Judged]:
    left, cut, found = amount, None, []
    for one in sorted(group, key=lambda one: one.order):
        copies = one.fate.copies
        if cut is not None:
            copies = 0
        elif one.unit * copies > left:
            copies, cut = left // one.unit, one.value
        left -= one.unit * copies
        found.append((one, copies))
    return [(one, one.value, cut, copies) for one, copies in found]


def rehydrate(pool: list[Seen], meant: list[Seen], method: Rehydrate) -> list[Judged]:
    def kind(one: Seen) -> tuple[str, int]:
        return one.group, sum(one.value >= least for least in method.sizes[1:])

    here = {id(one.fate) for one in pool}
    came: dict[Any, int] = defaultdict(int)
    there: dict[Any, int] = defaultdict(int)
    for one in meant:
        for name in (kind(one), one.group):
            came[name] += 1
            there[name] += id(one.fate) in here
    went = {name: 1 - Fraction(there[name], came[name]) for name in came}
    found = []
    for one in pool:
        usual, mine = went[one.group], went[kind(one)]
        least = min(share for name, share in went.items() if isinstance(name, tuple) and name[0] == one.group)
        factor = 1 + (method.max_copies - 1) * float((usual - mine) / (usual - least)) if mine < usual else 1.0
        found.append(repeat(one, factor))
    return found


def dsir(pool: list[Seen], method: Dsir, target: Sequence[Sequence[tuple[int, int]]]) -> list[Judged]:
    """Weigh each document, add its draw, and take the largest sums up to the share or the amount."""
    pairs = {id(one): one.fate.doc["hashed_ngrams"] for one in pool}
    there, wanted = counted(target), counted(pairs.values())
    lengths = [tokens_of(text) for text in target], [tokens_of(text) for text in pairs.values()]
    weights, plain = {}, list[Seen]()
    for one in pool:
        found = math.fsum(
            count * (math.log(share(there, bucket) + 1e-8) - math.log(share(wanted, bucket) + 1e-8))
            for bucket, count in pairs[id(one)]
        )
        tokens = tokens_of(pairs[id(one)])
        if method.length_correction == "mean":
            found /= max(1, 2 * tokens - 1)
        if method.length_correction == "poisson":
            near, far = (poisson(tokens, sum(some) / len(some)) for some in lengths)
            found += math.log(near + 1e-8) - math.log(far + 1e-8)
        weights[id(one.fate)] = found
        plain.append(Seen(one.fate, one.key, found + gumbel(one.key), one.group, one.unit))
    if method.share is not None:
        judged = tops(plain, [Decimal(repr(method.share))], [None, 0.0], plain=True)
    else:
        judged = budget(plain, method.amount or 0)
    return [
        (one, weights[id(one.fate)], None if cut is None else cut - gumbel(one.key), copies) for one, _, cut, copies in judged
    ]


def gumbel(key: int) -> float:
    return -math.log(-math.log(draw(key)))


def counted(texts: Iterable[Sequence[tuple[int, int]]]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for text in texts:
        for bucket, count in text:
            found[bucket] += count
    return found


def share(counts: dict[int, int], bucket: int) -> float:
    return counts.get(bucket, 0) / sum(counts.values())


def tokens_of(text: Sequence[tuple[int, int]]) -> int:
    return (sum(count for _, count in text) + 1) // 2


def poisson(count: int, mean: float) -> float:
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
