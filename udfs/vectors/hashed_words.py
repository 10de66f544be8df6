"""Vectors of texts by their words alone: hashed TF-IDF. They need no model, so every corpus has them; they know no synonyms."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import xxhash

from udfs.vectors.telling_words import distinct_words

Vectors = npt.NDArray[np.float32]
WIDTH = 512
COUNTERS = 1 << 20  # words share a counter of documents with few others


def hashed_words(texts: Sequence[str], *, width: int = WIDTH) -> Vectors:
    """Return a unit vector for each text, shape (texts, width); zeros for a text without a word that another text has.

    A word weighs log(n / documents with it), at the place and with the sign that its xxh3_64 gives (Weinberger et al. 2009).
    Two texts without a common word have a cosine of 0 ± 1/sqrt(width). 1,000 texts of 1,000 characters take 0.2 CPU seconds.
    """
    hashes = [_hashes(text) for text in texts]
    documents = np.zeros(COUNTERS, dtype=np.int32)
    for mine in hashes:
        documents[np.unique(mine % COUNTERS)] += 1
    weights = np.where(documents > 1, np.log(max(2, len(texts)) / np.maximum(documents, 1)), 0).astype(np.float32)
    vectors = np.zeros((len(texts), width), dtype=np.float32)
    for row, mine in enumerate(hashes):
        signs = np.where(mine >> np.uint64(63), 1, -1)
        places = (mine >> np.uint64(32)) % np.uint64(width)
        vectors[row] = np.bincount(places.astype(np.int64), weights=weights[mine % COUNTERS] * signs, minlength=width)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _hashes(text: str) -> npt.NDArray[np.uint64]:
    words: Iterable[str] = sorted(distinct_words(text))  # in one order, so that sums are rounded alike
    return np.array([xxhash.xxh3_64_intdigest(word.encode("utf-8", "surrogatepass")) for word in words], dtype=np.uint64)
