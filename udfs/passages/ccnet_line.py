"""CCNet's lines: what makes two lines the same, and the cuts that leave what joining the other lines would."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

KIND = "ccnet_line"
LINE_SCHEMA = pa.schema([("nr", pa.int64()), ("lines", pa.list_(pa.int64())), ("error", pa.string())])

_DIGIT = re.compile(r"\d")
# CCNet's list of punctuation; ASCII's is not in it, the full-width digit one is, but by then it is a 0
_PUNCTUATION = "，。、„”“«»１」「《》´∶：？！（）；–—．～’…━〈〉【】％►"
_CONTROL = "".join(map(chr, (*range(32), *range(127, 160))))
_DELETED = str.maketrans("", "", _PUNCTUATION + _CONTROL)


def normalised(line: str) -> str:
    """Return a line as it is compared: stripped, lower case, digits as 0, without typographic punctuation and control characters.

    Source: facebookresearch/cc_net cc_net/text_normalizer.py, normalize_for_dedup.

    >>> normalised("  It’s 25 °C – really. ")
    'its 00 °c  really.'
    """
    return _DIGIT.sub("0", line.strip().lower()).translate(_DELETED)


def line_key(line: str) -> int:
    """Return the first 8 bytes of the SHA-1 of the normalised line, little-endian, signed as Spark's longs are."""
    return int.from_bytes(hashlib.sha1(normalised(line).encode(), usedforsecurity=False).digest()[:8], "little", signed=True)


def line_keys(row: dict[str, Any], text: str) -> dict[str, Any]:
    """Return nr and the key of every line, as LINE_SCHEMA has them; lines end in "\\n" alone. What Keys is given."""
    return {"nr": row["nr"], "lines": [line_key(line) for line in text.split("\n")]}


def cut_lines(text: str, marks: Sequence[int]) -> list[tuple[int, int]]:
    """Return the spans to cut so that the lines with these numbers go; what Cuts is given.

    A line goes with the line break before it; the text's first lines go with the break after them.
    """
    starts = [0, *(place + 1 for place, char in enumerate(text) if char == "\n")]
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    gone = set(marks)
    first_kept = next((line for line in range(len(starts)) if line not in gone), None)
    if first_kept is None:
        return [(0, len(text))] if text else []
    cut = [(0, starts[first_kept])] if first_kept else []
    for mark in marks:
        if mark > first_kept:
            start, end = starts[mark] - 1, ends[mark]
            cut[-1:] = [(cut[-1][0], end)] if cut and cut[-1][1] == start else [*cut[-1:], (start, end)]
    return cut
