"""Send many pages through one worker and watch it: memory and throughput must stay flat, and no child may be left behind.

    python -m bench.robustness.soak first.warc.gz second.warc.gz --pages 100000 --recipe conf/fineweb.toml

The pages of the WARCs are repeated, each time with another comment at its end, so that none is answered from memory. One process reads them
as a Spark task would; a line is printed for every round over the input. CPU time, not wall time, tells the throughput on a shared machine.
"""

import argparse
import gzip
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa

from bench.process_usage import Look, look_at_all
from jobs.annotate import STAGE as ANNOTATE
from jobs.engine.models import fetch
from jobs.extract import STAGE as EXTRACT
from jobs.extract.stage import worker_settings
from jobs.recipe.load import load_recipe
from udfs.documents.worker import FileRange, extract_files
from udfs.reading import location
from udfs.warc.records import Record, read_records


def children() -> list[Look]:
    """Look at the children of this process, dead ones that nobody has reaped included."""
    return [look for look in look_at_all().values() if look.parent == os.getpid()]


def cpu_seconds() -> float:
    """Return the CPU time of this process, of its children that have ended, and of those that live."""
    ended = os.times()
    living = sum(child.cpu_seconds for child in children())
    return ended.user + ended.system + ended.children_user + ended.children_system + living


def bodies(warcs: list[Path]) -> Iterator[bytes]:
    """Yield the blocks of all response records."""
    for warc in warcs:
        spans = read_records(partial(location.open_location, str(warc)), size=warc.stat().st_size)
        yield from (span.body for span in spans if isinstance(span, Record) and span.type == "response" and span.body)


def write_round(blocks: list[bytes], *, number: int, path: Path) -> None:
    """Write every block as a record of its own, with a comment at its end that no other round has."""
    with path.open("wb") as file:
        for place, block in enumerate(blocks):
            body = block + f"\n<!-- {number}.{place} -->".encode()
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:soak:{number}:{place}>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
                f"WARC-Target-URI: http://soak.example/{place}\r\nContent-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            file.write(gzip.compress(head.encode() + body + b"\r\n\r\n", compresslevel=1))


def main() -> None:
    """Run rounds until enough pages have passed, then say what moved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warcs", nargs="+", type=Path)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--recipe", type=Path, default=Path("conf/fineweb.toml"))
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    model = fetch(recipe.of(ANNOTATE).language_model, folder=Path("models"))
    chosen = worker_settings(recipe.of(EXTRACT), language_model=model)
    blocks = list(bodies(arguments.warcs))
    rounds = -(-arguments.pages // len(blocks))
    print(f"{len(blocks)} pages a round, {rounds} rounds; {arguments.recipe}")
    print(
        "| round | pages | CPU ms a page | worker MB | child MB | children | zombies | restarts | failed |\n|---|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = tuple(str(Path(folder) / f"{number}.warc.gz") for number in range(rounds))
        worker = extract_files(tuple(FileRange(path, 0) for path in paths), settings=chosen, dump="soak")

        def indices() -> Iterator[pa.RecordBatch]:
            for number, path in enumerate(paths):
                write_round(blocks, number=number, path=Path(path))
                marks.append((cpu_seconds(), time.monotonic()))
                yield pa.record_batch({"id": pa.array([number], pa.int64())})
                Path(path).unlink()

        marks: list[tuple[float, float]] = []
        outcomes: Counter[str] = Counter()
        passed = 0
        for batch in worker(indices()):
            for row in batch.to_pylist():
                if row["document"] is not None:
                    outcomes[row["document"]["outcome"]] += 1
                    passed += 1
                    continue
                looks = children()
                cpu_ms = 1000 * (cpu_seconds() - marks[-1][0]) / len(blocks)
                rss = max((child.resident >> 20 for child in looks), default=0)
                own = look_at_all()[os.getpid()].resident >> 20
                zombies = sum(child.state == "Z" for child in looks)
                cells = (
                    len(marks),
                    passed,
                    f"{cpu_ms:.2f}",
                    own,
                    rss,
                    len(looks),
                    zombies,
                    row["file"]["child_restarts"],
                    outcomes["failed"],
                )
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    print(f"{passed} pages: {dict(outcomes)}; children left at the end: {len(children())}")


if __name__ == "__main__":
    main()
