"""The files of a target on the driver's disk: those at an s3:// or http(s):// location are copied there first."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.text_files import KINDS, files_of, kind_of
from udfs.corpus.folders import corpus_files
from udfs.reading.location import open_location

REMOTE = ("s3://", "s3a://", "s3n://", "http://", "https://")
BLOCK = 1 << 20


@contextmanager
def at_hand(names: Sequence[str]) -> Iterator[list[Path]]:
    """Yield the files that a target names, for as long as the block runs; of remote ones the copies, which then go.

    A folder of a bucket stands for the Parquet and JSONL files in it. Raises TextFileError or LocationError for what is not there.
    """
    local = [name for name in names if not _is_remote(name)]
    remote = [file for name in names if _is_remote(name) for file in _files(name)]
    with TemporaryDirectory(prefix="gristmill-target-") as scratch:
        copies = [_copied(file, Path(scratch) / str(number)) for number, file in enumerate(remote)]
        yield [*(files_of(local) if local else []), *(files_of([str(copy)])[0] for copy in copies)]


def _is_remote(name: str) -> bool:
    return name.lower().startswith(REMOTE)


def _files(name: str) -> tuple[str, ...]:
    return (name,) if kind_of(Path(name)) in KINDS else corpus_files(name)


def _copied(location: str, folder: Path) -> Path:
    """Copy a file into a folder of its own, since two may have one name; its name says its format."""
    folder.mkdir()
    copy = folder / location.rstrip("/").rpartition("/")[2]
    with closing(open_location(location)) as given, copy.open("wb") as made:
        while block := given.read(BLOCK):
            made.write(block)
    return copy
