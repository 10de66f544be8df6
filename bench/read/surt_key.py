"""Compare our SURT keys with those of the package `surt`, which Common Crawl's indexes are made with.

The package lies outside the project: its folder is given on the command line, and so are the WARC files whose URLs are compared.

    python bench/read/surt_key.py SITE_PACKAGES WARC…
"""

import sys
import time
from collections.abc import Iterator

from fastwarc.warc import ArchiveIterator

from udfs.page.surt_key import surt_key

SHOWN = 10


def urls(paths: list[str]) -> Iterator[str]:
    """Yield the target of every record that has one, and every address in text files of one address a line."""
    for path in paths:
        with open(path, "rb") as stream:  # noqa: PTH123
            if path.endswith((".txt", ".urls")):
                yield from (line.decode("utf-8", "replace").strip() for line in stream)
                continue
            for record in ArchiveIterator(stream, parse_http=False):
                target = {key.lower(): value for key, value in record.headers.items()}.get("warc-target-uri")
                if target is not None:
                    yield target.strip("<>")


def main() -> None:
    """Print how many keys are the same, and some that are not."""
    sys.path.append(sys.argv[1])
    from surt import surt  # type: ignore[import-not-found]

    every = sorted({url for url in urls(sys.argv[2:]) if url.lower().startswith(("http://", "https://"))})
    began = time.process_time()
    ours = [surt_key(url) for url in every]
    taken = time.process_time() - began
    theirs = []
    for url in every:
        try:
            theirs.append(surt(url))
        except Exception as error:
            theirs.append(f"raised {type(error).__name__}")
    other = [(url, a, b) for url, a, b in zip(every, ours, theirs, strict=True) if a != b]
    print(f"{len(every):,} addresses, {len(every) - len(other):,} keys the same; ours takes {taken / len(every) * 1e6:.1f} µs")
    for row in other[:SHOWN]:
        print("  ", *row, sep="\n    ")


if __name__ == "__main__":
    main()
