"""Measure what a page's facts cost by group, beside those of another version of the project where a checkout of it is given.

    git worktree add before e9e4a92
    python -m bench.extraction.page_facts DATA --before before --rounds 5

DATA is the folder of shared data: all captures of the two sample WARCs are read. A round is a process for each version, in turn, so
that a busy machine slows both alike. The first pages of a process warm it up. A time is CPU milliseconds a capture, the mean of all
captures, and the median of all rounds. Neither the parse of a page's tree is in it nor its text. Prints Markdown.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

WARCS = ("cc-sample-00001.warc.gz", "cc-sample-00002.warc.gz")
WARM_CAPTURES = 300
URL, MESSAGE, CHARSET, XHTML, DEPTH, METADATA = (
    "URL key, host, domain",
    "HTTP message, media type",
    "charset",
    "XHTML",
    "depth",
    "title, date, language attribute, licence, opt-outs",
)
GROUPS = (URL, MESSAGE, CHARSET, XHTML, DEPTH, METADATA)
HERE = Path(__file__).resolve()


def main() -> None:
    """Measure both versions and print the table; as the child of itself, measure one and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--before", type=Path, help="a checkout of the project to measure in turn with this one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: nothing would be measured. Give 1 or more")
    if arguments.child:
        print(json.dumps(measure([arguments.data / "real" / "cc-sample" / name for name in WARCS])))
        return
    checkouts = {"before": arguments.before.resolve()} if arguments.before else {}
    checkouts["now"] = HERE.parents[2]
    rounds = [
        {name: _in_child(checkout, arguments.data) for name, checkout in checkouts.items()} for _ in range(arguments.rounds)
    ]
    print("\n".join(report(rounds)))


def _in_child(checkout: Path, data: Path) -> dict[str, float]:
    """Measure a checkout in a process whose modules are its own."""
    done = subprocess.run(
        [sys.executable, "-P", str(HERE), str(data.resolve()), "--child"],
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def measure(warcs: list[Path]) -> dict[str, float]:
    """Return the CPU milliseconds a capture by group, by the modules that this process imports."""
    records = [record for warc in warcs for record in _records(str(warc))]
    for record in records[:WARM_CAPTURES]:
        _measured(record)
    spent: Counter[str] = Counter()
    for record in records:
        spent.update(_measured(record))
    return {group: spent[group] / 1e6 / len(records) for group in GROUPS}


def _records(warc: str) -> Iterator[Any]:
    """Yield the response records of a file."""
    location, records = import_module("udfs.reading.location"), import_module("udfs.warc.records")
    spans = records.read_records(partial(location.open_location, warc), size=location.size(warc))
    yield from (span for span in spans if getattr(span, "type", None) == "response")


def _measured(record: Any) -> dict[str, int]:
    """Return the CPU nanoseconds that the facts of one record take, by group."""
    urls, worker = import_module("udfs.page.urls"), import_module("udfs.documents.worker")
    child = _Child()
    began = time.process_time_ns()
    host = urls.host(record.url)
    urls.url_key(record.url), urls.domain(host)
    child.spent[URL] = time.process_time_ns() - began
    began = time.process_time_ns()
    worker._extract(record, {"opt_out": []}, sandbox=child, settings=import_module("udfs.page.extractor").ExtractSettings())
    child.spent[MESSAGE] = time.process_time_ns() - began - child.all_ns
    return child.spent


class _Child:
    """Stand for the process that extracts pages: read the facts of a page, and no text."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}
        self.all_ns = 0

    def extract(self, page: Any) -> Any:
        """Read a page's facts as the extractor of this version does, timed one by one."""
        began = time.process_time_ns()
        extractor = import_module("udfs.page.extractor")
        xhtml = import_module("udfs.page.xhtml") if find_spec("udfs.page.xhtml") else None  # older versions have none
        mime = {"mime": page.mime} if xhtml else {}
        decoded = self._timed(CHARSET, lambda: extractor.decode_page(page.body, header=page.charset, **mime))
        if page.mime in import_module("udfs.page.media_type").HTML_TYPES and "<" in decoded.text:
            html = decoded.text
            if xhtml:
                html = self._timed(XHTML, lambda: xhtml.as_html(html, **mime))
                html, _ = self._timed(DEPTH, lambda: import_module("udfs.page.depth").flattened(html))
            tree = extractor.HTMLTree.parse(html)
            captured = getattr(page, "captured", None)
            self._timed(
                METADATA, lambda: extractor._metadata(tree, captured=captured) if mime else extractor._metadata(tree, html)
            )
        self.all_ns = time.process_time_ns() - began
        return extractor.PageResult("dropped")

    def _timed(self, group: str, function: Callable[[], Any]) -> Any:
        began = time.process_time_ns()
        result = function()
        self.spent[group] = time.process_time_ns() - began
        return result


def report(rounds: list[dict[str, dict[str, float]]]) -> list[str]:
    """Return the table: a row a group, a column a version, with the smallest and largest round behind each sum."""
    versions = list(rounds[0])
    lines = ["| CPU ms a capture | " + " | ".join(versions) + " |", "|---|" + "---|" * len(versions)]
    for group in GROUPS:
        lines.append(
            f"| {group} | " + " | ".join(f"{median(one[name][group] for one in rounds):.3f}" for name in versions) + " |"
        )
    sums = {name: sorted(sum(one[name].values()) for one in rounds) for name in versions}
    told = (f"**{median(of):.3f}** ({of[0]:.3f} to {of[-1]:.3f})" for of in sums.values())
    return [*lines, "| **all** | " + " | ".join(told) + " |"]


if __name__ == "__main__":
    main()
