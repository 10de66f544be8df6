"""The small files of a root on this machine's disk, read by Python itself: no JVM starts for them."""

import errno
import os
import re
import shutil
from pathlib import Path

from udfs.whole_file import beside, write_whole


class LocalStore:
    """A root on this machine's disk, or on one that is mounted."""

    def __init__(self, path: str) -> None:
        # Hadoop writes file:/tmp, others file:///tmp; Hadoop escapes nothing, so a % is one
        self.folder = Path(re.sub("^file:(//)?", "", path))

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name."""
        place = self.folder / folder
        try:
            return sorted(entry.name for entry in os.scandir(place))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read(self, path: str) -> str | None:
        """Return a file's text; None if it is not there."""
        try:
            return (self.folder / path).read_text("utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, path: str, text: str) -> None:
        """Write a file whole, so that nobody reads half of it."""
        target = self.folder / path
        _make(target.parent)
        write_whole(target, text)

    def create(self, path: str, text: str) -> bool:
        """Write a file whole under another name, and link it to its own, which fails if that is taken."""
        target = self.folder / path
        _make(target.parent)
        part = beside(target)
        try:
            part.write_text(text, "utf-8")
            os.link(part, target)
        except FileExistsError:
            return False
        finally:
            part.unlink(missing_ok=True)
        return True

    def delete(self, path: str) -> None:
        """Delete a file or folder."""
        target = self.folder / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        return (self.folder / path).exists()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:  # what a file system says that makes no folders, such as /proc
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(folder)) from error
