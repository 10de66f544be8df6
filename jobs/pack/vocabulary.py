"""What the recipe's tokenizer is: its file, its special tokens by id, and how many bytes an id takes."""

from dataclasses import dataclass
from typing import Any

from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import package_versions
from jobs.engine.job import Job
from jobs.engine.store import needs_spark
from jobs.engine.tokenizer_file import TOKENIZER, tokenizer_models, vocabulary_of
from jobs.pack.settings import Pack
from udfs.token_files.format import Shape
from udfs.tokens.encoders import Engine, open_encoder, packages_of
from udfs.tokens.token_batches import TokenSettings
from udfs.tokens.vocabulary import GPT2, Vocabulary, id_of, largest_id


@dataclass(frozen=True)
class Special:
    """Hold the ids of the special tokens."""

    bos: int | None
    eos: int | None
    pad: int


def models(settings: Pack) -> dict[str, str]:
    """Name the tokenizer's file."""
    return tokenizer_models(settings.tokenizer)


def vocabulary(job: Job[Pack]) -> Vocabulary:
    """Return the tokenizer."""
    return vocabulary_of(job.models.get(TOKENIZER), pattern=job.settings.pattern)


def special(job: Job[Pack]) -> Special:
    """Return the ids of bos, eos and pad. Raises RecipeError for a token that the vocabulary does not have."""
    settings, words = job.settings, vocabulary(job)
    found: dict[str, int | None] = {}
    for key in ("bos", "eos", "pad"):
        token = getattr(settings, key)
        found[key] = None if token is None else id_of(words, token)
        if token is not None and found[key] is None:
            raise RecipeError(
                f"[pack] {key}: {token!r} is no token of {words.name}, so no sequence could hold it; nothing was run. Give one that its "
                f"vocabulary has, or its id"
            )
    pad = found["pad"] if found["pad"] is not None else found["eos"] or 0
    return Special(bos=found["bos"], eos=found["eos"], pad=pad)


def shape(job: Job[Pack]) -> Shape:
    """Return what sequences look like: two bytes a token where every id fits into them, else four."""
    ids = special(job)
    largest = max(largest_id(vocabulary(job)), ids.pad, ids.bos or 0, ids.eos or 0)
    return Shape(sequence_length=job.settings.sequence_length, token_bytes=2 if largest < 1 << 16 else 4)


def token_settings(job: Job[Pack], *, engine: Engine, check_every: int) -> TokenSettings:
    """Return what the workers that tokenise are given."""
    ids = special(job)
    return TokenSettings(vocabulary(job), engine, shape(job).token_bytes, bos=ids.bos, eos=ids.eos, check_every=check_every)


def made_by(job: Job[Pack]) -> dict[str, Any]:
    """Say what decides a document's tokens, for a fingerprint."""
    words, ids = vocabulary(job), special(job)
    versions = package_versions(packages_of(words))
    pattern = None if words.hugging_face else words.pattern
    return {
        "sha256": words.sha256 or GPT2,
        "pattern": pattern,
        "bos": ids.bos,
        "eos": ids.eos,
        "token_bytes": shape(job).token_bytes,
        "versions": versions,
    }


def check(job: Job[Pack]) -> None:
    """Refuse a tokenizer that cannot be loaded, a token that it does not have, a root that workers cannot write files to.

    Raises RecipeError, or ModelError for a file that is no tokenizer.
    """
    if needs_spark(job.root.path):
        raise RecipeError(
            f"[pack] writes its files to a disk or to S3, and {job.root.path} is on neither; nothing was run. Mount a disk that "
            f"every worker sees, and name the root there; `[read]` reads a published corpus from anywhere"
        )
    if job.settings.pattern != "gpt2" and vocabulary(job).hugging_face:
        raise RecipeError(
            "[pack] pattern is for .tiktoken files, and a tokenizer.json has its own; nothing was run. Leave it out"
        )
    special(job)
    try:
        open_encoder(vocabulary(job), "definition")
    except ImportError as error:
        raise RecipeError(
            f"[pack] needs the package {error.name}, which is not installed, so nothing could be tokenised; nothing was run. Install it: "
            f"pip install 'gristmill[pack]'"
        ) from None
