"""Make corpora for bench/dedup/measure.py: texts of made-up words in Zipf's proportions, a quarter of them edits of earlier ones.

Every document is a function of the seed and its number, so chunks are made side by side and any size anew. Words are letters
only: all digits are one to MinHash.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

Words = npt.NDArray[np.int32]  # numbers of PIECES; modulo VOCABULARY, of words

VOCABULARY = 1 << 18
POOL = 1 << 22  # words drawn once in Zipf's proportions; texts draw from these evenly, which is ten times as fast
SENTENCE = 14  # words
PARAGRAPH = 4  # sentences
WIDTH = 5  # words of the shingles by which an edit's Jaccard similarity is aimed at
COPIES = 0.1  # of the near-duplicates
SPREAD = 2_654_435_761  # a prime above any number of documents: i * SPREAD modulo that number meets each place once


@dataclass(frozen=True)
class Corpus:
    """Say what a corpus is made of; `header` is the common part of the `bucket` pages of one template."""

    documents: int
    seed: int = 1
    words: int = 700  # mean: 3.75 kB
    near: float = 0.25  # share of edits of earlier documents
    bucket: int = 0  # pages that share one LSH band and little else
    group: int = 0  # near-duplicates of one page
    header: tuple[int, ...] = ()

    def place(self, number: int) -> str:
        """Return bucket, group or other: what is planted is spread evenly over the corpus."""
        at = number * SPREAD % self.documents
        return "bucket" if at < self.bucket else "group" if at < self.bucket + self.group else "other"


@dataclass(frozen=True)
class Page:
    """Hold one document of a corpus."""

    id: str
    text: str
    url_key: str
    domain: str = "example.org"
    date: str = "2026-01-01T00:00:00Z"


@cache
def pieces() -> list[str]:
    """Spell each word in three ways: before a space, at the end of a sentence, at the end of a paragraph."""
    consonants, vowels = "bcdfghjklmnpqrstvwxz", "aeiou"
    syllables = [a + b + c for a in consonants for b in vowels for c in consonants]
    size = len(syllables)
    words = [syllables[n] if n < size else syllables[n // size - 1] + syllables[n % size] for n in range(VOCABULARY)]
    return [word + end for end in (" ", ". ", ".\n") for word in words]


@cache
def _pool() -> Words:
    rng = np.random.default_rng(0)
    reached = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
    drawn = np.searchsorted(reached, rng.random(POOL) * reached[-1]).astype(np.int32)
    drawn = np.minimum(drawn, VOCABULARY - 1)
    ends = (rng.random(POOL) < 1 / SENTENCE).astype(np.int32) * (1 + (rng.random(POOL) < 1 / PARAGRAPH))
    shuffled: Words = (drawn + VOCABULARY * ends).astype(np.int32)
    return shuffled


def fresh(count: int, rng: np.random.Generator) -> Words:
    """Draw a text's words."""
    drawn: Words = _pool()[rng.integers(0, POOL, count)]
    return drawn


def spell(words: Words) -> str:
    """Return the words as text."""
    return "".join(map(pieces().__getitem__, words.tolist())).rstrip()


def edit(words: Words, similarity: float, rng: np.random.Generator) -> Words:
    """Substitute, delete and insert words so that about this Jaccard similarity of shingles is left.

    If each word is hit with probability e, a third of the hits each way, a shingle of n words survives with about
    q = (1 - e)^(n - 1/3), as an insertion parts only n - 1; and the similarity is q / (2 - q).
    """
    rate = 1 - (2 * similarity / (1 + similarity)) ** (1 / (WIDTH - 1 / 3))
    hit = np.where(rng.random(len(words)) < rate, rng.integers(1, 4, len(words)), 0)
    edited = words.copy()
    edited[hit == 1] = fresh(int((hit == 1).sum()), rng)
    before = np.flatnonzero(hit == 3)
    edited = np.insert(edited, before, fresh(len(before), rng))
    gone = np.flatnonzero(hit == 2)
    return np.delete(edited, gone + np.searchsorted(before, gone))


