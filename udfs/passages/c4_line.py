"""C4's lines: what makes two lines the same, and how many sentences a page loses with one."""

from typing import Any

import pyarrow as pa
import xxhash

from udfs.words.split import count_sentences

KIND = "c4_repeated_line"
LINE_SCHEMA = pa.schema(
    [("nr", pa.int64()), ("lines", pa.list_(pa.int64())), ("sentences", pa.list_(pa.int32())), ("error", pa.string())]
)


def line_key(line: str) -> int:
    """Return the xxh3 hash of the line in lower case without white space around it, signed as Spark's longs are.

    Source: tensorflow/datasets tensorflow_datasets/text/c4_utils.py, _emit_url_to_lines, which takes MD5.
    """
    digest = xxhash.xxh3_64_digest(line.strip().lower().encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest, "big", signed=True)


def line_keys(row: dict[str, Any], text: str) -> dict[str, Any]:
    """Return nr, and the key and the sentences of every line, as LINE_SCHEMA has them; lines end in "\\n" alone."""
    lines = text.split("\n")
    sentences = [count_sentences(line) if line and not line.isspace() else 0 for line in lines]
    return {"nr": row["nr"], "lines": [line_key(line) for line in lines], "sentences": sentences}
