"""Make the input of one job from a folder of hostile material: its WARCs as they are, its pages wrapped into WARCs, good WARCs around."""

import csv
import gzip
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sample.make import make_sample
from tests.documents.test_documents import http, member

SITE = "https://hostile.example/"
RECORDS = 2000  # in a wrapped WARC: each file costs a page child of its own
HANGING_ATTRIBUTES = 300_000
WRAPPED = ("pages", "html-real/tidy", "html-real/html5lib_tokenizer_inputs", "encodings")
_DECLARED = re.compile(r"Content-Type: (\S.*)$")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")


@dataclass(frozen=True)
class Case:
    """One row of the folder's manifest.tsv."""

    path: str
    kind: str
    origin: str
    what: str
    expected: str


@dataclass(frozen=True)
class HostileInput:
    """What one job reads: all files in order, of which `good` come first, in the middle and last, and the manifest's rows."""

    files: tuple[Path, ...]
    good: tuple[Path, ...]
    cases: tuple[Case, ...]


def make_input(hostile: Path, folder: Path) -> HostileInput:
    """Write the wrapped and the good WARCs into `folder`, and list them with the hostile ones, which stay where they are."""
    cases = read_manifest(hostile)
    make_sample(folder / "sample")
    good = tuple(sorted((folder / "sample/warc").glob("*.warc.gz")))
    listed = [hostile / case.path for case in cases if case.kind == "warc"]
    warcs = sorted(listed, key=lambda path: -path.stat().st_size)  # the longest first, so that no core waits for the last
    wrapped = [path for name in WRAPPED for path in _wrap(hostile, folder, name=name, cases=cases)]
    first, between, last = good
    middle = len(warcs) // 2
    return HostileInput((first, *wrapped, _hanging(folder), *warcs[:middle], between, *warcs[middle:], last), good, cases)


def _hanging(folder: Path) -> Path:
    """Write a page over which a parser takes minutes: it compares each attribute with all before it, and a "<" keeps them from being cut."""
    attributes = " ".join(f'a{number}="<"' for number in range(HANGING_ATTRIBUTES))
    url = url_of("hanging.html")
    page = http(f"<p {attributes}>The page hangs.</p>".encode(), Content_Type="text/html")
    path = folder / "hanging.warc.gz"
    path.write_bytes(member("response", page, url=url, identifier=str(uuid.uuid5(uuid.NAMESPACE_URL, url))))
    return path


def read_manifest(hostile: Path) -> tuple[Case, ...]:
    """Read manifest.tsv below the folder."""
    with (hostile / "manifest.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(Case(**row) for row in csv.DictReader(lines, delimiter="\t"))


def url_of(path: str) -> str:
    """Give the URL under which a wrapped row of the manifest goes through the job."""
    return SITE + quote(path)


def bodies(hostile: Path, case: Case) -> Iterator[tuple[str, bytes]]:
    """Yield the (URL, body) of every record that a row becomes: one, but for a file of many inputs, a JSON object a line."""
    raw = (hostile / case.path).read_bytes()
    raw = gzip.decompress(raw) if case.path.endswith(".gz") else raw
    if case.kind != "pages":
        yield url_of(case.path), raw
        return
    for number, line in enumerate(raw.split(b"\n")):
        if line:
            given = json.loads(line)
            text = given["input"]
            if given["double_escaped"]:
                text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
            yield f"{url_of(case.path)}/{number}", text.encode("utf-8", "surrogatepass")


def _wrap(hostile: Path, folder: Path, *, name: str, cases: tuple[Case, ...]) -> list[Path]:
    """Write the rows below one part of the folder as response records, with the content type that the manifest states."""
    records: list[bytes] = []
    for case in cases:
        if case.kind != "warc" and case.path.startswith(name):
            stated = _DECLARED.search(case.origin)
            declared = stated[1] if stated else "text/html"
            for url, body in bodies(hostile, case):
                identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, url))
                records.append(member("response", http(body, Content_Type=declared), url=url, identifier=identifier))
    paths = []
    for at in range(0, len(records), RECORDS):
        path = folder / f"wrapped-{name.replace('/', '-')}-{at // RECORDS}.warc.gz"
        path.write_bytes(b"".join(records[at : at + RECORDS]))
        paths.append(path)
    return paths
