"""How documents are drawn: exactly as one pass in the order of their hashes would, whatever the cells and partitions."""

import random
from typing import TYPE_CHECKING

import pytest

from jobs.engine.small_table import small_table
from jobs.mix.cuts import draws, sizes_of
from jobs.mix.targets import Size
from tests.mix.corpora import oracle
from udfs.mix.draw import Draw, filled, key_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TYPES = "corpus string, id string, key long, tokens long, base long"
Document = tuple[str, int, int]


def documents(name: str, count: int) -> list[Document]:
    """Make ids with tokens and copies by chance; some documents have no copy."""
    chance = random.Random(name)
    return [
        (f"{name}-{n}", chance.choice((1, 3, 50, 700)) + chance.randrange(90), chance.choice((0, 1, 1, 4)))
        for n in range(count)
    ]


@pytest.mark.spark
def test_spark_draws_what_one_pass_would_and_meets_the_tokens(spark: "SparkSession") -> None:
    pools = {"web": documents("web", 900), "books": documents("books", 40), "none": [], "one": [("one-0", 1000, 2)]}
    rows = [
        (name, document, key_of(document, seed=7, corpus=name), tokens, base)
        for name, pool in pools.items()
        for document, tokens, base in pool
    ]
    counted = small_table(spark, rows, TYPES).repartition(3)
    sizes = sizes_of(counted, pools)
    assert sizes["none"] == Size(0, 0) and sizes["one"] == Size(1, 2000)
    for times in (1.0, 2.7):
        wanted = {name: round(size.tokens * times) for name, size in sizes.items()}
        found = draws(counted, wanted, seed=7)
        for name, pool in pools.items():
            drawn = {document: found[name].copies(document, base=base) for document, _, base in pool}
            assert drawn == (oracle(pool, wanted[name], seed=7, corpus=name) if pool else {}), (name, times)
        gap = wanted["web"] - sum(found["web"].copies(document, base=base) * n for document, n, base in pools["web"])
        assert 0 <= gap < 3


@pytest.mark.spark
def test_the_gap_of_a_corpus_goes_to_the_next_that_has_a_weight(spark: "SparkSession") -> None:
    pools = {"large": 100, "fixed": 10, "small": 1}
    rows = [
        (name, f"{name}-{n}", key_of(f"{name}-{n}", seed=1, corpus=name), size, 1)
        for name, size in pools.items()
        for n in range(500)
    ]
    found = draws(
        small_table(spark, rows, TYPES), {"large": 1077, "fixed": 55, "small": 23}, seed=1, handed_on=("large", "small")
    )
    stand = {name: sum(found[name].copies(f"{name}-{n}", base=1) * size for n in range(500)) for name, size in pools.items()}
    assert stand == {"large": 1000, "fixed": 50, "small": 100}


def test_another_seed_draws_other_documents_and_more_tokens_draw_those_of_fewer_too() -> None:
    pool = [(str(n), 10, 1) for n in range(400)]
    half, again, more = (oracle(pool, n, seed=seed, corpus="web") for n, seed in ((2000, 1), (2000, 2), (3000, 1)))
    assert sum(half.values()) == 200 and half != again
    assert {name for name, n in half.items() if n} < {name for name, n in more.items() if n}


def test_a_document_of_several_copies_is_drawn_in_part_where_only_a_part_fits() -> None:
    assert filled([("a", 10, 3), ("b", 5, 1)], gap=27) == {"a": 2, "b": 1}
    assert filled([("empty", 0, 1)], gap=9) == {}
    assert Draw("web", 1, whole=1, cut=(1 << 63, ""), more={"a": 1}).copies("a", base=2) == 5
