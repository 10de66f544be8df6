"""A root that cannot be written or read, and a disk that is full: one message, whoever met it, Python or Java."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.engine.errors import GristmillError, RefusedError

_FULL = "the disk is full"
_KINDS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: "it is on a file system that is read-only",
    errno.EACCES: "you may not read or write there",
    errno.EPERM: "you may not read or write there",
    errno.ENOTDIR: "a file is where a folder should be",
    errno.EISDIR: "a folder is where a file should be",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links lead in a circle",
    errno.EIO: "its disk does not answer as it should",
    errno.ESTALE: "its disk does not answer as it should",
}
# how Java words the same: the kernel's message, and Hadoop's for a folder that cannot be made
_JAVA = {
    "No space left on device": _KINDS[errno.ENOSPC],
    "Disk quota exceeded": _KINDS[errno.EDQUOT],
    "Read-only file system": _KINDS[errno.EROFS],
    "(Permission denied)": _KINDS[errno.EACCES],
    "java.nio.file.AccessDeniedException": _KINDS[errno.EACCES],
    "Mkdirs failed to create": "a folder in it cannot be made",
    "File name too long": _KINDS[errno.ENAMETOOLONG],
}


class DiskError(RefusedError):
    """Say that a root cannot be written or read, why, and how to go on."""


def fault_of(error: BaseException) -> str | None:
    """Return what is wrong with the disk if that is what an error, or one that led to it, comes down to; else None."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if isinstance(at, OSError) and at.errno in _KINDS:
            return _KINDS[at.errno]
        if type(at).__module__.partition(".")[0] in ("py4j", "pyspark"):
            text = str(at)
            found = next((what for sign, what in _JAVA.items() if sign in text), None)
            if found is not None:
                return found
        at = at.__cause__
    return None


@contextmanager
def disk_errors(root: str) -> Iterator[None]:
    """Turn an error of the disk below a root into DiskError; others pass."""
    try:
        yield
    except GristmillError:
        raise
    except Exception as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise DiskError(_message(root, fault, error)) from error


def _message(root: str, fault: str, error: Exception) -> str:
    name = getattr(error, "filename", None)
    where = f" ({os.fsdecode(name)})" if isinstance(name, str | bytes) else ""
    if fault == _FULL:
        free = ", ".join(f"{place} has {_free(place)} MB free" for place in (root, tempfile.gettempdir()))
        return f"{root}: {fault}{where}; {free}. Make room, and the same command goes on where it stopped"
    return f"{root}: {fault}{where}, so the run cannot be kept there. Give another --root, or mend that one; the same command goes on"


def _free(path: str) -> int:
    place = Path(path)
    there = next((one for one in (place, *place.parents) if one.exists()), Path("/"))
    try:
        return shutil.disk_usage(there).free >> 20
    except OSError:
        return 0
