"""Measure the most memory that reading a corpus takes: a Parquet file of one huge row group, and JSONL lines without an end.

    python bench/corpus_memory.py FOLDER

Files of about 1 GB are written to FOLDER once. Every case runs in a process of its own, whose high-water mark the kernel keeps.
"""

import gzip
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import read_files
from udfs.documents.file_row import FileRange

ROWS = 300_000
LINE_MB = 2048


def write_parquet(path: Path) -> None:
    """Write ROWS rows of 3 KB, no two alike, as one row group."""
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(5000)]
    texts = [" ".join(rng.choices(words, k=400)) for _ in range(500)]
    columns = {
        "text": [f"{number} {texts[number % 500]}" for number in range(ROWS)],
        "id": [f"<urn:uuid:{number}>" for number in range(ROWS)],
        "url": [f"http://site.example/{number}" for number in range(ROWS)],
        "junk": [texts[number % 500] for number in range(ROWS)],
    }
    pq.write_table(pa.table(columns), path, row_group_size=ROWS)


def write_line(path: Path) -> None:
    """Write one line of LINE_MB megabytes between two good ones."""
    with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else path.open("wb") as out:
        out.write(b'{"text": "Before."}\n{"text": "')
        for _ in range(LINE_MB):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n{"text": "After."}\n')


CASES: dict[str, Callable[[Path], None]] = {
    "one-row-group.parquet": write_parquet,
    "one-line.jsonl": write_line,
    "one-line.jsonl.gz": write_line,
}


def measure(path: Path) -> str:
    """Read one file as a worker does and say what it took."""
    before = _high_water_mb()
    began = time.monotonic()
    worker = read_files((FileRange(str(path), 0),), "BENCH", CorpusColumns())
    rows = sum(batch.num_rows for batch in worker(iter([pa.record_batch({"id": pa.array([0], pa.int64())})])))
    peak = _high_water_mb()
    return f"{path.name}: {rows - 1:,} rows in {time.monotonic() - began:.1f} s; at most {peak} MB, {before} MB of it before the first byte"


def _high_water_mb() -> int:  # not ru_maxrss: a child inherits it from its parent
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM:"))


def main() -> None:
    """Write what is not there yet and measure each case in a process of its own."""
    folder = Path(sys.argv[1])
    if folder.is_file():
        print(measure(folder))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in CASES.items():
        if not (folder / name).exists():
            write(folder / name)
        subprocess.run([sys.executable, __file__, str(folder / name)], check=True)


if __name__ == "__main__":
    main()
