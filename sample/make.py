"""Make the sample: three WARC files, the truth about every capture in them, texts for a quality model, and texts in no page."""

import json
import sys
from pathlib import Path

from sample.articles import article_captures
from sample.capture import Capture, truth_row
from sample.copies import copy_captures
from sample.draw import shuffled
from sample.failures import failure_captures
from sample.poor_pages import poor_captures
from sample.quality_text import negatives, positives, unused_paragraphs
from sample.special_pages import special_captures
from sample.warc_writer import write_warc

FILES = 3


def captures() -> list[Capture]:
    """Return every capture of the sample, in the order in which they are stored."""
    found = [*article_captures(), *copy_captures(), *poor_captures(), *special_captures(), *failure_captures()]
    stored = shuffled(found, "order")
    # the destroyed record belongs in the middle of a file, where a reader must find its way back
    damaged = next(capture for capture in stored if capture.damaged)
    stored.remove(damaged)
    stored.insert(len(stored) // 2, damaged)
    return stored


def make_sample(folder: Path) -> list[Capture]:
    """Write the sample under `folder` (warc/, truth.jsonl, quality/, held_out.jsonl) and return its captures: the same every time."""
    stored = captures()
    (folder / "warc").mkdir(parents=True, exist_ok=True)
    (folder / "quality").mkdir(exist_ok=True)
    rows = []
    for number in range(FILES):
        part = stored[number * len(stored) // FILES : (number + 1) * len(stored) // FILES]
        path = folder / "warc" / f"sample-{number:05d}.warc.gz"
        write_warc(path, part)
        rows += [truth_row(capture, warc_file=path.name) for capture in part]
    _write_lines(folder / "truth.jsonl", [json.dumps(row, ensure_ascii=False) for row in rows])
    _write_lines(folder / "quality" / "positive.txt", positives())
    _write_lines(folder / "quality" / "negative.txt", negatives())
    held_out = [json.dumps({"text": text}, ensure_ascii=False) for text in unused_paragraphs()]
    _write_lines(folder / "held_out.jsonl", held_out)
    return stored


def main(arguments: list[str]) -> int:
    """Run the command line; 2 for bad usage."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m sample.make OUT_DIR", file=sys.stderr)
        return 2
    stored = make_sample(Path(arguments[0]))
    where = arguments[0]
    print(f"{len(stored)} captures in {FILES} WARC files under {where}/warc; the truth is in {where}/truth.jsonl")
    return 0


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
