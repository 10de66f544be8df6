"""Which files of which corpus a mix reads, and what the corpora hold now."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jobs.engine import documents
from jobs.engine.corpus_plan import check_new, list_inputs, split_corpus
from jobs.engine.errors import RecipeError
from jobs.engine.fingerprint import fingerprint
from jobs.engine.job import Context, Job
from jobs.engine.plan import Plan, grow, version_of
from jobs.mix.settings import Mix
from jobs.mix.weights_file import read_weights
from udfs.documents.file_row import FileRange


def make_plan(context: Context, again: bool) -> Plan:
    """Plan chunks of [run] chunk_files files, each of one corpus. Raises RecipeError for a file of two corpora, or without a column."""
    settings: Mix = context.recipe.sections["mix"]
    run = context.recipe.run
    if run.input or run.limit is not None:
        raise RecipeError(
            "[mix] names its corpora itself, whole, and the recipe has [run] input or limit; nothing was run. Write input = [], and no limit"
        )
    files = files_of(settings)
    stored = documents.planned(context.root)
    known = {part["file_path"] for chunk in stored.values() for part in chunk["files"]}
    new = [file for file in files if file not in known]
    check_new(new, settings.columns(), alone=not known, where="[[mix.corpora]]")
    return grow(
        context.root,
        wanted=list(files),
        stored=stored,
        named=list(files),
        again=again,
        groups=_by_corpus(files, run.chunk_files),
        split=lambda whole: split_corpus(replace(whole, corpus=files[whole.file_path]), megabytes=run.split_mb),
    )


def files_of(settings: Mix) -> dict[str, str]:
    """Return the corpus of each file. Raises RecipeError for a file that two corpora have, or a root that is not finished."""
    found: dict[str, str] = {}
    for one in settings.corpora:
        for path in list_inputs(one.corpus):
            if found.setdefault(path, one.name) != one.name:
                raise RecipeError(
                    f"{path} is a file of the corpora {found[path]} and {one.name}: its documents would have one id twice, so nothing was run. "
                    f"Give the corpus more weight instead of naming it twice"
                )
    return found


def pin(job: Job[Mix]) -> dict[str, Any]:
    """Return a fingerprint of each corpus's files as they are now, and the weights of the file, if there is one."""
    settings = job.settings
    states: dict[str, list[list[str | None]]] = {one.name: [] for one in settings.corpora}
    for path, name in files_of(settings).items():
        states[name].append([path, version_of(path)])
    names = [one.name for one in settings.corpora]
    weights = None if settings.weights is None else read_weights(settings.weights, row=settings.weights_row, corpora=names)
    return {"corpora": {name: fingerprint(state) for name, state in states.items()}, "weights": weights}


def _by_corpus(files: dict[str, str], size: int) -> Callable[[list[FileRange]], list[list[FileRange]]]:
    def groups(parts: list[FileRange]) -> list[list[FileRange]]:
        together: dict[str, list[FileRange]] = {}
        for part in parts:
            together.setdefault(files[part.file_path], []).append(part)
        return [some[at : at + size] for some in together.values() for at in range(0, len(some), size)]

    return groups
