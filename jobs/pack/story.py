"""What explain tells of packing: the sequences that a document stands in, and the documents that stand in a sequence."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

from jobs.engine.job import Context
from jobs.pack.law import spans
from jobs.pack.shards import folder_of
from jobs.pack.tables import CORPUS, MANIFEST, PACKED
from jobs.pack.tokenised import tokens_of
from udfs.reading.location import open_location
from udfs.tokens.shard_batches import SPANS_FOLDER

ADDRESS = re.compile(r"(?:(\d+):)?(\d+):(\d+)")  # epoch, 0 if it is left out; shard; sequence
SHOWN = 20


def at(context: Context, address: str) -> list[str]:
    """Return lines that tell what stands at shard:sequence, or epoch:shard:sequence; none if it is no such address, or past the end."""
    named = ADDRESS.fullmatch(address)
    if named is None or context.root.read_json(MANIFEST) is None:
        return []
    epoch, shard, sequence = (int(part or 0) for part in named.groups())
    job = context.job(context.stage("pack"))
    name = f"epoch-{epoch}/{SPANS_FOLDER}/shard-{shard:05}.parquet"
    rows: list[dict[str, Any]] = []
    if context.root.exists(f"{PACKED.path}/{name}"):
        with closing(open_location(f"{folder_of(job)}/{name}")) as stream:
            file = pa.BufferReader(stream.read())
        rows = pq.read_table(file, filters=[("sequence", "=", sequence)]).to_pylist()
    if not rows:
        return []
    found: list[dict[str, Any]] = rows[0]["documents"]
    corpus = context.root.product(CORPUS.path)
    assert corpus is not None
    urls = {
        row["id"]: row["url"]
        for row in corpus.where(F.col("id").isin([one["id"] for one in found])).select("id", "url").collect()
    }
    filled = found[-1]["at"] + found[-1]["end"] - found[-1]["start"]
    lines = [
        f"epoch {epoch}, shard {shard}, sequence {sequence}: {len(found)} {'document' if len(found) == 1 else 'pieces of documents'}, "
        f"{filled:,} of {job.settings.sequence_length:,} tokens"
    ]
    for one in found:
        copy = f", copy {one['copy']}" if one["copy"] > 1 else ""
        last = one["at"] + one["end"] - one["start"]
        lines.append(f"  {one['at']:>7,} to {last:<9,} {one['id']}, tokens {one['start']:,} to {one['end']:,}{copy}")
        lines.append(f"  {'':<21}{urls.get(one['id']) or '(no address)'}")
    return lines


def story(context: Context, page: str, chunk: str) -> Iterator[str]:
    """Yield how many tokens a document has, and where they stand."""
    job = context.job(context.stage("pack"))
    row = tokens_of(context.root).where(F.col("id") == page).select("count", "copies", "error").first()
    if row is None:
        return
    if row["error"]:
        yield f"pack      failed: {row['error']}"
        return
    yield f"pack      {row['count']:,} tokens, {row['copies']:,} {'copy' if row['copies'] == 1 else 'copies'}"
    placed = spans(job, epochs=job.settings.epochs).where(F.col("id") == page)
    found = placed.orderBy("epoch", "copy", "start").limit(SHOWN + 1).collect()
    for one in found[:SHOWN]:
        place = f"{one['epoch']}:{one['shard']}:{one['sequence']}"
        yield f"  {place:<28}tokens {one['start']:,} to {one['end']:,} at {one['at']:,}"
    if len(found) > SHOWN:
        yield "  and more"
