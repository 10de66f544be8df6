"""Look the URLs of pages up in real lists: seconds to read them, memory, µs a page, and agreement with a plain search.

    python -m bench.signals.url_lists pages.jsonl.gz folder-of-lists

Files of the folder are named as `source__category__domains.txt.gz`, `…__urls.txt.gz` or `…-hosts.txt.gz`.
"""

import gzip
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from udfs.models.list_file import Kind, ListFile, entries
from udfs.page.urls import domain, host
from udfs.signals.url_facts import DOMAIN_KINDS, measure, table_of


def kind_of(path: Path) -> Kind:
    """Say from its name what a file lists."""
    if path.name.endswith("-hosts.txt.gz"):
        return "hosts"
    return "urls" if path.name.endswith("__urls.txt.gz") else "domains"


def plainly(url: str, listed: dict[str, set[str]]) -> list[str]:
    """Return the lists of domains that have the host or a domain above it, by sets of strings."""
    name = host(url) or ""
    above = {name} | {name[at + 1 :] for at, char in enumerate(name) if char == "."}
    registered = domain(name) or name
    return [one for one, names in listed.items() if any(len(part) >= len(registered) for part in above & names)]


def main() -> None:
    """Print what was measured."""
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as lines:
        pages = [json.loads(line)["url"] for line in lines]
    paths = sorted(Path(sys.argv[2]).glob("*.txt.gz"))
    files = [ListFile(path.name, kind_of(path), str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
    started = time.process_time()
    groups = [tuple(file for file in files if (file.kind in DOMAIN_KINDS) == domains) for domains in (True, False)]
    tables = [table_of(group, verbatim=False) for group in groups]
    count, size = (sum(getattr(t.hashes, what) for t in tables) for what in ("size", "nbytes"))
    size += sum(t.owners.nbytes for t in tables)
    reading = time.process_time() - started
    started = time.process_time()
    found: list[dict[str, Any]] = [measure(url, files) for url in pages]
    seconds = time.process_time() - started
    listed = {file.name: {entry.lower() for entry in entries(file)} for file in files if file.kind != "urls"}
    same = sum(row["url_domain_lists"] == plainly(url, listed) for row, url in zip(found, pages, strict=True))
    print(f"{len(files)} lists, {count:,} entries: {reading:.1f} s to read, {size / 1e6:.1f} MB a worker process.")
    print(f"{len(pages)} pages: {1e6 * seconds / len(pages):.0f} µs each; {same} have the domain lists of a plain search.")
    for name in ("url_domain_lists", "url_lists"):
        hits = [(url, row[name]) for url, row in zip(pages, found, strict=True) if row[name]]
        print(f"{name}: {len(hits)} pages")
        for url, lists in hits[:10]:
            print(f"  {url[:90]} {lists}")


if __name__ == "__main__":
    main()
