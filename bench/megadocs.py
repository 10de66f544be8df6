"""Measure how fast a worker weaves megadocs, and what it holds, on pages and texts of the paper's lengths.

    python -m bench.megadocs
    python -m bench.megadocs stitch 8 2000        one case: how to weave, G, pages

Pages have about 1,243 GPT-2 tokens and texts about 708, both of made-up words. Every case runs in a process of its own, which takes
the pieces as Spark hands them over, in batches of 64 rows, and throws the documents away. Rates are of CPU time.
"""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import pyarrow as pa

from bench.process_usage import machine
from udfs.megadocs.group import Weave, WeaveSettings
from udfs.megadocs.worker import PIECE_FIELDS, weave_pieces
from udfs.signals.tokens import token_count

CASES = [
    ("stitch", 8, 500),
    ("stitch", 8, 2000),
    ("simple", 8, 1000),
    ("stretch", 8, 1000),
    ("stitch", 32, 500),
    ("stretch", 32, 500),
]
PAGE_TOKENS, TEXT_TOKENS = 1243, 708
BATCH_ROWS = 64
SCHEMA = pa.schema([("chunk", pa.string()), *PIECE_FIELDS])


@cache
def texts(tokens: int, count: int) -> list[str]:
    """Make texts of about so many tokens, no two alike."""
    rng = random.Random(tokens)
    words = ["".join(rng.choices("aeioulnrst", k=rng.randint(2, 9))) for _ in range(3000)]
    each = token_count(" ".join(words)) / len(words)
    return [" ".join(rng.choices(words, k=int(tokens / each))) + ".\n" for _ in range(count)]


def batches(generations: int, pages: int) -> Iterator[pa.RecordBatch]:
    """Yield the pieces of so many pages, each page before its texts."""
    of_pages, of_texts = texts(PAGE_TOKENS, 50), texts(TEXT_TOKENS, 50)
    rows: list[dict[str, Any]] = []
    for page in range(pages):
        name = f"<urn:uuid:{page:032d}>"
        shared = {"chunk": "00000", "page_id": name, "dump": "D"}
        rows.append(shared | {"is_page": True, "root": "/pages", "id": name, "nth": 0, "text": f"{page} {of_pages[page % 50]}"})
        for nth in range(generations):
            text = f"{page} {nth} {of_texts[(page + nth) % 50]}"
            rows.append(shared | {"is_page": False, "root": "/texts", "id": f"{name}#{nth}", "nth": nth, "text": text})
        while len(rows) >= BATCH_ROWS:
            yield pa.RecordBatch.from_pylist(rows[:BATCH_ROWS], schema=SCHEMA)
            del rows[:BATCH_ROWS]
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def case(weave: str, generations: int, pages: int) -> None:
    """Weave, and print a row of the table."""
    settings = WeaveSettings(cast(Weave, weave), generations=generations, min_generations=generations)
    list(weave_pieces(settings)(batches(generations, 5)))  # what is done once is no part of the rates
    began = time.process_time()
    made = sum(batch.num_rows for batch in batches(generations, pages))
    making = time.process_time() - began
    began = time.process_time()
    documents = characters = 0
    for batch in weave_pieces(settings)(batches(generations, pages)):
        documents += batch.num_rows
        characters += sum(len(text) for text in batch.column("text").to_pylist())
    seconds = time.process_time() - began - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"| {weave} | {generations} | {pages:,} | {made:,} | {documents:,} | {pages / seconds:,.0f} | "
        f"{characters / 1e6 / seconds:,.1f} | {peak} |",
        flush=True,
    )


def main() -> int:
    """Run one case, or each in a process of its own."""
    if len(sys.argv) == 4:
        case(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
        return 0
    print(f"{machine()}\n")
    print("| weave | G | pages | pieces in | documents out | pages/s of CPU | MB of text/s of CPU | peak MB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for one in CASES:
        subprocess.run([sys.executable, "-m", "bench.megadocs", *map(str, one)], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
