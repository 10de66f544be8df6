"""A page at which extraction stands still: its child says that it is there, and goes on when a test opens the gate."""

from dataclasses import dataclass
from pathlib import Path

from tests.documents.test_documents import http, member
from tests.waiting import wait_for

MARK = b"the page that is held"
# Python runs a module of this name as it starts: the pages' child takes it from the path of the worker that starts it.
CHILD = """
import sys
if "udfs.page.child" in sys.orig_argv:
    import os, time
    from pathlib import Path
    import udfs.page.extractor as page
    place, real = Path(__file__).parent, page.PageExtractor.extract
    def extract(self, request):
        if {mark!r} in request.body and not (place / "open").exists():
            (place / "part").write_text(str(os.getpid()))
            (place / "part").rename(place / "child")
            while not (place / "open").exists():
                time.sleep(0.02)
        return real(self, request)
    page.PageExtractor.extract = extract
"""


@dataclass(frozen=True)
class HeldPage:
    """A WARC of one page, and the folder that holds it: processes with the folder on their PYTHONPATH stop at the page."""

    warc: Path
    path: Path

    def child(self) -> int:
        """Wait until a child is at the page, and return its process id."""
        assert wait_for((self.path / "child").exists), "no child came to the page"
        return int((self.path / "child").read_text())

    def open(self) -> None:
        """Let the child go on, and every later one."""
        (self.path / "open").touch()


def held_warc(folder: Path) -> Path:
    """Write the WARC of the page."""
    warc = folder / "held.warc.gz"
    warc.write_bytes(member("response", http(b"<p>" + MARK + b" has a few words.</p>"), identifier="held"))
    return warc


def held_page(warc: Path, folder: Path) -> HeldPage:
    """Hold the page for all who have the new folder on their path."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CHILD.format(mark=MARK))
    return HeldPage(warc, folder)
