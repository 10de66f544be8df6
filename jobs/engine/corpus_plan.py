"""Which files of a corpus a source reads: files, folders, globs, and the corpora of finished runs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.plan import Plan, by_count, first_middle_last, grow
from jobs.engine.store import needs_spark, store_of
from udfs.corpus.columns import CorpusColumns
from udfs.corpus.errors import CorpusError, MissingColumn
from udfs.corpus.folders import corpus_files
from udfs.corpus.planning import check_columns, ranges_of
from udfs.documents.file_row import FileRange
from udfs.reading.http_s3 import REMOTE
from udfs.reading.local_path import local_path
from udfs.reading.location import LocationError

SPLIT_MB = 256.0  # of local files, unless [run] split_mb says another size


def plan_corpus(context: Context, again: bool, *, columns: CorpusColumns, split_mb: float = SPLIT_MB) -> Plan:
    """Compare the corpus with what is planned already, and plan what is new or failed, in chunks of its own.

    Folders and globs are listed. A local file is looked at to be cut into ranges of `split_mb`; a remote one is read by one task. [run]
    split_mb says another size for both, which costs a request or three for each remote file.

    Raises RecipeError for a file that lacks a column, naming those that it has.
    """
    run, root = context.recipe.run, context.root
    named = list_inputs(run.input)[: run.limit]
    stored = documents.planned(root)
    known = {part["file_path"] for chunk in stored.values() for part in chunk["files"]}
    check_new([file for file in named if file not in known], columns, alone=not known)
    return grow(
        root,
        wanted=named,
        stored=stored,
        named=named,
        again=again,
        groups=by_count(run.chunk_files),
        split=lambda whole: split_corpus(whole, megabytes=run.split_mb, local_mb=split_mb),
    )


def list_inputs(inputs: Sequence[str]) -> list[str]:
    """Expand the recipe's inputs to data files, in the order given, each once.

    An input is a Parquet or JSONL file, a folder, a glob, or the root of a finished run, whose corpus is read. Raises RecipeError
    for a root that is not finished, LocationError for what is not there.
    """
    found: dict[str, None] = {}
    for item in inputs:
        for location in _expand(item):
            found.setdefault(location)
    return list(found)


def split_corpus(whole: FileRange, *, megabytes: float, local_mb: float = SPLIT_MB) -> tuple[FileRange, ...]:
    """Cut a large file into ranges, where its format lets a reader start in the middle."""
    wanted = megabytes or (0.0 if whole.file_path.startswith(REMOTE) else local_mb)
    if not wanted:
        return (whole,)
    try:
        parts = ranges_of(whole.file_path, split_bytes=int(wanted * (1 << 20)), chunk=whole.chunk)
    except (LocationError, CorpusError):
        return (whole,)  # the stage records what is wrong with this one file
    return tuple(replace(whole, start=part.start, end=part.end) for part in parts)


def check_new(new: Sequence[str], columns: CorpusColumns, *, alone: bool, where: str = "[run] input") -> None:
    """Look at the columns of some files before any work; what others lack makes them failed files later.

    A broken file among good ones is a failed file too. `alone` says that no file was planned before, and `where` which key names them.
    Raises RecipeError for a file without a needed column, and for new files alone of which all that are looked at are broken.
    """
    asked = first_middle_last(new)
    broken: list[CorpusError] = []
    for file in asked:
        try:
            check_columns(file, columns)
        except MissingColumn as error:
            raise RecipeError(f"{where}: {error}; nothing was run") from None
        except CorpusError as error:
            broken.append(error)
    if alone and broken and len(broken) == len(asked):
        raise RecipeError(f"{where}: {broken[0]}; nothing was run")


def published(item: str) -> tuple[str, str] | None:
    """Return the folder of a root's corpus and its marker; None for what is no root, and for a store that Spark alone reads.

    Raises RecipeError for a root that is not finished.
    """
    if needs_spark(item) or not (store := store_of(item)).exists("recipe.json"):
        return None
    marker = store.read("corpus/_stage.json")
    if marker is None:
        raise RecipeError(
            f"input {item!r} is the root of a run that has not published its corpus, so nothing was run. Finish that run first"
        )
    return f"{item.rstrip('/')}/corpus", marker


def _expand(item: str) -> Iterable[str]:
    if not item:
        raise RecipeError("an input is empty: it names no file, so nothing was run. Is a variable of the shell empty?")
    item = local_path(item)
    corpus = published(item)
    return corpus_files(item if corpus is None else corpus[0])