def words_of(corpus: Corpus, number: int) -> Words:
    """Return the words of a document, making the earlier one that it edits anew."""
    rng = np.random.default_rng((corpus.seed, number))
    place = corpus.place(number)
    if place == "bucket":
        body = fresh(int(corpus.words * rng.uniform(0.6, 1.4)), rng)
        return np.concatenate([np.array(corpus.header, np.int32), body])
    if place == "group":
        base = fresh(corpus.words, np.random.default_rng((corpus.seed, corpus.documents)))
        return edit(base, rng.uniform(0.92, 1), rng)
    if number and rng.random() < corpus.near:
        source = int(rng.integers(0, number))
        if corpus.place(source) == "other":
            similarity = 1.0 if rng.random() < COPIES else rng.uniform(0.5, 1)
            return edit(words_of(corpus, source), similarity, rng)
    spread = 0.8  # of the logarithm: texts are short and long as on the web
    return fresh(int(np.clip(rng.lognormal(np.log(corpus.words) - spread**2 / 2, spread), 40, 20 * corpus.words)), rng)


def page_id(corpus: Corpus, number: int) -> str:
    """Return a document's id, which looks like a WARC record's."""
    name = xxhash.xxh3_128_hexdigest(f"{corpus.seed}/{number}".encode())
    return f"<urn:uuid:{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}>"


def page(corpus: Corpus, number: int) -> Page:
    """Return one document."""
    id_ = page_id(corpus, number)
    name = id_[10:-1]
    site = f"site{int(name[:4], 16) ** 2 >> 22}.example.org"  # 1,024 sites, some far larger than others
    return Page(
        id=id_,
        text=spell(words_of(corpus, number)),
        url_key=f"{site}/{name}",
        domain=site,
        date=f"2026-01-{1 + number % 28:02d}T00:00:00Z",
    )


def write_corpus(root: Path, corpus: Corpus, *, chunk_documents: int, cores: int) -> int:
    """Write plan, documents and decisions/filter of a corpus, chunk by chunk; return the bytes of its texts."""
    starts = range(0, corpus.documents, chunk_documents)
    arguments = [(root, corpus, start, min(start + chunk_documents, corpus.documents), chunk_documents) for start in starts]
    if cores == 1:
        return sum(map(_write_part, arguments))
    with ProcessPoolExecutor(cores) as workers:
        return sum(workers.map(_write_part, arguments))


def _write_part(part: tuple[Path, Corpus, int, int, int]) -> int:
    root, corpus, start, stop, chunk_documents = part
    pages = [page(corpus, number) for number in range(start, stop)]
    write_chunk(root, f"{start // chunk_documents:05d}", pages)
    return sum(len(page.text) for page in pages)


def write_chunk(root: Path, chunk: str, pages: Sequence[Page]) -> None:
    """Write plan, documents and decisions/filter of one chunk, as extract, annotate and filter would leave them."""
    count = len(pages)
    texts = pa.array([page.text for page in pages], pa.string())
    documents = {
        "id": [page.id for page in pages],
        "url": [f"https://{page.url_key}" for page in pages],
        "url_key": [page.url_key for page in pages],
        "domain": [page.domain for page in pages],
        "date": [page.date for page in pages],
        "file_path": [f"{chunk}.warc.gz"] * count,
        "offset": pa.array(range(count), pa.int64()),
        # equal for equal texts: the digest decides nothing that the text does not
        "digest": [f"sha1:{xxhash.xxh3_128_hexdigest(page.text.encode())}" for page in pages],
        "text": texts,
        "outcome": ["extracted"] * count,
        "reason": pa.nulls(count, pa.string()),
    }
    _write_table(root / f"documents/chunk={chunk}/kind=document/part-0.parquet", pa.table(documents))
    decisions = {"id": documents["id"], "outcome": ["kept"] * count}
    _write_table(root / f"decisions/filter/chunk={chunk}/part-0.parquet", pa.table(decisions))
    _write_json(root / f"documents/_chunks/{chunk}.json", {"fingerprint": "bench", "failed_files": []})
    _write_json(root / f"plan/{chunk}.json", {"files": []})


def _write_table(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # row groups of some 20 MB, so that Spark can cut a chunk into several tasks
    pq.write_table(table, path, compression="zstd", row_group_size=5000)


def _write_json(path: Path, value: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
