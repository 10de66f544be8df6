"""List a page's blocks with numbers, for a reader to mark the main text, and keep what was marked without the page's text.

    python -m bench.extraction.read_blocks PAGE.html
    python -m bench.extraction.read_blocks PAGE.html --kept 12-40,43

The first command prints the blocks, the second the marks for a row of read_pages.jsonl (gold_read.py).

A mark is the hash of a block's words. So the file of marks holds no text, and marks stay right when a page's other blocks are read
otherwise.
"""

import argparse
import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.extraction.block_characters import character_bits
from bench.extraction.block_labels import aligned
from bench.extraction.block_rows import block_texts, blocks_of
from bench.extraction.score import tokens
from udfs.blocks import tags
from udfs.blocks.characters import character_table
from udfs.blocks.page import Page
from udfs.page.extractor import PageRequest

MARK_BYTES = 3
LINE_CHARACTERS = 90
NAMED_ELEMENTS = 3
_NAME = re.compile(rb" (class|id)=\"\s*([^\"\s]{1,24})")
_NAMES = {number: name for name, number in tags.IDS.items()}


def numbered(page: Page) -> str:
    """List a page's blocks: number, L of a block that is mostly a link, the text's beginning, and how many words a cut text has.

    A line with @ comes before blocks of other elements than those before. It names the innermost, with the first class and id of each.
    """
    lines: list[str] = []
    around = ""
    for number, text in enumerate(block_texts(page)):
        here = _elements(page, int(page.outline.gap_element[page.gap[number]]))
        if here != around:
            lines.append(f"@ {here}")
            around = here
        plain = " ".join(text.split())
        cut = f"{plain[:LINE_CHARACTERS]}… ({page.counts['words'][number]} words)" if len(plain) > LINE_CHARACTERS else plain
        lines.append(f"{number}{'L' if page.linked_share[number] > 0.5 else ''} {cut}")
    return "\n".join(lines)


def _elements(page: Page, element: int) -> str:
    names: list[str] = []
    while element > 0 and len(names) < NAMED_ELEMENTS:
        names.append(_name(page, element))
        element = int(page.outline.element_parent[element])
    return ">".join(reversed(names))


def _name(page: Page, element: int) -> str:
    opens = int(page.outline.element_open[element])
    source = page.tokens.data[int(page.tokens.start[opens]) : int(page.tokens.end[opens])]
    named = {key: value.decode("utf-8", "replace") for key, value in _NAME.findall(source)}
    return _NAMES[int(page.outline.element_tag[element])] + "".join(
        sign + named[key] for key, sign in ((b"class", "."), (b"id", "#")) if key in named
    )


def marks_of(page: Page, kept: Sequence[int]) -> str:
    """Return the marks of the blocks that a reader kept, by their numbers in order: MARK_BYTES each, in base64."""
    marks = _hashes(page)
    return base64.b64encode(b"".join(marks[number] for number in kept)).decode("ascii")


def split_marks(marks: str) -> list[bytes]:
    """Take marks apart."""
    raw = base64.b64decode(marks)
    return [raw[at : at + MARK_BYTES] for at in range(0, len(raw), MARK_BYTES)]


def kept_by(page: Page, marks: str) -> tuple[np.ndarray, int]:
    """Return which blocks of a page are marked (bool), and how many marks no block has.

    Of equal blocks the latest that keep the order are taken: on 1,278 pages 173 of 219,180 blocks differ from what was marked.
    """
    wanted = split_marks(marks)
    found: np.ndarray = np.array(aligned(_hashes(page), wanted), dtype=np.bool_)
    return found, len(wanted) - int(found.sum())


def _hashes(page: Page) -> list[bytes]:
    return [hashlib.blake2b(" ".join(tokens(text)).encode(), digest_size=MARK_BYTES).digest() for text in block_texts(page)]


def _numbers(ranges: str) -> Iterator[int]:
    for piece in ranges.split(","):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last or first) + 1)


def main() -> None:
    """Print the blocks of a page, or the marks of those that were kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("page", type=Path, help="a file of HTML")
    parser.add_argument("--kept", help="numbers of blocks that are main text, such as 12-40,43")
    chosen = parser.parse_args()
    page = blocks_of(PageRequest(chosen.page.read_bytes(), "text/html", None), character_table(character_bits()))
    if page is None:
        parser.exit(1, f"{chosen.page}: nothing is visible on this page\n")
    print(marks_of(page, list(_numbers(chosen.kept))) if chosen.kept else numbered(page))


if __name__ == "__main__":
    main()
