"""Find the data files below a folder, and read what the names of folders say of their rows (`dump=…/language=…/`)."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from glob import glob, has_magic
from pathlib import Path
from urllib.parse import unquote, urlsplit

from udfs.corpus.formats import DATA_NAMES, is_named
from udfs.reading.http_s3 import S3, LocationError, list_s3
from udfs.reading.local_path import check_name, local_path, refuse_what_is_no_file

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # Hive's and Spark's name of a null


def corpus_files(location: str) -> tuple[str, ...]:
    """Return the data files of a file, folder or glob, sorted; below a folder, those with a name of DATA_NAMES.

    Names that begin with `_` or `.` are markers and scratch folders, and are passed over with all that is in them. A file that is
    named itself is returned whatever its name. Locations are paths, s3:// and http(s)://, which cannot be listed. Raises
    LocationError for what is not there.
    """
    if location.lower().startswith(("http://", "https://")):
        return (location,)
    found = _s3_files(location) if location.lower().startswith(S3) else _local_files(location)
    files = tuple(sorted(dict.fromkeys(found)))
    for file in files:
        check_name(file)
    if not files:
        raise LocationError(
            location,
            "there is no Parquet or JSONL file there",
            f"Known names end in {', '.join(DATA_NAMES)}; mind the quotes of a glob",
        )
    return files


def folder_values(location: str) -> dict[str, str]:
    """Return the values that the folders of a path give to its rows, unescaped; a null gives none.

    >>> folder_values("corpus/dump=CC-MAIN-2026-43/language=en/part-0.parquet")
    {'dump': 'CC-MAIN-2026-43', 'language': 'en'}
    """
    path = urlsplit(location).path if "://" in location else location
    pairs = (folder.split("=", 1) for folder in path.split("/")[:-1] if "=" in folder)
    return {unquote(name): unquote(value) for name, value in pairs if name and value != NO_VALUE}


def _local_files(location: str) -> Iterator[str]:
    path = local_path(location)
    is_glob = has_magic(path) and not Path(path).exists()
    matches = glob(path, recursive=True) if is_glob else [path]  # noqa: PTH207 (Path.glob refuses absolute patterns)
    for match in matches:
        place = Path(match).absolute()
        if not place.exists():
            raise LocationError(location, "it does not exist", "Correct the path; on a cluster every worker must see it")
        if place.is_dir():
            below = (file for file in place.rglob("*") if file.is_file())
            yield from _data(place.as_posix(), (file.as_posix() for file in below))
        elif not is_glob or _is_visible(match):
            refuse_what_is_no_file(place.as_posix(), hint=f"{place.as_posix()}/*.parquet")
            yield place.as_posix()


def _s3_files(location: str) -> Iterator[str]:
    """List a bucket below the part of the location that holds no wildcard; `*` matches within a folder, `**` over folders."""
    fixed = location[: min((location.find(mark) for mark in "*?[" if mark in location), default=len(location))]
    if fixed == location:
        if is_named(location, DATA_NAMES):
            yield location
        else:
            yield from _data(location.rstrip("/"), list_s3(location.rstrip("/") + "/"))
        return
    for file in list_s3(fixed):
        if _is_visible(file[len(fixed) :]) and _matches(file.split("/"), location.split("/")):
            yield file


def _matches(parts: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(_matches(parts[count:], wanted[1:]) for count in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and _matches(parts[1:], wanted[1:])


def _data(folder: str, files: Iterable[str]) -> Iterator[str]:
    return (file for file in files if is_named(file, DATA_NAMES) and _is_visible(file[len(folder) :]))


def _is_visible(path: str) -> bool:
    return not any(part.startswith(("_", ".")) and part not in (".", "..") for part in path.split("/"))
