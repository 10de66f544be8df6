"""Read the name of a file on this disk, be it a path or a file: address (RFC 8089), and refuse names that no table can hold."""

import re
from pathlib import Path
from urllib.parse import unquote

from udfs.reading.http_s3 import LocationError

_HERE = ("", "localhost")
_WHY = "Write file:///folder/name, or the path alone"


def is_file_address(location: str) -> bool:
    """Tell whether a location is a file: address, in any of its spellings.

    >>> [is_file_address(name) for name in ("file:/a", "FILE:///a", "file://localhost/a", "files/a", "./file:a")]
    [True, True, True, False, False]
    """
    return location[:5].lower() == "file:"


def local_path(location: str) -> str:
    """Return the path that a path or a file: address names; escapes of an address are undone, those of a path are letters.

    Raises LocationError for an address of another machine, or one without a whole path.

    >>> local_path("file:///tmp/a%20b"), local_path("file:/tmp/a"), local_path("file://localhost/tmp/a"), local_path("a%20b")
    ('/tmp/a b', '/tmp/a', '/tmp/a', 'a%20b')
    """
    if not is_file_address(location):
        return location
    rest, host = location[5:], ""
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    if host.lower() not in _HERE:
        raise LocationError(location, f"it is a file of the machine {host!r}, which cannot be asked", _WHY)
    if not rest.startswith("/"):
        raise LocationError(location, "a file: address has the whole path, from / on", _WHY)
    return unquote(rest, errors="surrogateescape")


def check_name(location: str) -> None:
    """Raise LocationError for a name that is no text: tables hold names in UTF-8, and no file has a zero byte in its name."""
    if "\0" in location:
        raise LocationError(shown(location), "there is a zero byte in its name", "Correct the name")
    try:
        location.encode("utf-8")
    except UnicodeEncodeError:
        advice = "Rename the file or folder, or link to it under another name"
        raise LocationError(shown(location), "its name is not UTF-8, so no table could hold it", advice) from None


def shown(name: str) -> str:
    r"""Return a name for a message: bytes that are no UTF-8, and characters that no terminal shows, as escapes.

    >>> shown("f\udcfcr"), shown("\ufeffa"), shown("für")
    ('f\\xfcr', '\\ufeffa', 'für')
    """
    text = re.sub("[\udc80-\udcff]", lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", name)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def refuse_what_is_no_file(path: str, *, hint: str) -> None:
    """Raise LocationError for a folder, or for what can be read but once, such as a pipe; what is absent passes."""
    place = Path(path)
    if place.is_dir():
        raise LocationError(path, "it is a folder", f"Name the files in it: {hint}")
    if place.exists() and not place.is_file():
        raise LocationError(
            path, "it is no file but a pipe or a device, and workers read a file more than once", "Save it first"
        )
