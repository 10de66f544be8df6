"""The tables that pack reads and writes."""

import pyarrow as pa

from jobs.engine.tables import Table
from udfs.tokens.shard_batches import SPANS_FOLDER
from udfs.tokens.token_batches import TOKEN_ROWS

CORPUS = Table("corpus", pa.schema([("id", pa.string())]), by_chunk=False)  # what publish writes
PACKED = Table("packed", pa.schema([("id", pa.string())]), by_chunk=False)
TOKENS = Table("tokens", TOKEN_ROWS)
FOLDER = "packing"  # what a run works with, below the fingerprint of its result
MANIFEST = f"{PACKED.path}/manifest.json"


def spans_of(epoch: int) -> str:
    """Name the folder that says which documents stand in an epoch's sequences."""
    return f"{PACKED.path}/epoch-{epoch}/{SPANS_FOLDER}"
