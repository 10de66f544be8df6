"""Split the CPU time of a page's extraction with `blocks` by step, with Resiliparse's call on the same page beside it, in one process.

    python -m bench.extraction.blocks_steps DATA --pages 300 --rounds 3

DATA is the folder of shared data: WCXB's development split and the sample WARCs are read, every nth page of each. Each round has an
extractor of its own, since an extractor remembers classes that it saw. A page's time is the smallest of all rounds, step by step.
Times are CPU milliseconds a page, means over pages. Prints Markdown.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from bench.extraction.gold_page import html_of
from bench.extraction.gold_warcs import SAMPLE_WARCS, read_requests
from bench.extraction.gold_wcxb import load_wcxb
from udfs.blocks import extractor, markup, page
from udfs.page import extractor as product
from udfs.page.extractor import ExtractSettings, PageExtractor, PageRequest
from udfs.page.media_type import HTML_TYPES

WARM_PAGES = 10
STEPS: dict[str, tuple[ModuleType, str]] = {
    "charset": (product, "decode_page"),
    "scripts and styles emptied": (product, "source_of"),
    "made fit for parsers": (product, "fit"),
    "facts": (product, "_metadata"),
    "kind of page": (product, "kind_of"),
    "write the tree out": (markup, "flatten"),
    "tokens": (page, "read_tokens"),
    "visible text": (page, "visible_text"),
    "outline": (page, "divide"),
    "what it declares": (page, "declared"),
    "count": (extractor, "page_of"),  # all else in it
    "features": (extractor, "describe"),
    "trees": (extractor, "scores"),
    "choice": (extractor, "choose"),
    "rules": (extractor, "mend"),
    "layout": (extractor, "lay_out"),
}
PARSE, REST, RESILIPARSE = "parse", "rest", "resiliparse"
WHOLE = (PARSE, *STEPS, REST)  # what a page's extraction is made of


class Stopwatch:
    """Measure the CPU milliseconds of functions, without those of measured ones that they call."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._inside: list[float] = []

    def timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, measured under the name of a step."""

        def measured(*args: Any, **options: Any) -> Any:
            self._inside.append(0.0)
            began = time.process_time()
            try:
                return function(*args, **options)
            finally:
                took = 1000 * (time.process_time() - began)
                self.ms[step] = self.ms.get(step, 0.0) + took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return measured

    def read(self) -> dict[str, float]:
        """Return what was measured since the last call."""
        found, self.ms = self.ms, {}
        return found


def main() -> None:
    """Measure the pages of the command line's folder and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=300, help="of each source")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.pages < 1 or arguments.rounds < 1:
        parser.error("--pages and --rounds: nothing would be measured. Give 1 or more")
    real = arguments.data / "real"
    wcxb = [gold.request for gold in load_wcxb(real / "wcxb-dev")]
    warcs = [request for name in SAMPLE_WARCS for _, request in read_requests(real / "cc-sample" / name)]
    sources = {"WCXB": sample(wcxb, arguments.pages), "sample WARCs": sample(warcs, arguments.pages)}
    print("\n".join(report({name: measure(pages, rounds=arguments.rounds) for name, pages in sources.items()})))


def sample(requests: Sequence[PageRequest], count: int) -> list[PageRequest]:
    """Return every nth HTML page."""
    pages = [request for request in requests if request.mime in HTML_TYPES]
    return pages[:: max(len(pages) // count, 1)][:count]


def measure(pages: Sequence[PageRequest], *, rounds: int) -> list[dict[str, float]]:
    """Return the milliseconds of each page by step, the smallest of all rounds."""
    watch = Stopwatch()
    sources = [(request, html) for request in pages if (html := html_of(request)) is not None]
    with ExitStack() as patches:
        parser = SimpleNamespace(parse=watch.timed(PARSE, HTMLTree.parse))
        patches.enter_context(mock.patch.object(product, "HTMLTree", parser))
        for step, (module, name) in STEPS.items():
            patches.enter_context(mock.patch.object(module, name, watch.timed(step, getattr(module, name))))
        found = [_round(sources, watch) for _ in range(rounds)]
    return [
        {step: min(one.get(step, 0.0) for one in same) for step in (*WHOLE, RESILIPARSE)} for same in zip(*found, strict=True)
    ]


def _round(sources: Sequence[tuple[PageRequest, str]], watch: Stopwatch) -> list[dict[str, float]]:
    """Measure each page once, by an extractor that has seen a few; Resiliparse's call gets the page made fit for parsers."""
    whole = watch.timed(REST, PageExtractor(ExtractSettings(extractor="blocks")).extract)
    call = watch.timed(RESILIPARSE, _call)
    found = []
    for request, html in (*sources[:WARM_PAGES], *sources):
        whole(request)
        call(html)
        found.append(watch.read())
    return found[-len(sources) :]


def _call(html: str) -> str:
    return str(extract_plain_text(HTMLTree.parse(html), main_content=True, comments=False, alt_texts=False))


def report(measured: dict[str, list[dict[str, float]]]) -> list[str]:
    """Return the table: a row a step, a column a source."""
    means = {
        source: {step: sum(one[step] for one in pages) / len(pages) for step in pages[0]} for source, pages in measured.items()
    }
    sums = {source: sum(ms for step, ms in mean.items() if step != RESILIPARSE) for source, mean in means.items()}
    lines = ["| CPU ms a page | " + " | ".join(f"{name}, {len(pages)} pages" for name, pages in measured.items()) + " |"]
    lines.append("|---|" + "---|" * len(measured))
    lines += [f"| {step} | " + " | ".join(f"{mean[step]:.2f}" for mean in means.values()) + " |" for step in WHOLE]
    lines.append("| **all** | " + " | ".join(f"**{total:.2f}**" for total in sums.values()) + " |")
    lines.append("| Resiliparse's call | " + " | ".join(f"{mean[RESILIPARSE]:.2f}" for mean in means.values()) + " |")
    lines.append("| times that | " + " | ".join(f"{sums[name] / means[name][RESILIPARSE]:.2f}" for name in means) + " |")
    return lines


if __name__ == "__main__":
    main()
