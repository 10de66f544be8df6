"""Hold extractors against small WARC files with known faults, in this process: which checks fail, per extractor.

    python -m bench.extraction.cases CASES [--extractor NAME]... [--show]

CASES holds checks.json and warc/. Only the files text-* are run, and only checks of text, title and outcome.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from bench.extraction.gold_warcs import read_requests
from udfs.page.extractor import ExtractSettings, PageExtractor, PageResult
from udfs.page.main_text import Extractor


@dataclass(frozen=True)
class Failure:
    """A check that does not hold, and the text that it does not hold of."""

    file: str
    check: str
    text: str


def main() -> None:
    """Run the cases and print what fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cases", type=Path, help="the folder of checks.json")
    parser.add_argument("--extractor", action="append", choices=get_args(Extractor), help="repeatable (default: all)")
    parser.add_argument("--show", action="store_true", help="print the text of failing pages")
    chosen = parser.parse_args()
    for name in chosen.extractor or get_args(Extractor):
        failures = run_cases(chosen.cases, ExtractSettings(extractor=name))
        print(f"{name}: {len(failures)} checks fail, in {len({failure.file for failure in failures})} files")
        for failure in failures:
            print(f"  {failure.file}: {failure.check}" + (f"\n{failure.text}\n" if chosen.show else ""))


def run_cases(folder: Path, settings: ExtractSettings) -> list[Failure]:
    """Extract the page of every text case, and return the checks that do not hold."""
    extractor = PageExtractor(settings)
    failures: list[Failure] = []
    for case in json.loads((folder / "checks.json").read_text("utf-8")):
        if not case["file"].startswith("text-"):
            continue
        for _, request in read_requests(folder / "warc" / case["file"]):
            result = extractor.extract(request)
            failed = [check for check in case["checks"] if not holds(result, check[1:])]
            failures += [Failure(case["file"], " ".join(map(repr, check[1:])), result.text or "") for check in failed]
    return failures


def holds(result: PageResult, check: list[str]) -> bool:
    """Say whether a check (column, relation, value) holds of a page's result; an unknown one raises ValueError."""
    column, relation = check[:2]
    value = check[2] if len(check) > 2 else None
    there = {"text": result.text or "", "title": result.title or "", "outcome": result.outcome}[column]
    match relation:
        case "has":
            return str(value) in there
        case "hasnot":
            return str(value) not in there
        case "once":
            return there.count(str(value)) == 1
        case "is":
            return there == value
    raise ValueError(f"unknown relation {relation!r} in checks.json: has, hasnot, once and is are known")


if __name__ == "__main__":
    main()
