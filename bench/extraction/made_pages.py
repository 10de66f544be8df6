"""Hold extractors against made pages of many kinds: what must be in the text, and what must not.

    python -m bench.extraction.made_pages FOLDER [--extractor NAME]...

A page begins with a comment. Each of its lines names a check: `must` and `not` are words in a row, `line` and `row` are the words of one
line of the text, `code` is a line with its white space.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.extraction.score import line_keys, tokens
from bench.extraction.variants import VARIANTS
from udfs.page.extractor import PageRequest


@dataclass(frozen=True)
class MadePage:
    """A page, and its checks: pairs of their kind and words."""

    name: str
    html: str
    checks: tuple[tuple[str, str], ...]


def main() -> None:
    """Print each failed check, and the shares that hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--extractor", action="append", choices=tuple(VARIANTS))
    parser.add_argument("--text", action="store_true", help="print each text too")
    chosen = parser.parse_args()
    pages = read_pages(chosen.pages)
    for name in chosen.extractor or VARIANTS:
        extract = VARIANTS[name]()
        failed: Counter[str] = Counter()
        for page in pages:
            text, used, kind = extract(PageRequest(page.html.encode(), "text/html", "utf-8"))
            wrong = list(failures(text, page.checks))
            failed.update(check for check, _ in wrong)
            if wrong or chosen.text:
                print(f"\n{name}: {page.name} ({used}, {kind})")
                print("".join(f"  {check}: {words}\n" for check, words in wrong) + (text if chosen.text else ""))
        total = Counter(check for page in pages for check, _ in page.checks)
        print(f"\n{name}: " + ", ".join(f"{check} {total[check] - failed[check]} of {total[check]}" for check in total))


def read_pages(folder: Path) -> list[MadePage]:
    """Read the pages of a folder, in order of their names."""
    return [_page(file) for file in sorted(folder.glob("*.html"))]


def _page(file: Path) -> MadePage:
    head, html = file.read_text("utf-8").removeprefix("<!--\n").split("\n-->\n", 1)
    checks = tuple((kind, words.removeprefix(" ")) for kind, words in (line.split(":", 1) for line in head.split("\n")))
    return MadePage(file.stem, html, checks)


def failures(text: str, checks: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the checks that do not hold."""
    run, keys, lines = f" {' '.join(tokens(text))} ", line_keys(text), [line.rstrip() for line in text.split("\n")]
    for kind, words in checks:
        key = " ".join(tokens(words))
        holds = {
            "must": f" {key} " in run,
            "not": f" {key} " not in run if key else words not in lines,
            "line": key in keys,
            "row": key in keys,
            "code": words.replace("\xa0", " ") in lines,
        }
        if not holds[kind]:
            yield kind, words


if __name__ == "__main__":
    main()
