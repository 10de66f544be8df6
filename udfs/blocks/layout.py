"""Lay kept blocks out as text: one line a paragraph, list item or heading, rows as Markdown, code as it stands."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from udfs.blocks import tags
from udfs.blocks.outline import CELL, LINE, SOFT_LINE
from udfs.blocks.page import Page

Format = Literal["text", "markdown"]

_LI, _OL, _TR, _TABLE, _HEAD_CELL = tags.ids_of("li", "ol", "tr", "table", "th")
_DATA_CELL = tags.IDS["td"]
_HEADING = {tags.IDS[f"h{level}"]: "#" * level + " " for level in range(1, 7)}
_SIGNS = {0: None, 1: "<", 2: ">", 5: " "}
_LINES = _SIGNS | {CELL: " ", LINE: "\n", SOFT_LINE: " "}
_CODE = _SIGNS | {CELL: "\t", LINE: "\n", SOFT_LINE: SOFT_LINE}
_ROW = _SIGNS | {LINE: " ", SOFT_LINE: " "}
_SOFT_LINES = re.compile("\x06*\n\x06*|\x06+")
ITEM_LEVELS = 3  # a list item's first paragraph may lie in elements of its own


def lay_out(page: Page, kept: np.ndarray, *, format: Format) -> str:
    """Return the text of the kept blocks."""
    lines: list[str] = []
    numbers = np.flatnonzero(kept).tolist()
    for place, number in enumerate(numbers):
        element = int(page.outline.gap_element[page.gap[number]])
        raw = page.text[page.begin[number] : page.end[number]]
        tag = int(page.outline.element_tag[element])
        if page.outline.preformatted[page.gap[number]]:
            lines += _code(raw, format=format)
        elif tag == _TR and chr(CELL) in raw:
            lines += _row(raw)
            if _begins_table(page, numbers, place):
                lines.append("|" + "---|" * raw.count(chr(CELL)))
        else:
            text = _paragraph(raw)
            if text:
                lines.append(_prefix(page, number, element, format=format) + text)
        if format == "markdown" and not _goes_on(page, numbers, place):
            lines.append("")
    return "\n".join(lines).strip("\n")


def _paragraph(raw: str) -> str:
    lines = (" ".join(line.split()) for line in raw.translate(_LINES).split("\n"))
    return "\n".join(line for line in lines if line)


def _code(raw: str, *, format: Format) -> list[str]:
    text = _SOFT_LINES.sub("\n", raw.translate(_CODE)).replace("\r\n", "\n")
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return ["```", *lines, "```"] if format == "markdown" else lines


def _row(raw: str) -> list[str]:
    cells = [" ".join(cell.split()) for cell in raw.translate(_ROW).split(chr(CELL))]
    cells = cells if cells[0] else cells[1:]
    return [f"| {' | '.join(cells)} |"]


def _prefix(page: Page, number: int, element: int, *, format: Format) -> str:
    """Return what stands before a block's text: marks of headings in Markdown, and of list items."""
    outline = page.outline
    if format == "markdown" and (sign := _HEADING.get(int(outline.element_tag[element]))):
        return sign
    for _ in range(ITEM_LEVELS):
        first = int(page.gap[number])
        if np.any((page.gap >= outline.element_first[element]) & (page.gap < first)):
            return ""
        if outline.element_tag[element] == _LI:
            return _item_mark(page, element) if format == "markdown" else "- "
        element = int(outline.element_parent[element])
    return ""


def _item_mark(page: Page, item: int) -> str:
    parent = page.outline.element_parent[item]
    if page.outline.element_tag[parent] != _OL:
        return "- "
    siblings = (page.outline.element_parent[: item + 1] == parent) & (page.outline.element_tag[: item + 1] == _LI)
    return f"{int(siblings.sum())}. "


def _begins_table(page: Page, numbers: Sequence[int], place: int) -> bool:
    """Say whether a row is the head of its table: its cells are head cells, and rows of the table follow it alone."""
    here = _table(page, numbers[place])
    before = _table(page, numbers[place - 1]) if place else -1
    after = _table(page, numbers[place + 1]) if place + 1 < len(numbers) else -1
    if here < 0 or here == before or here != after:
        return False
    gap = page.gap[numbers[place]]
    bounds = np.append(page.outline.gap_tag, len(page.tokens.tag))
    cells = page.tokens.tag[bounds[gap] : bounds[gap + 1]]
    return bool((cells == _HEAD_CELL).any()) and not bool((cells == _DATA_CELL).any())


def _table(page: Page, number: int) -> int:
    """Return the table that a block is a row of, or -1."""
    outline = page.outline
    element = int(outline.gap_element[page.gap[number]])
    if outline.element_tag[element] != _TR or chr(CELL) not in page.text[page.begin[number] : page.end[number]]:
        return -1
    while element and outline.element_tag[element] != _TABLE:
        element = int(outline.element_parent[element])
    return element or -1


def _goes_on(page: Page, numbers: Sequence[int], place: int) -> bool:
    """Say whether the next block goes on with the same list or table."""
    if place + 1 == len(numbers):
        return True
    one, next_one = (int(page.outline.gap_element[page.gap[number]]) for number in numbers[place : place + 2])
    tag = page.outline.element_tag
    if tag[one] == tag[next_one] == _LI:
        return True
    return _table(page, numbers[place]) == _table(page, numbers[place + 1]) > 0
