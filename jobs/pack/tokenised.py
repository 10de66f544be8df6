"""Tokenise the corpus chunk by chunk into the table of tokens: once, whatever is packed of it later."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from jobs.engine.chunks import run_chunks
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.root import Root
from jobs.pack.settings import Pack
from jobs.pack.tables import CORPUS, TOKENS
from jobs.pack.vocabulary import made_by, token_settings, vocabulary
from udfs.tokens.encoders import Engine, open_encoder
from udfs.tokens.token_batches import TOKEN_ROWS, Tokenise

REVISION = 1  # raised when a document's tokens change
CHECKS = 64  # documents of a chunk, at least, that the definition encodes too
RAREST = 512  # of the documents of a large chunk: a slow definition then takes 3 % of the time
HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)"
_LOG = logging.getLogger(__name__)


def tokenise(job: Job[Pack]) -> None:
    """Write the tokens of every chunk of the corpus that has none yet, or other ones."""
    root, corpus = job.root, job.root.product(CORPUS.path)
    keys = _chunk_keys(job)
    gone = root.markers.chunks(TOKENS.path).keys() - keys.keys()
    for chunk in gone:
        root.delete(f"{TOKENS.path}/chunk={chunk}")
    root.markers.forget_chunks(TOKENS.path, gone)
    if corpus is not None:
        work = partial(_chunk, job, corpus, engine=_engine(job))
        run_chunks(job.context, folder=TOKENS.path, fingerprints=keys, work=work)


def tokens_of(root: Root, chunks: Iterable[str] | None = None) -> DataFrame:
    """Read the tokens of some chunks, or of all that are finished; of documents that failed, too."""
    some = root.markers.chunks(TOKENS.path) if chunks is None else chunks
    return root.folders([f"{TOKENS.path}/chunk={chunk}" for chunk in some], schema=TOKENS.types, base=TOKENS.path)


def _chunk_keys(job: Job[Pack]) -> dict[str, str]:
    """Fingerprint each chunk's tokens: its rows of the corpus, and how they are tokenised."""
    how = made_by(job)
    return {
        chunk: fingerprint("tokens", REVISION, how, marker.get("fingerprint"))
        for chunk, marker in job.root.markers.chunks(CORPUS.path).items()
        if marker.get("files")
    }


def _chunk(job: Job[Pack], corpus: DataFrame, chunk: str, *, engine: Engine) -> dict[str, Any]:
    """Write a chunk's tokens by an encoder. If the sample says that its ids are others, write them by the definition."""
    rows = documents(corpus, chunk)
    found = _write(job, rows, chunk, engine=engine)
    if found["other_ids"]:
        _LOG.warning(
            "chunk %s: the fast encoder gives other ids than the definition for %d of %d documents that were checked; the chunk is "
            "tokenised by the definition. Set [pack] engine to definition, and please report it",
            *(chunk, found["other_ids"], found["checked"]),
        )
        found = _write(job, rows, chunk, engine="definition")
    return found


def documents(corpus: DataFrame, chunk: str) -> DataFrame:
    """Read what is tokenised of a chunk of the corpus: id, text, language, domain and copies, one without the column."""
    have = corpus.columns
    domain = F.col("domain") if "domain" in have else F.lower(F.regexp_extract("url", HOST, 1))
    return corpus.where(F.col("chunk").cast("long") == int(chunk)).select(
        "id",
        F.coalesce("text", F.lit("")).alias("text"),
        F.col("language").cast("string"),
        domain.alias("domain"),
        (F.col("copies") if "copies" in have else F.lit(1)).cast("long").alias("copies"),
    )


def _engine(job: Job[Pack]) -> Engine:
    """Choose the fast encoder if there is one for this vocabulary on the driver, whose packages the workers have."""
    words = vocabulary(job)
    if not words.hugging_face or job.settings.engine == "definition":
        return "definition"
    try:
        open_encoder(words, "fastest")
    except ImportError:
        _LOG.warning("fastokens is not installed, so tokenizers encodes, some ten times slower: pip install 'gristmill[pack]'")
        return "definition"
    except Exception as error:  # a tokenizer that fastokens does not know
        _LOG.warning("fastokens cannot load %s (%s), so tokenizers encodes, some ten times slower", words.name, error)
        return "definition"
    return "fastest"


def _write(job: Job[Pack], rows: DataFrame, chunk: str, *, engine: Engine) -> dict[str, Any]:
    every = 0 if engine == "definition" else min(max(rows.count() // CHECKS, 1), RAREST)
    worker = Tokenise(token_settings(job, engine=engine, check_every=every))
    path = job.root.at(TOKENS.path, f"chunk={chunk}")
    rows.mapInArrow(worker, from_arrow_schema(TOKEN_ROWS)).write.mode("overwrite").parquet(path)
    counted = tokens_of(job.root, [chunk]).agg(
        F.count_if(F.col("same").isNotNull()).alias("checked"),
        F.count_if(~F.col("same")).alias("other_ids"),
        F.coalesce(F.sum("count"), F.lit(0)).alias("tokens"),
    )
    row = counted.first()
    assert row is not None
    found: Mapping[str, Any] = row.asDict()
    return {"engine": engine, **{name: int(value) for name, value in found.items()}}
