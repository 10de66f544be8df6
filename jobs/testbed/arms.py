"""The arms of a comparison as tokens on disk, each made once: what is finished under the same facts is kept."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.engine.plan import first_middle_last
from jobs.testbed.settings import Arm, Compare
from jobs.testbed.texts import corpus_texts
from jobs.testbed.tokenizer import Tokenizer, decoder
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.errors import CorpusError
from udfs.corpus.folders import corpus_files
from udfs.corpus.planning import check_columns
from udfs.reading.location import LocationError, size
from udfs.testbed.arm_tokens import FACTS, Holds, Written, write_documents
from udfs.testbed.packed_rows import read_manifest, write_sequences
from udfs.tokens.encoders import Encode, packages_of
from udfs.whole_file import write_json

REVISION = 1  # of how an arm's tokens are made
Facts = dict[str, Any]


@dataclass(frozen=True)
class Maker:
    """Hold what all arms are made with; `measures` hashes what their text is searched for, "" for nothing."""

    settings: Compare
    tokenizer: Tokenizer
    encode: Encode
    holds: Callable[[], Holds]  # made when it is needed: an index of all items takes seconds
    measures: str


def arm_key(arm: Arm, maker: Maker) -> str:
    """Hash what decides an arm's tokens: its files by size and time, the tokenizer, what is searched for.

    Raises RecipeError for a corpus that is not there or lacks the column, or a packed root that does not fit the model.
    """
    words = maker.tokenizer.vocabulary
    made_by = [REVISION, maker.tokenizer.sha256, package_versions(packages_of(words)), maker.measures]
    if arm.packed is not None:
        manifest = read_manifest(arm.packed)
        _check_fits(arm, manifest, maker)
        return fingerprint(*made_by, manifest["files"])
    try:
        files = [file for location in arm.corpus for file in corpus_files(location)]
        for file in first_middle_last(files):  # before the arms ahead of it are tokenised
            check_columns(file, CorpusColumns(text=(arm.text,)))
        return fingerprint(*made_by, maker.tokenizer.eos, words.pattern, arm.text, [_told(file) for file in files])
    except (LocationError, CorpusError) as error:
        raise RecipeError(f"[[compare.arms]] {arm.name!r} cannot be read: {error}; nothing was run") from None


def make_arm(arm: Arm, folder: Path, key: str, maker: Maker) -> Facts:
    """Write an arm's tokens and return its facts, which arm.json has too and is written last; a finished arm is only read."""
    done = facts_of(folder)
    if done is not None and done["key"] == key:
        return done
    (folder / FACTS).unlink(missing_ok=True)
    counts, length = _written(arm, folder, maker)
    facts: Facts = {
        "name": arm.name,
        "corpus": list(arm.corpus),
        "packed": arm.packed,
        "sequence_length": length,
        **asdict(counts),
        "key": key,
    }
    write_json(folder / FACTS, facts)
    return facts


def facts_of(folder: Path) -> Facts | None:
    """Read an arm's facts; None if it is not finished."""
    try:
        found: Facts = json.loads((folder / FACTS).read_text("utf-8"))
        return found
    except (OSError, ValueError):
        return None


def _written(arm: Arm, folder: Path, maker: Maker) -> tuple[Written, int]:
    holds = maker.holds()
    if arm.packed is not None:
        return write_sequences(folder, arm.packed, decoder(maker.tokenizer.vocabulary), holds), _row(maker)
    texts = corpus_texts(arm.corpus, arm.text, where=f"[[compare.arms]] {arm.name!r}")
    return write_documents(folder, texts, maker.encode, eos=maker.tokenizer.eos, holds=holds), 0


def _check_fits(arm: Arm, manifest: dict[str, Any], maker: Maker) -> None:
    theirs, ours = manifest["tokenizer"]["sha256"], maker.tokenizer.sha256
    if theirs != ours:
        raise RecipeError(
            f"[[compare.arms]] {arm.name!r}: {arm.packed} is packed by the tokenizer {theirs}, and [compare] tokenizer is {ours}: its ids "
            f"mean other texts, so nothing was run. Name the tokenizer that it was packed by"
        )
    if manifest["sequence_length"] != _row(maker):
        raise RecipeError(
            f"[[compare.arms]] {arm.name!r}: {arm.packed} has sequences of {manifest['sequence_length']:,} tokens, and the model's "
            f"sequence_length needs {_row(maker):,}, its labels' last included; nothing was run. Pack with that sequence_length, or "
            f"change the model's"
        )


def _row(maker: Maker) -> int:
    return maker.settings.model.sequence_length + 1


def _told(file: str) -> list[Any]:
    if "://" in file:
        return [file, size(file)]
    found = Path(file).stat()
    return [file, found.st_size, found.st_mtime_ns]
