"""Lay kept blocks out as text: one line a paragraph, list item or heading, rows as Markdown, code as it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from udfs.blocks import tags
from udfs.blocks.outline import CELL, LINE, SOFT_LINE, SPACE, Outline
from udfs.blocks.page import Page

Format = Literal["text", "markdown"]

_LI, _OL, _TR, _TABLE, _HEAD_CELL = tags.ids_of("li", "ol", "tr", "table", "th")
_DATA_CELL = tags.IDS["td"]
_HEADING = {tags.IDS[f"h{level}"]: "#" * level + " " for level in range(1, 7)}
_LINE, _CELL, _SPACE, _SOFT_LINE = map(chr, (LINE, CELL, SPACE, SOFT_LINE))
_SOFT_LINES = re.compile("\x06*\n\x06*|\x06+")
ITEM_LEVELS = 3  # a list item's first paragraph may lie in elements of its own


@dataclass(frozen=True)
class _Blocks:
    """What the layout asks of a page's blocks and elements, as lists."""

    page: Page
    element: list[int]  # of each block: the innermost around it
    tag: list[int]  # of each element
    parent: list[int]
    first: list[int]  # the first block of each element
    item: dict[int, int]  # of each item of an ordered list: its number; empty unless asked for


def lay_out(page: Page, kept: np.ndarray, *, format: Format) -> str:
    """Return the text of the kept blocks."""
    outline = page.outline
    blocks = _Blocks(
        page,
        outline.gap_element[page.gap].tolist(),
        outline.element_tag.tolist(),
        outline.element_parent.tolist(),
        np.searchsorted(page.gap, outline.element_first).tolist(),
        _item_numbers(outline) if format == "markdown" else {},
    )
    numbers = np.flatnonzero(kept).tolist()
    begins, ends, code = page.begin.tolist(), page.end.tolist(), outline.preformatted[page.gap].tolist()
    all_code = (page.counts["code"] == page.counts["visible"]).tolist()
    lines: list[str] = []
    for place, number in enumerate(numbers):
        raw = page.text[begins[number] : ends[number]].replace("\0", "")
        if code[number]:
            lines += _code(raw, format=format)
        elif _table(blocks, number) >= 0:
            lines += _row(raw)
            if _begins_table(blocks, numbers, place):
                lines.append("|" + "---|" * raw.count(_CELL))
        else:
            plain = raw.replace(_SPACE, " ")
            lines.append(_prefix(blocks, number, format=format) + (_indented if all_code[number] else _paragraph)(plain))
        if format == "markdown" and not _goes_on(blocks, numbers, place):
            lines.append("")
    return "\n".join(lines).strip("\n")


def _paragraph(raw: str) -> str:
    if _LINE not in raw:
        return " ".join(raw.split())
    lines = (" ".join(line.split()) for line in raw.split(_LINE))
    return "\n".join(line for line in lines if line)


def _indented(raw: str) -> str:
    """Lay out code that is not preformatted: the spaces that do not break, before a line, are its indentation."""
    lines = [(line, line[: len(line) - len(line.lstrip())].count("\xa0")) for line in raw.split(_LINE)]
    return "\n".join(" " * indent + " ".join(line.split()) for line, indent in lines if line.strip())


def _code(raw: str, *, format: Format) -> list[str]:
    text = _SOFT_LINES.sub("\n", raw.replace(_LINE, "\n")).replace("\r\n", "\n")
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return ["```", *lines, "```"] if format == "markdown" else lines


def _row(raw: str) -> list[str]:
    plain = raw.replace(_LINE, " ").replace(_SPACE, " ").replace(_SOFT_LINE, " ")
    cells = [" ".join(cell.split()) for cell in plain.split(_CELL)]
    cells = cells if cells[0] else cells[1:]
    return [f"| {' | '.join(cells)} |"]


def _prefix(blocks: _Blocks, number: int, *, format: Format) -> str:
    """Return what stands before a block's text: marks of headings in Markdown, and of list items."""
    element = blocks.element[number]
    if format == "markdown" and (sign := _HEADING.get(blocks.tag[element])):
        return sign
    for _ in range(ITEM_LEVELS):
        if blocks.first[element] != number:
            return ""
        if blocks.tag[element] == _LI:
            return f"{blocks.item[element]}. " if element in blocks.item else "- "
        element = blocks.parent[element]
    return ""


def _item_numbers(outline: Outline) -> dict[int, int]:
    counts: dict[int, int] = {}
    numbers = {}
    for item in np.flatnonzero(outline.element_tag == _LI).tolist():
        parent = int(outline.element_parent[item])
        if outline.element_tag[parent] == _OL:
            counts[parent] = numbers[item] = counts.get(parent, 0) + 1
    return numbers


def _begins_table(blocks: _Blocks, numbers: Sequence[int], place: int) -> bool:
    """Say whether a row is the head of its table: its cells are head cells, and rows of the table follow it alone."""
    here = _table(blocks, numbers[place])
    before = _table(blocks, numbers[place - 1]) if place else -1
    after = _table(blocks, numbers[place + 1]) if place + 1 < len(numbers) else -1
    if here == before or here != after:
        return False
    page = blocks.page
    gap = page.gap[numbers[place]]
    bounds = np.append(page.outline.gap_tag, len(page.tokens.tag))
    cells = page.tokens.tag[bounds[gap] : bounds[gap + 1]]
    return bool((cells == _HEAD_CELL).any()) and not bool((cells == _DATA_CELL).any())


def _table(blocks: _Blocks, number: int) -> int:
    """Return the table that a block is a row of, or -1."""
    element, page = blocks.element[number], blocks.page
    if blocks.tag[element] != _TR or _CELL not in page.text[page.begin[number] : page.end[number]]:
        return -1
    while element and blocks.tag[element] != _TABLE:
        element = blocks.parent[element]
    return element


def _goes_on(blocks: _Blocks, numbers: Sequence[int], place: int) -> bool:
    """Say whether the next block goes on with the same list or table."""
    if place + 1 == len(numbers):
        return True
    one, other = numbers[place : place + 2]
    if blocks.tag[blocks.element[one]] == blocks.tag[blocks.element[other]] == _LI:
        return True
    return _table(blocks, one) == _table(blocks, other) >= 0
