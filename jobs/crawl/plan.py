"""Which WARC files a crawl's run reads: the recipe's inputs, expanded, and cut where a large one should keep several cores busy."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from jobs.crawl.index_filter import TABLE, balanced, choose, filter_of, selection_key
from jobs.crawl.settings import IndexFilter
from jobs.engine import documents
from jobs.engine.errors import RecipeError
from jobs.engine.plan import Plan, by_count, grow
from jobs.engine.root import Root
from jobs.recipe.recipe import Run
from udfs.documents.file_row import FileRange
from udfs.reading.http_s3 import REMOTE, S3
from udfs.reading.location import LocationError, check, open_location, size
from udfs.warc.records import splittable

CRAWL = re.compile(r"CC-MAIN-\d{4}(-\d{2,4}){1,2}")
COMMON_CRAWL = "s3://commoncrawl/"
SNIFF_BYTES = 4096


def list_inputs(inputs: Sequence[str]) -> list[str]:
    """Expand the recipe's inputs to locations of WARC or WET files, in the order given, each once.

    An input is a file, a glob, a paths file (`warc.paths`, `warc.paths.gz`), an http(s) or s3 location of a file or paths file,
    or a crawl id such as CC-MAIN-2026-43. Raises LocationError or RecipeError, naming the input, before any work is done.
    """
    found: dict[str, None] = {}
    for item in inputs:
        for location in _expand(item):
            found.setdefault(location)
    if not found:
        raise RecipeError("[run] input names no file: there is nothing to run. Give a WARC, a glob, a paths file or a crawl id")
    return list(found)


def _expand(item: str) -> Iterable[str]:
    if CRAWL.fullmatch(item):
        item = f"{COMMON_CRAWL}crawl-data/{item}/warc.paths.gz"
    if "://" in item and not item.startswith((*REMOTE, "file://")):
        raise RecipeError(
            f"input {item!r}: files are read from disk, {', '.join(REMOTE)} and no other place; nothing was run. Copy it there"
        )
    if item.startswith(REMOTE) and "*" in item:
        raise RecipeError(
            f"input {item!r}: a glob is expanded on disk only; nothing was run. List the files in a .paths file, a line each"
        )
    if not item.startswith(REMOTE):
        item = item.removeprefix("file://")
        matches = sorted(glob(item, recursive=True)) if has_magic(item) else [item]  # noqa: PTH207 (Path.glob refuses absolute patterns)
        if not matches:
            raise RecipeError(f"input {item!r} matches no file: nothing was run. Mind the quotes, and the folder you are in")
        for match in matches:
            path = str(Path(match).absolute())
            yield from (_paths_file(path) if _is_paths_file(path) else [path])
        return
    yield from (_paths_file(item) if _is_paths_file(item) else [item])


def _is_paths_file(location: str) -> bool:
    return location.removesuffix(".gz").endswith(".paths")


def _paths_file(location: str) -> Iterable[str]:
    check(location)
    with closing(open_location(location)) as stream:
        body = stream.read()
    if body[:2] == b"\x1f\x8b":
        try:
            body = gzip.decompress(body)
        except (EOFError, OSError, zlib.error) as error:
            raise RecipeError(
                f"paths file {location} is broken ({error}): half a list would be half a crawl, so nothing was run. Fetch it anew"
            ) from None
    base = _base_of_paths(location)
    for line in body.decode("utf-8").split("\n"):
        if line.strip():
            yield line.strip() if line.startswith((*REMOTE, "/")) else base(line.strip())


def _base_of_paths(location: str) -> Callable[[str], str]:
    """Say where the relative lines of a paths file lie: at the root of the bucket or host they came from."""
    if location.startswith(S3):
        bucket = "/".join(location.split("/")[:3])
        return lambda line: f"{bucket}/{line}"
    if location.startswith(("http://", "https://")):
        host = "/".join(location.split("/")[:3])
        return lambda line: f"{host}/{line}"
    folder = Path(location).parent

    def local(line: str) -> str:
        beside = folder / line
        return f"{COMMON_CRAWL}{line}" if line.startswith("crawl-data/") and not beside.exists() else str(beside)

    return local


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
