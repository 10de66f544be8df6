"""Make the tables of bench/results/hostile.md from a run over hostile material; the words that say what each file is stand in the page and stay."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.runs import PROJECT
from tests.whole_runs.hostile_input import bodies
from tests.whole_runs.hostile_job import Job, Row
from udfs.page.charset import decode_page, whatwg_name

PAGE = PROJECT / "bench/results/hostile.md"
SOURCES = ("bom", "header", "meta", "utf-8", "detector", "replacement")
SETS = {
    "pages/": "pages",
    "encodings/chardet/": "real files in known encodings",
    "encodings/html5lib/": "cases of where a label may stand",
    "html-real/tidy/": "pages from bug reports",
}
# what decodes these encodings to all the characters that files so labelled hold
SUPERSETS = {"gb2312": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs", "tis-620": "cp874"}
BY_WINDOWS = {
    "euc-jp": str.maketrans("〜−‖¢£¬", "～－∥￠￡￢")
}  # signs that browsers read as Windows has them, and Python as JIS
AT_THE_LIMIT = "/text-5mb.html"  # takes 3 s of an idle core: whether it ends in time is the machine's affair
KNOWN = ("encodings/chardet/", "encodings/html5lib/")


def warcs(job: Job) -> Iterator[tuple[str, ...]]:
    """Give a row for every WARC of the manifest."""
    for case in job.given.cases:
        if case.kind == "warc":
            path = str(job.hostile / case.path)
            file, documents = job.files[path], job.of(path)
            outcome = file["outcome"] if file["reason"] is None else f"{file['outcome']}: {file['reason']}"
            records = counts(dict(file["records"]))
            yield Path(path).name, records, counts(extracted(documents)), f"{file['bytes_skipped']:,}", outcome


def pages(job: Job) -> Iterator[tuple[str, ...]]:
    """Give a row for every hostile page: what extraction made of it, and what became of it in the end."""
    for path, document in job.wrapped.items():
        if path.startswith("pages/"):
            fate, reason = job.fate(document)
            yield Path(path).name, f"{fate}: {reason}" if reason else fate


def outcomes(job: Job) -> Iterator[tuple[str, ...]]:
    """Give a row for every set of pages: how many, and what became of them in extraction and in the end."""
    for name, documents in _sets(job):
        fates = Counter(job.fate(row)[0] for row in documents)
        yield name, f"{len(documents):,}", counts(extracted(documents)), counts(fates)


def charsets(job: Job) -> Iterator[tuple[str, ...]]:
    """Give a row for every set of pages: what named the charset."""
    for name, documents in _sets(job):
        found = Counter(row["charset_source"] for row in documents)
        yield name, *(f"{found[source]:,}" for source in SOURCES), f"{found[None]:,}"


def agreement(job: Job) -> Iterator[tuple[str, ...]]:
    """Give a row for every set with known encodings and every source: files, those read right, those named right."""
    for prefix in KNOWN:
        rows = {path: row for path, row in job.wrapped.items() if path.startswith(prefix)}
        right = {path for path, row in rows.items() if reads_right(job, path, row)}
        named = {path for path, row in rows.items() if whatwg_name(truth(job, path)) == row["charset"]}
        for source in (*SOURCES, "all"):
            found = {path for path, row in rows.items() if source in (row["charset_source"], "all")}
            if found:
                name = str(len(found & named)) if prefix == KNOWN[1] else ""
                yield prefix, source, str(len(found)), str(len(found & right)), name


def misread(job: Job) -> Iterator[tuple[str, ...]]:
    """Give a row for every known encoding of which some files are not read right, with what they were taken for."""
    rows = [(truth(job, path), path, row) for path, row in job.wrapped.items() if path.startswith(KNOWN[0])]
    for name in sorted({name for name, _, _ in rows}, key=str.lower):
        of_name = [(path, row) for other, path, row in rows if other == name]
        wrong = Counter(str(row["charset"]) for path, row in of_name if not reads_right(job, path, row))
        if wrong:
            yield name, f"{len(of_name) - wrong.total()} of {len(of_name)}", counts(wrong)


def truth(job: Job, path: str) -> str:
    """Give the label of a file's known encoding: its folder's name, or the last word of what the manifest says."""
    if path.startswith(KNOWN[0]):
        return re.sub(r"^((?:iso-8859|windows)-\d+).*", r"\1", path.split("/")[2])
    return job.cases[path].what.rpartition(" ")[2]


def reads_right(job: Job, path: str, row: Row) -> bool:
    """Say whether a file of a known encoding was read as the very characters that it holds."""
    body = (job.hostile / path).read_bytes()
    decoded = decode_page(body, header=None)
    label = truth(job, path)
    try:
        text = body.decode(SUPERSETS.get(label.lower(), label), "replace")
    except LookupError:  # EUC-TW, which Python does not know
        return False
    text = text.translate(BY_WINDOWS.get(label.lower(), {}))
    return bool(decoded.charset == row["charset"]) and decoded.text == text.removeprefix("\N{BOM}")


def extracted(documents: Iterable[Row]) -> Counter[str]:
    """Count documents by what extraction said; of a page at the time limit, that it is one."""
    found: Counter[str] = Counter()
    for row in documents:
        said = row["outcome"] if row["reason"] is None else f"{row['outcome']} ({row['reason']})"
        found["at the time limit" if (row["url"] or "").endswith(AT_THE_LIMIT) else said] += 1
    return found


def counts(found: dict[str, int]) -> str:
    """Write counts in a line, the largest first."""
    return ", ".join(f"{n:,} {what}" for what, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))) or "none"


def _sets(job: Job) -> Iterator[tuple[str, list[Row]]]:
    for prefix, words in SETS.items():
        yield f"{prefix} ({words})", [row for path, row in job.wrapped.items() if path.startswith(prefix)]
    for case in job.given.cases:
        if case.kind == "pages":
            urls = {url for url, _ in bodies(job.hostile, case)}
            yield f"{case.path} (inputs of a tokenizer's tests)", [row for row in job.documents if row["url"] in urls]


TABLES: dict[str, tuple[str, Callable[[Job], Iterable[tuple[str, ...]]]]] = {
    "warcs": ("| file | what came | records | pages | bytes skipped | outcome |", warcs),
    "pages": ("| page | what came | what became of it |", pages),
    "outcomes": ("| set | pages | extraction | in the end |", outcomes),
    "charsets": (f"| set | {' | '.join(SOURCES)} | never decoded |", charsets),
    "agreement": ("| set | charset from | files | right characters | right name |", agreement),
    "misread": ("| encoding | read right | the others were taken for |", misread),
}
DESCRIBED = ("warcs", "pages")  # their second column is written by hand


def filled(page: str, job: Job) -> str:
    """Return the page with every table made anew; a file that has no words yet gets a question mark."""
    for name, (head, make) in TABLES.items():
        rows = [row if name not in DESCRIBED else (row[0], words(page, row[0]), *row[1:]) for row in make(job)]
        line = "|" + "---|" * (head.count("|") - 1)
        page = part(page, name, [head, line, *(f"| {' | '.join(row)} |" for row in rows)])
    return page


def part(page: str, name: str, lines: list[str]) -> str:
    """Return the page with other lines between the two marks of that name."""
    before, rest = page.split(f"<!-- {name} -->\n")
    after = rest.split(f"<!-- end of {name} -->\n")[1]
    return f"{before}<!-- {name} -->\n" + "".join(f"{line}\n" for line in lines) + f"<!-- end of {name} -->\n{after}"


def manifest_digest(hostile: Path) -> str:
    """Name the folder's list by its sha256, so that the page says which one it is about."""
    return hashlib.sha256((hostile / "manifest.tsv").read_bytes()).hexdigest()[:16]


def words(page: str, key: str) -> str:
    """Find the words that say what a file is."""
    found = re.search(rf"^\| {re.escape(key)} \| ([^|]*) \|", page, re.MULTILINE)
    return found[1] if found else "?"
