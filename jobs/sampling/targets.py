"""The target corpora of dsir: which files they are, pinned by content, and what is counted in them once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Job
from jobs.engine.root import Root
from jobs.sampling.method_settings import Dsir
from jobs.sampling.settings import Step
from jobs.sampling.target_copies import at_hand
from jobs.text_files import TextFileError, texts_of
from udfs.models.model_file import sha256_of
from udfs.signals import hashed_ngrams

Pinned = dict[str, list[str]]  # by the step's name: the sha256 of each file of its target, sorted


@dataclass(frozen=True)
class Target:
    """Hold what dsir asks of a target corpus: n-grams by bucket, and the mean number of tokens of its documents."""

    counts: tuple[int, ...]
    tokens: float


def target_files(job: Job[tuple[Step, ...]]) -> Pinned | None:
    """Hash the files of every target; None if no step has one. Names and order of files decide nothing.

    Raises TextFileError for a target without a word: nothing would be like it, and the draw would mean nothing.
    """
    found: Pinned = {}
    for step in job.settings:
        if step.dsir is not None:
            with at_hand(step.dsir.target) as files:
                if not any(hashed_ngrams.measure(text).tokens for file in files for text in texts_of(file)):
                    raise TextFileError(
                        f"{', '.join(step.dsir.target)} has no text with a word in it, so nothing could be like it. Name files with texts"
                    )
                found[step.name] = sorted(map(sha256_of, files))
    return found or None


def place_of(shas: Sequence[str]) -> str:
    """Name the file in which a target's counts are kept."""
    return f"target-{fingerprint(list(shas))}.json"


def targets(root: Root, folder: str, steps: Sequence[Step], pinned: Pinned | None) -> dict[str, Target]:
    """Return the target of every dsir step by the step's name; what was counted before is read.

    The driver counts: about 5 MB of text a second. Raises TextFileError if a file is not the one that was pinned.
    """
    found = {}
    for step in steps:
        if step.dsir is not None and pinned is not None:
            place = f"{folder}/{place_of(pinned[step.name])}"
            kept = root.read_json(place)
            if kept is None:
                kept = _counted(step.dsir, pinned[step.name])
                root.write_json(place, kept)
            found[step.name] = Target(tuple(kept["counts"]), float(kept["tokens"]))
    return found


def _counted(dsir: Dsir, shas: list[str]) -> dict[str, Any]:
    counts, tokens, documents = Counter[int](), 0, 0
    with at_hand(dsir.target) as files:
        for file in files:
            for text in texts_of(file):
                found = hashed_ngrams.measure(text)
                counts.update(dict(found.ngrams))
                tokens, documents = tokens + found.tokens, documents + 1
        read = sorted(map(sha256_of, files))
    if read != shas:
        raise TextFileError(f"{', '.join(dsir.target)} changed while it was read, so its counts belong to no corpus. Run again")
    return {"counts": [counts[bucket] for bucket in range(hashed_ngrams.BUCKETS)], "tokens": tokens / max(documents, 1)}
