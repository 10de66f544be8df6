"""Which WARC files a crawl's run reads: the recipe's inputs, expanded, and cut where a large one should keep several cores busy."""

from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from jobs.crawl.index_filter import TABLE, balanced, choose, filter_of, selection_key
from jobs.crawl.inputs import list_inputs
from jobs.crawl.settings import IndexFilter
from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.plan import Plan, by_count, grow
from jobs.engine.root import Root
from jobs.recipe.recipe import Run
from udfs.documents.file_row import FileRange
from udfs.reading.location import LocationError, open_location, size
from udfs.warc.records import splittable

SNIFF_BYTES = 4096


def make_plan(root: Root, run: Run, index_filter: IndexFilter | None = None, *, again: bool = False) -> Plan:
    """Compare the inputs with what is planned already, and plan what is new or failed, in chunks of its own.

    With `index_filter`, of the inputs those are planned that have records which the index chooses. `again`: finished files are to be
    read again. The driver lists the inputs and reads the plan, and asks for the size of remote files only if they are to be split.
    """
    key = selection_key(root.spark, index_filter) if index_filter is not None else None
    every = documents.planned(root)
    stored = _of_selection(root, every, key=key, index_filter=index_filter)
    named = list_inputs(run.input)[: run.limit]
    wanted, groups, megabytes, selection = named, by_count(run.chunk_files), run.split_mb, None
    if index_filter is not None and key is not None:
        selection = choose(root, index_filter, key=key)
        wanted = list(selection.names(named))
        groups, megabytes = partial(balanced, selection=selection, chunk_files=run.chunk_files), 0.0
    plan = grow(
        root,
        wanted=wanted,
        stored=stored,
        named=named,
        again=again,
        groups=groups,
        split=lambda whole: split_warc(whole, megabytes=megabytes),
        notes={"selected": key} if key is not None else {},
        selection=selection,
    )
    return replace(plan, stale=tuple(name for name in every if name not in stored))


def forget_other_selections(root: Root) -> None:
    """Take away the chosen records of selections by which no chunk is planned any more."""
    root.delete_all_but(TABLE, {chunk.get("selected") for chunk in documents.planned(root).values()})


def _of_selection(
    root: Root, stored: dict[str, dict[str, Any]], *, key: str | None, index_filter: IndexFilter | None
) -> dict[str, dict[str, Any]]:
    """Return the chunks planned before; those of another selection count as none, to be planned anew, if no work was done.

    Raises RecipeError if work was done by another selection.
    """
    others = {chunk.get("selected") for chunk in stored.values()} - {key}
    if not others:
        return stored
    done = [name for name in stored if name in documents.finished(root)]
    if not done:
        return {}
    old = filter_of(root, next(iter(others)))
    was, now = (
        f"where = {given.where!r}" if given is not None else "no [extract.index_filter]" for given in (old, index_filter)
    )
    change = f"{was}, and the recipe says {now}" if was != now else f"{was} over other files of the index"
    raise RecipeError(
        f"{root.path} holds {len(done)} finished chunk(s) of records chosen by {change}: its corpus would be of two selections, so "
        f"nothing was run. Give another --root, or the recipe that made this one"
    )


def split_warc(whole: FileRange, *, megabytes: float) -> tuple[FileRange, ...]:
    """Cut a large file into ranges, where its format lets a reader start in the middle."""
    wanted = int(megabytes * (1 << 20))
    if not wanted:
        return (whole,)
    try:
        length = size(whole.file_path)
        if length <= wanted:
            return (whole,)
        with closing(open_location(whole.file_path)) as stream:
            if not splittable(stream.read(SNIFF_BYTES)):
                return (whole,)
    except LocationError:
        return (whole,)  # extract records what is wrong with this one file
    parts = -(-length // wanted)
    cuts = [length * part // parts for part in range(parts)]
    return tuple(replace(whole, start=start, end=end) for start, end in zip(cuts, [*cuts[1:], None], strict=True))
