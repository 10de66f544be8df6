"""Make the corpus that all sides get: the generator's texts, a tenth of them one giant bucket, a twentieth one giant group."""

from pathlib import Path

from bench.dedup.corpus import Corpus, write_corpus
from bench.dedup.scale import TRIES, template
from bench.dedup.sketch import forcing, sketching_of
from jobs.recipe.minhash import MinHash

BUCKET, GROUP = 10, 20  # one document in so many
FILES = 8  # at least: datatrove's tasks read whole files


def planted(documents: int) -> Corpus:
    """Return a corpus whose bucket is forced in the default setting and in FineWeb's, so that it is giant for gristmill alone."""
    plain = Corpus(documents=documents)
    default, fineweb = (sketching_of(minhash) for minhash in (MinHash(), MinHash(setting="fineweb")))
    header = (*template(default, words=plain.words), *forcing(fineweb, tries=TRIES))
    return Corpus(documents=documents, bucket=documents // BUCKET, group=documents // GROUP, header=header)


def write_planted(root: Path, documents: int, *, cores: int) -> int:
    """Write the corpus below a root as extract, annotate and filter would leave it; return the bytes of its texts."""
    return write_corpus(root, planted(documents), chunk_documents=min(25_000, -(-documents // FILES)), cores=cores)
