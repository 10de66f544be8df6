"""What a text costs if only the frequency of each token is known: the mark that a model passes when it begins to learn an order."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from udfs.testbed.arm_tokens import TOKEN, TOKENS
from udfs.tokens.encoders import Encode

_AT_ONCE = 1 << 22  # tokens


def unigram_bits(arm_folder: Path, texts: Sequence[str], encode: Encode, *, vocabulary: int) -> float:
    """Return bits a byte of texts by the frequencies of an arm's tokens, each counted once more than it stands there."""
    counts = np.ones(vocabulary, np.int64)
    path = arm_folder / TOKENS
    tokens = np.memmap(path, TOKEN, mode="r") if path.stat().st_size else np.zeros(0, TOKEN)
    for first in range(0, len(tokens), _AT_ONCE):
        some = tokens[first : first + _AT_ONCE]
        counts += np.bincount(some[some >= 0], minlength=vocabulary)  # padding is negative
    ids, _ = encode(texts)
    nats = math.log(counts.sum()) - np.log(counts[ids.astype(np.int64)])
    return float(nats.sum()) / math.log(2) / max(1, sum(len(text.encode("utf-8", "surrogatepass")) for text in texts))
