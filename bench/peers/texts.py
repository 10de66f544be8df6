"""Turn a Parquet file of real texts into a corpus as bench/dedup/corpus.py writes it."""

from pathlib import Path

import pyarrow.parquet as pq

from bench.dedup.corpus import Page, write_chunk

FILES = 8  # datatrove's tasks read whole files


def write_texts(root: Path, file: Path) -> dict[str, int]:
    """Write the rows (id, text) of a Parquet file below a root; return how many there are, and their characters."""
    rows = pq.read_table(file, columns=["id", "text"])
    ids, texts = rows["id"].to_pylist(), rows["text"].to_pylist()
    size = -(-len(ids) // FILES)
    for number, start in enumerate(range(0, len(ids), size)):
        part = range(start, min(start + size, len(ids)))
        pages = [Page(id=ids[at], text=texts[at], url_key=f"example.org/{at}") for at in part]
        write_chunk(root, f"{number:05d}", pages)
    return {"documents": len(ids), "characters": sum(map(len, texts))}
