"""Plan: turn the recipe's inputs into a list of files, check that they can be read, and put them into chunks."""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from jobs.crawl.index_filter import Selection, balanced, choose, forget_others, select_of, selection_key
from jobs.crawl.settings import Select
from jobs.engine.root import Root
from jobs.recipe.load import RecipeError, Run
from udfs.documents.worker import FileRange
from udfs.reading.location import LocationError, check, open_location, size
from udfs.warc.records import splittable

CRAWL = re.compile(r"CC-MAIN-\d{4}(-\d{2,4}){1,2}")
COMMON_CRAWL = "s3://commoncrawl/"
REMOTE = ("s3://", "s3a://", "s3n://", "http://", "https://")
SNIFF_BYTES = 4096


@dataclass(frozen=True)
class Plan:
    """Say what a run would read: chunks already planned, and chunks that this run adds."""

    known: dict[str, tuple[FileRange, ...]]
    added: dict[str, tuple[FileRange, ...]]
    retried: tuple[str, ...]
    selection: Selection | None = None

    @property
    def chunks(self) -> dict[str, tuple[FileRange, ...]]:
        """Return all chunks, by name, in order."""
        return self.known | self.added


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
    if location.startswith(("s3://", "s3a://", "s3n://")):
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


def make_plan(root: Root, run: Run, select: Select | None = None) -> Plan:
    """Compare the inputs with what is planned already, and plan what is new or failed, in chunks of its own.

    The plan only grows, so that the rows of a finished chunk never change. A file that could not be read in every chunk it was
    planned in is planned again. With `select`, of the inputs those are planned that have records which the index chooses.
    """
    key = selection_key(root.spark, select) if select is not None else None
    known = {name: _ranges(chunk) for name, chunk in _stored_chunks(root, key=key, select=select).items()}
    failed = set(root.failed_files(list(known)))
    good = {r.file_path for name, ranges in known.items() for r in ranges if (name, r.file_path) not in failed}
    seen = {r.file_path for ranges in known.values() for r in ranges}
    wanted = list_inputs(run.input)[: run.limit]
    strangers = sorted(good - set(wanted))
    if strangers:
        raise RecipeError(
            f"{root.path} holds {len(strangers)} file(s) that [run] input no longer names, such as {strangers[0]}: its corpus would be "
            f"of other pages than the recipe says, so nothing was run. Name them too, or give another --root"
        )
    selection = choose(root, select, key=key) if select is not None and key is not None else None
    if selection is not None:
        wanted = list(selection.names(wanted))
    new = [location for location in wanted if location not in seen]
    retried = tuple(location for location in wanted if location in seen - good)
    _check_access(new)
    before = Counter(path for ranges in known.values() for path in {part.file_path for part in ranges})
    wholes = [FileRange(path, 0, attempt=before[path] + 1) for path in (*new, *retried)]
    if selection is not None:
        groups, split_mb = balanced(wholes, selection, chunk_files=run.chunk_files), 0.0
    else:
        groups, split_mb = [wholes[at : at + run.chunk_files] for at in range(0, len(wholes), run.chunk_files)], run.split_mb
    first = 1 + max((int(name) for name in known), default=-1)
    return Plan(known, _chunks(groups, first=first, split_mb=split_mb), retried, selection)


def _stored_chunks(root: Root, *, key: str | None, select: Select | None) -> dict[str, dict[str, Any]]:
    """Read the chunks planned before; those of another selection count as none, to be planned anew, if no work was done.

    Raises RecipeError if work was done by another selection. The last one may have been cut off by a kill: it is not known then,
    and its name is given again.
    """
    stored = {name: chunk for name in root.chunks() if (chunk := root.read_json(f"plan/{name}.json")) is not None}
    others = {chunk.get("selected") for chunk in stored.values()} - {key}
    if not others:
        return stored
    done = [name for name in stored if root.chunk_marker("documents", name) is not None]
    if not done:
        return {}
    old = select_of(root, next(iter(others)))
    was, now = (f"where = {given.where!r}" if given is not None else "no [select]" for given in (old, select))
    change = f"{was}, and the recipe says {now}" if was != now else f"{was} over other files of the index"
    raise RecipeError(
        f"{root.path} holds {len(done)} finished chunk(s) of records chosen by {change}: its corpus would be of two selections, so "
        f"nothing was run. Give another --root, or the recipe that made this one"
    )


def _chunks(groups: Sequence[Sequence[FileRange]], *, first: int, split_mb: float) -> dict[str, tuple[FileRange, ...]]:
    """Name groups of files as chunks from `first` on, large files in ranges."""
    chunks: dict[str, tuple[FileRange, ...]] = {}
    for number, group in enumerate(groups, start=first):
        with ThreadPoolExecutor(16) as pool:
            split = list(pool.map(partial(_split, megabytes=split_mb), [replace(whole, chunk=number) for whole in group]))
        chunks[f"{number:05d}"] = tuple(part for parts in split for part in parts)
    return chunks


def write_plan(root: Root, plan: Plan) -> None:
    """Write the chunks that the plan adds, after taking away those that it does not know."""
    for name in set(root.chunks()) - set(plan.chunks):
        root.delete(f"plan/{name}.json")
    forget_others(root, key=plan.selection.key if plan.selection is not None else None)
    selected = {"selected": plan.selection.key} if plan.selection is not None else {}
    for name, ranges in plan.added.items():
        root.write_json(f"plan/{name}.json", {"files": [asdict(part) for part in ranges], **selected})


def _ranges(marker: dict[str, Any]) -> tuple[FileRange, ...]:
    return tuple(FileRange(**row) for row in marker["files"])


def _check_access(locations: Sequence[str]) -> None:
    """Stop before any work if an input cannot be read: every local file is looked at, and of remote ones three.

    A crawl has 100,000 files behind one permission: the first, middle and last answer for all, and a single missing one becomes a
    failed file later. All faults of local files are named at once.
    """
    local = [location for location in locations if not location.startswith(REMOTE)]
    remote = [location for location in locations if location.startswith(REMOTE)]
    asked = [*local, *(remote[at] for at in sorted({0, len(remote) // 2, len(remote) - 1}) if remote)]
    faults: list[str] = []
    for location in asked:
        try:
            check(location)
        except LocationError as error:
            faults.append(str(error))
    if faults:
        shown = "\n".join(f"  {fault}" for fault in faults[:10])
        more = f"\n  … and {len(faults) - 10} more" if len(faults) > 10 else ""
        raise RecipeError(f"{len(faults)} of {len(asked)} inputs looked at cannot be read; nothing was run.\n{shown}{more}")


def _split(whole: FileRange, *, megabytes: float) -> tuple[FileRange, ...]:
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
