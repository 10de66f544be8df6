"""Measure the memory and the speed of reading a corpus: huge files that say nothing but rows, and lines without an end.

    python -m bench.read.memory FOLDER

Files of up to 1 GB are written to FOLDER once. Every case runs in a process of its own: resident memory is printed at 30,000,
100,000 and 300,000 rows, and the high-water mark, which the kernel keeps. Rows a second are of CPU time, so that a busy machine
disturbs little.
"""

import gzip
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import read_files
from udfs.documents.file_row import FileRange

ROWS = 300_000
LOOKED_AT = (30_000, 100_000, 300_000)  # rows
LINE_MB = 2048


def rows() -> Iterator[dict[str, str]]:
    """Yield ROWS rows of 3 KB, no two alike."""
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(5000)]
    texts = [" ".join(rng.choices(words, k=400)) for _ in range(500)]
    for number in range(ROWS):
        text = f"{number} {texts[number % 500]}"
        yield {"text": text, "id": f"<urn:uuid:{number}>", "url": f"http://site.example/{number}", "junk": texts[number % 499]}


def write_parquet(path: Path) -> None:
    """Write the rows as one row group."""
    every = list(rows())
    columns = {name: [row[name] for row in every] for name in ("text", "id", "url", "junk")}
    pq.write_table(pa.table(columns), path, row_group_size=ROWS)


def write_lines(path: Path) -> None:
    """Write the rows as JSON lines, in one zstd frame."""
    with pa.CompressedOutputStream(str(path), "zstd") as out:
        for row in rows():
            out.write(json.dumps(row).encode() + b"\n")


def write_line(path: Path) -> None:
    """Write one line of LINE_MB megabytes between two good ones."""
    with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else path.open("wb") as out:
        out.write(b'{"text": "Before."}\n{"text": "')
        for _ in range(LINE_MB):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n{"text": "After."}\n')


CASES: dict[str, Callable[[Path], None]] = {
    "one-row-group.parquet": write_parquet,
    "many-lines.jsonl.zst": write_lines,
    "one-line.jsonl": write_line,
    "one-line.jsonl.gz": write_line,
}


def measure(path: Path) -> str:
    """Read one file as a worker does, and return a row of the table."""
    before, began = _status_mb("VmHWM"), time.process_time()
    worker = read_files((FileRange(str(path), 0),), "BENCH", CorpusColumns())
    told: list[str] = []
    count = 0
    for batch in worker(iter([pa.record_batch({"id": pa.array([0], pa.int64())})])):
        count += batch.num_rows - batch.column("document").null_count
        while len(told) < len(LOOKED_AT) and count >= LOOKED_AT[len(told)]:
            told.append(f"{_status_mb('VmRSS')} MB")
    spent = time.process_time() - began
    told += ["—"] * (len(LOOKED_AT) - len(told))
    speed = f"{count / spent:,.0f}" if count >= LOOKED_AT[0] else "—"
    size = path.stat().st_size / (1 << 20)
    return f"| {path.name} | {size:,.0f} | {count:,} | {before} MB | {' | '.join(told)} | {_status_mb('VmHWM')} MB | {speed} |"


def _status_mb(name: str) -> int:  # not ru_maxrss: a child inherits it from its parent
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith(f"{name}:"))


def main() -> None:
    """Write what is not there yet and measure each case in a process of its own."""
    folder = Path(sys.argv[1])
    if folder.is_file():
        print(measure(folder))
        return
    folder.mkdir(parents=True, exist_ok=True)
    at = " | ".join(f"at {count:,} rows" for count in LOOKED_AT)
    print(f"| file | MB | rows | before the first byte | {at} | at most | rows/s/core |\n|{'---|' * 9}", flush=True)
    for name, write in CASES.items():
        if not (folder / name).exists():
            write(folder / f"{name}.part{Path(name).suffix}")
            (folder / f"{name}.part{Path(name).suffix}").rename(folder / name)
        subprocess.run([sys.executable, "-m", "bench.read.memory", str(folder / name)], check=True)


if __name__ == "__main__":
    main()
