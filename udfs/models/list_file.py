"""Reads lists of domains, URLs and words as their makers publish them: UT1's folders, hosts files, a word a line."""

import codecs
import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from udfs.models.model_file import ModelError, found_path

Kind = Literal["domains", "hosts", "urls", "strict_words", "hard_words", "soft_words", "bad_words", "stop_words"]
_GZIP = b"\x1f\x8b"
_TAR_MAGIC, _TAR_AT = b"ustar", 257
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_COMMENT = re.compile(r"\s#.*")


@dataclass(frozen=True)
class ListFile:
    """Name a list by the path on the driver and its sha256; without a language it is for texts of every language."""

    name: str
    kind: Kind
    path: str
    sha256: str
    language: str | None = None


def entries(file: ListFile) -> Iterator[str]:
    """Yield the entries of a list, without blank lines, one at a time; the file's sha256 is checked first.

    A gzip file is unpacked. Of a tar archive, as UT1 has one a category, the members named as the kind are read. In lists of domains,
    hosts and URLs a line that begins with # is none, and what follows white space and # is a comment; a hosts file has an address before
    each name. A mark of byte order does not count. Raises ModelError, also for a file that is broken, or in UTF-16.
    """
    with found_path(file.path, file.sha256).open("rb") as opened:
        try:
            yield from _entries(_lines(opened, file.kind), file)
        except (EOFError, OSError, zlib.error, tarfile.TarError) as error:
            raise ModelError(f"the list {file.name}, {file.path}, is broken ({error}). Fetch it anew") from None


def _entries(lines: Iterator[bytes], file: ListFile) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == 0 and line.startswith(_UTF16):
            raise ModelError(f"the list {file.name}, {file.path}, is UTF-16 and not UTF-8. Save it as UTF-8")
        entry = line.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").strip()
        if file.kind.endswith("_words"):
            if entry:
                yield entry
        elif entry and not entry.startswith("#"):
            yield from _hosts(entry) if file.kind == "hosts" else [_COMMENT.sub("", entry)]


def _hosts(line: str) -> list[str]:
    """Return the names of a line of a hosts file.

    >>> _hosts("0.0.0.0 ads.example www.ads.example # since 2020")
    ['ads.example', 'www.ads.example']
    """
    return line.partition("#")[0].split()[1:]


def _lines(opened: IO[bytes], kind: Kind) -> Iterator[bytes]:
    packed = opened.read(2) == _GZIP
    opened.seek(0)
    stream: IO[bytes] = gzip.GzipFile(fileobj=opened) if packed else opened  # type: ignore[assignment]
    head = stream.read(_TAR_AT + len(_TAR_MAGIC))
    stream.seek(0)
    if not head.endswith(_TAR_MAGIC):
        yield from stream
        return
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.rpartition("/")[2] == kind else None
            if content is not None:
                yield from content
