"""Count and draw documents in one process, as a worker does; no Spark runs. `python -m bench.mix.measure FILE COPIES`

FILE has texts (Parquet, JSONL, text). They are written as Parquet COPIES times, each time with other ids. The file is counted by the
column, counted by GPT-2's tokenizer, and drawn to half. Printed are rows and MB of text a CPU second, and the process's peak memory.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.text_files import files_of, texts_of
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.worker import ReadFiles
from udfs.documents.file_row import FileRange
from udfs.mix.counter import COUNTED, Counter
from udfs.mix.draw import Draw
from udfs.mix.worker import COPIES, CountFiles, DrawFiles
from udfs.tokens.vocabulary import GPT2, Vocabulary

HALF = 1 << 62  # of the keys


def write(texts: list[str], path: Path, times: int) -> tuple[int, int]:
    """Write the texts so many times, and return rows and bytes of text."""
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), (COUNTED, pa.int64())])
    with pq.ParquetWriter(path, schema) as out:
        for again in range(times):
            ids = [f"urn:{again}:{place}" for place in range(len(texts))]
            out.write_table(pa.table({"id": ids, "text": texts, COUNTED: [len(text) // 4 for text in texts]}, schema=schema))
    return len(texts) * times, sum(len(text.encode("utf-8", "replace")) for text in texts) * times


def main(given: list[str]) -> int:
    """Print a line a step."""
    texts = [text for file in files_of(given[:1]) for text in texts_of(file) if text]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.parquet"
        rows, size = write(texts, path, int(given[1]))
        texts.clear()
        before = peak()
        print(
            f"{rows:,} rows, {size:,} bytes of text; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {before} MB before"
        )
        reader = ReadFiles((FileRange(str(path), 0, corpus="web"),), "BENCH", CorpusColumns(welcome=(COUNTED, COPIES)))
        work: dict[str, DrawFiles | CountFiles] = {
            "draw a half": DrawFiles(reader, {"web": Draw("web", 1, cut=(HALF, ""))}, ()),
            "count by the column": CountFiles(reader, Counter(), 1, ("domain",)),
            "count by GPT-2's tokenizer": CountFiles(reader, Counter(Vocabulary(GPT2), special=1), 1, ("domain",)),
        }
        for name, worker in work.items():
            began = time.process_time()
            made = sum(batch.num_rows for batch in worker([pa.RecordBatch.from_pydict({"id": [0]})]))
            seconds = time.process_time() - began
            print(
                f"{name}: {made:,} rows out, {rows / seconds:,.0f} rows and {size / seconds / 1e6:.1f} MB a CPU second, peak {peak()} MB"
            )
    return 0


def peak() -> int:
    """Return the largest memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
