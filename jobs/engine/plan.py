"""The plan: which files a run reads, in chunks that never change once they are finished. It only grows.

Below plan/ lies a file for each chunk. A run reads them once, in parallel, and writes those that it adds; no file of the input costs a
request of its own, but for local ones, which are looked at to see whether they are still what was read.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import xxhash

from jobs.engine import documents
from jobs.engine.documents import PLAN
from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from jobs.engine.store import AT_ONCE
from udfs.documents.file_row import FileRange
from udfs.reading.http_s3 import REMOTE
from udfs.reading.location import LocationError, check

LOOKED_AT = 64 << 10  # bytes at either end of a local file that tell one version from another

Split = Callable[[FileRange], tuple[FileRange, ...]]


@dataclass(frozen=True)
class Plan:
    """Say what a run would read: chunks already planned, and chunks that this run adds or does again.

    `retried` are the files that could not be read before. `notes` is kept with every chunk that is added. `selection` is what the
    crawl's index chose, if it was asked.
    """

    known: dict[str, tuple[FileRange, ...]]
    added: dict[str, tuple[FileRange, ...]]
    retried: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    selection: Any = None
    stale: tuple[str, ...] = ()  # chunks on the store that this plan does not know

    @property
    def chunks(self) -> dict[str, tuple[FileRange, ...]]:
        """Return all chunks, by name, in order."""
        return dict(sorted((self.known | self.added).items()))


def grow(
    root: Root,
    *,
    wanted: Sequence[str],
    stored: Mapping[str, Mapping[str, Any]],
    named: Sequence[str],
    again: bool,
    groups: Callable[[list[FileRange]], list[list[FileRange]]],
    split: Split,
    notes: Mapping[str, Any] | None = None,
    selection: Any = None,
) -> Plan:
    """Plan what is new or failed, in chunks of its own, so that the rows of a finished chunk never change.

    `wanted` are the files to read, `named` all that the recipe names, `stored` the chunks of the plan so far; `again` says that
    finished ones are to be read again. A file that could not be read in every chunk it was planned in is planned again: in the chunk
    it has, if none of that chunk's files could be read, else in a new one. So a file that stays unreadable adds no chunk a run.

    Raises RecipeError if a file is gone from the input, cannot be read, or is another than the one that was read.
    """
    known = {name: ranges_in(chunk) for name, chunk in stored.items()}
    failed = set(documents.failed_files(root, known))
    good = {r.file_path for name, ranges in known.items() for r in ranges if (name, r.file_path) not in failed}
    seen = {r.file_path for ranges in known.values() for r in ranges}
    _check_named(root, good=good, named=named)
    if not again:
        _check_replaced(root, [r for ranges in known.values() for r in ranges if r.file_path in good])
    new = [location for location in wanted if location not in seen]
    lost = seen - good
    retried = tuple(location for location in wanted if location in lost)
    check_access(new)
    hopeless = _hopeless(known, failed)
    redone = {name: chunk for name, chunk in hopeless.items() if set(files_of(chunk)) & set(retried)}
    elsewhere = {path for chunk in redone.values() for path in files_of(chunk)}
    before = Counter(path for ranges in known.values() for path in files_of(ranges))
    wholes = [_looked_at(FileRange(path, 0, attempt=before[path] + 1)) for path in (*new, *retried) if path not in elsewhere]
    first = 1 + max((int(name) for name in known), default=-1)
    added = {
        name: tuple(replace(_looked_at(part), attempt=part.attempt + 1) for part in chunk) for name, chunk in redone.items()
    } | _chunks(groups(wholes) if wholes else [], first=first, split=split)
    if again:
        added |= {name: now for name, chunk in known.items() if name not in added and (now := _anew(chunk)) != chunk}
    kept = {name: chunk for name, chunk in known.items() if name not in added}
    return Plan(kept, added, retried, notes or {}, selection)


def write_plan(root: Root, plan: Plan) -> None:
    """Write the chunks that the plan adds, after taking away those that it does not know, and forget what is to be done again."""
    root.markers.delete_in(PLAN, [name for name in plan.stale if name not in plan.chunks])
    root.markers.forget_chunks(documents.DOCUMENTS.path, plan.added)
    root.markers.folder(PLAN)

    def write(name: str) -> None:
        root.markers.write_in(PLAN, name, {"files": [asdict(part) for part in plan.added[name]], **plan.notes})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(write, plan.added))


def by_count(chunk_files: int) -> Callable[[list[FileRange]], list[list[FileRange]]]:
    """Return what cuts files into groups of a size."""
    return lambda files: [files[at : at + chunk_files] for at in range(0, len(files), chunk_files)]


def ranges_in(chunk: Mapping[str, Any]) -> tuple[FileRange, ...]:
    """Return the files or ranges of a chunk as its file below plan/ has them."""
    return tuple(FileRange(**row) for row in chunk["files"])


def files_of(ranges: Iterable[FileRange]) -> list[str]:
    """List the files of a chunk, each once, in order."""
    return list(dict.fromkeys(part.file_path for part in ranges))


def first_middle_last(files: Sequence[str]) -> list[str]:
    """Return the files that answer for all of a long list, each once.

    >>> first_middle_last("abcde"), first_middle_last("ab"), first_middle_last("")
    (['a', 'c', 'e'], ['a', 'b'], [])
    """
    return [files[at] for at in sorted({0, len(files) // 2, len(files) - 1}) if files]


def check_access(locations: Sequence[str]) -> None:
    """Stop before any work if an input cannot be read: every local file is looked at, and of remote ones three.

    A crawl has 100,000 files behind one permission: the first, middle and last answer for all, and a single missing one becomes a
    failed file later. All faults of local files are named at once.
    """
    local = [location for location in locations if not location.startswith(REMOTE)]
    remote = [location for location in locations if location.startswith(REMOTE)]
    asked = [*local, *first_middle_last(remote)]
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


def version_of(path: str) -> str | None:
    """Name the version of a local file by its size, time and ends; None for a remote one, or one that cannot be read.

    Two files of one size whose first and last 64 KiB are equal count as one version.
    """
    if path.startswith(REMOTE):
        return None
    try:
        with Path(path).open("rb") as file:
            stat = Path(path).stat()
            ends = xxhash.xxh64(file.read(LOOKED_AT))
            file.seek(max(0, stat.st_size - LOOKED_AT))
            ends.update(file.read(LOOKED_AT))
    except OSError:
        return None
    return f"{stat.st_size}-{stat.st_mtime_ns}-{ends.hexdigest()}"


def _same_version(path: str, known: str | None) -> bool:
    """Tell whether a local file is the one that was read: a look at its size and time, and at its ends if the time is another."""
    if known is None or path.startswith(REMOTE):
        return True
    size, time, ends = known.split("-")
    try:
        stat = Path(path).stat()
    except OSError:
        return True  # gone, which matters only to what is read again
    if (str(stat.st_size), str(stat.st_mtime_ns)) == (size, time):
        return True
    now = version_of(path)
    return now is None or (now.split("-")[0], now.split("-")[2]) == (size, ends)


def _looked_at(part: FileRange) -> FileRange:
    return replace(part, version=version_of(part.file_path))


def _anew(chunk: tuple[FileRange, ...]) -> tuple[FileRange, ...]:
    return tuple(_looked_at(part) for part in chunk)


def _check_named(root: Root, *, good: set[str], named: Sequence[str]) -> None:
    strangers = sorted(good - set(named))
    if strangers:
        raise RecipeError(
            f"{root.path} holds {len(strangers)} file(s) that [run] input no longer names, such as {strangers[0]}: its corpus would be "
            f"of other pages than the recipe says, so nothing was run. Name them too, or give another --root"
        )


def _check_replaced(root: Root, parts: Sequence[FileRange]) -> None:
    replaced = sorted({part.file_path for part in parts if not _same_version(part.file_path, part.version)})
    if replaced:
        raise RecipeError(
            f"{root.path} holds pages of {len(replaced)} file(s) that were replaced under their old names since, such as {replaced[0]}: its "
            f"corpus would be of files that are gone, so nothing was run. Run with --from extract (or read, rephrase or mix, if the recipe has that) to "
            f"read all again, or give another --root"
        )


def _hopeless(known: Mapping[str, tuple[FileRange, ...]], failed: set[tuple[str, str]]) -> dict[str, tuple[FileRange, ...]]:
    """Return the chunks of which no file could be read: nothing that counts rests on them."""
    return {name: chunk for name, chunk in known.items() if all((name, path) in failed for path in files_of(chunk))}


def _chunks(groups: Sequence[Sequence[FileRange]], *, first: int, split: Split) -> dict[str, tuple[FileRange, ...]]:
    """Name groups of files as chunks from `first` on, large files in ranges."""
    chunks: dict[str, tuple[FileRange, ...]] = {}
    for number, group in enumerate(groups, start=first):
        with ThreadPoolExecutor(16) as pool:
            parts = list(pool.map(split, [replace(whole, chunk=number) for whole in group]))
        chunks[f"{number:05d}"] = tuple(part for some in parts for part in some)
    return chunks
