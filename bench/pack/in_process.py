"""Do the workers' part of pack in one process: tokenise, pack and write shards, with the CPU seconds of each step. No Spark runs."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from udfs.token_files.format import FormatName, Shape
from udfs.tokens.packing import Method, pack
from udfs.tokens.shard_batches import SPANS_FOLDER, Part, WriteShards
from udfs.tokens.token_batches import Tokenise, TokenSettings

BATCH = 100  # documents


@dataclass(frozen=True)
class Work:
    """Say what to pack, and how."""

    settings: TokenSettings
    shape: Shape
    method: Method
    formats: tuple[FormatName, ...]
    shard_tokens: int = 100_000_000


@dataclass(frozen=True)
class Cost:
    """Hold CPU seconds, and what came out."""

    tokenise: float
    pack: float
    write: float
    documents: int
    tokens: int
    sequences: int
    cut: int
    cut_though_fit: int  # cut, though no longer than a sequence
    cut_beyond_need: int
    thrown_away: int  # tokens of documents that stand in no sequence
    padding: int  # tokens of sequences that are no document's


def packed(texts: Sequence[str], folder: Path, work: Work) -> Cost:
    """Write the texts' shards to folder/packed/epoch-0, and say what each step took."""
    began = time.process_time()
    rows = [
        row for batch in Tokenise(work.settings)(_batches(texts)) for row in batch.select(["id", "tokens", "count"]).to_pylist()
    ]
    tokenised = time.process_time()
    rows.sort(key=lambda row: xxhash.xxh3_64_intdigest(row["id"].encode()))
    pieces = pack([row["count"] for row in rows], sequence_length=work.shape.sequence_length, method=work.method)
    decided = time.process_time()
    size, target = work.shape.token_bytes, folder / "packed"
    shutil.rmtree(target, ignore_errors=True)
    sequences = pieces[-1].sequence + 1
    keys = np.array([xxhash.xxh3_64_intdigest(str(one).encode()) >> 1 for one in range(sequences)])
    order = np.argsort(keys)
    rank = np.empty(sequences, np.int64)
    rank[order] = np.arange(sequences)
    per_shard = work.shard_tokens // work.shape.sequence_length
    parts = sorted(
        Part(int(rank[p.sequence]) // per_shard, int(keys[p.sequence]), 0, p.sequence, p.at, rows[p.document]["id"], 1, p.start, p.end,
             rows[p.document]["tokens"][p.start * size : p.end * size])
        for p in pieces
    )  # fmt: skip
    writer = WriteShards(str(target), 0, work.formats, work.shape, pad=50_256, fingerprint="bench")
    for _ in writer(_arrow(parts)):
        pass
    written = time.process_time()
    return Cost(
        tokenise=tokenised - began,
        pack=decided - tokenised,
        write=written - decided,
        **counted(target, {row["id"]: row["count"] for row in rows}, length=work.shape.sequence_length),
    )


def counted(target: Path, tokens: Mapping[str, int], *, length: int) -> dict[str, int]:
    """Count what the written shards say of documents and of their tokens by id: cuts, padding, and tokens that stand nowhere."""
    pieces, stand, sequences = Counter[str](), Counter[str](), 0
    for file in sorted((target / f"epoch-0/{SPANS_FOLDER}").glob("*.parquet")):
        for row in pq.read_table(file, columns=["documents"]).to_pylist():
            sequences += 1
            for span in row["documents"]:
                pieces[span["id"]] += 1
                stand[span["id"]] += span["end"] - span["start"]
    return {
        "documents": len(tokens),
        "tokens": sum(tokens.values()),
        "sequences": sequences,
        "cut": sum(n > 1 for n in pieces.values()),
        "cut_though_fit": sum(n > 1 and tokens[name] <= length for name, n in pieces.items()),
        "cut_beyond_need": sum(n > -(-tokens[name] // length) for name, n in pieces.items()),
        "thrown_away": sum(tokens.values()) - sum(min(stand[name], n) for name, n in tokens.items()),
        "padding": sequences * length - sum(stand.values()),
    }


def _batches(texts: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for number, first in enumerate(range(0, len(texts), BATCH)):
        some = texts[first : first + BATCH]
        yield pa.RecordBatch.from_pydict(
            {
                "id": [f"{number}-{place}" for place in range(len(some))],
                "text": list(some),
                "language": ["und"] * len(some),
                "domain": [""] * len(some),
                "copies": [1] * len(some),
            }
        )


def _arrow(parts: Sequence[Part]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(parts), 1000):
        yield pa.RecordBatch.from_pylist([part._asdict() for part in parts[first : first + 1000]])
