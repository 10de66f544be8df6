"""Expand what [run] input names to locations of WARC or WET files: files, globs, lists of files, crawl ids."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from glob import glob, has_magic
from pathlib import Path

from jobs.engine.errors import RecipeError
from jobs.recipe.text import decoded
from udfs.reading.http_s3 import REMOTE, S3
from udfs.reading.local_path import check_name, is_file_address, local_path, refuse_what_is_no_file, shown
from udfs.reading.location import check, open_location

CRAWL = re.compile(r"CC-MAIN-\d{4}(-\d{2,4}){1,2}")
COMMON_CRAWL = "s3://commoncrawl/"


def list_inputs(inputs: Sequence[str]) -> list[str]:
    """Expand the recipe's inputs to locations of WARC or WET files, in the order given, each once.

    An input is a file, a glob, a paths file (`warc.paths`, `warc.paths.gz`), an http(s) or s3 location of a file or paths file,
    a file: address, or a crawl id such as CC-MAIN-2026-43. A file of just the name of a glob is that file. Raises LocationError or
    RecipeError, naming the input, before any work is done.
    """
    found: dict[str, None] = {}
    for item in inputs:
        for location in _expand(item):
            check_name(location)
            found.setdefault(location)
    if not found:
        raise RecipeError("[run] input names no file: there is nothing to run. Give a WARC, a glob, a paths file or a crawl id")
    return list(found)


def _expand(item: str) -> Iterable[str]:
    if CRAWL.fullmatch(item):
        item = f"{COMMON_CRAWL}crawl-data/{item}/warc.paths.gz"
    if item.startswith(REMOTE):
        if "*" in item:
            raise RecipeError(
                f"input {item!r}: a glob is expanded on disk only; nothing was run. List the files in a .paths file, a line each"
            )
        yield from (_paths_file(item) if _is_paths_file(item) else [item])
        return
    for path in _local(item):
        yield from (_paths_file(path) if _is_paths_file(path) else [path])


def _local(item: str) -> Iterable[str]:
    """Find the files on disk that an input names, as whole paths: one of just that name, else those that match it as a glob."""
    if "://" in item and not is_file_address(item):
        raise RecipeError(
            f"input {item!r}: files are read from disk, {', '.join(REMOTE)} and no other place; nothing was run. Copy it there"
        )
    if not item:
        raise RecipeError("an input is empty: it names no file, so nothing was run. Is a variable of the shell empty?")
    check_name(item)
    path = local_path(item)
    if not has_magic(path) or Path(path).exists():
        whole = str(Path(path).absolute())
        check_name(whole)
        refuse_what_is_no_file(whole, hint=f"{path.rstrip('/')}/*.warc.gz")
        return [whole]
    matches = [match for match in sorted(glob(path, recursive=True)) if not Path(match).is_dir()]  # noqa: PTH207 (Path.glob refuses absolute patterns)
    if not matches:
        raise RecipeError(f"input {shown(item)!r} matches no file: nothing was run. Mind the quotes, and the folder you are in")
    for match in matches:
        refuse_what_is_no_file(match, hint="")
    return [str(Path(match).absolute()) for match in matches]


def _is_paths_file(location: str) -> bool:
    return location.removesuffix(".gz").endswith(".paths")


def _paths_file(location: str) -> Iterable[str]:
    check_name(location)
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
    for line in decoded(body, what=f"paths file {location}").split("\n"):
        name = line.strip()
        if is_file_address(name):
            yield local_path(name)
        elif name:
            yield name if name.startswith((*REMOTE, "/")) else base(name)


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
