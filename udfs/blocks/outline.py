"""Divide a page's visible text into blocks, and say in which elements each of them lies."""

import re
from dataclasses import dataclass

import numpy as np

from udfs.blocks import attributes, tags
from udfs.blocks.tokens import Tokens
from udfs.blocks.visible import VisibleText, match

# Marks in place of tags inside a block.
LINE, CELL, SPACE, SOFT_LINE = 3, 4, 5, 6
_NEWLINE = 10

MAX_SIMPLE_CELL = 250  # visible bytes: a cell with paragraphs that is longer belongs to a layout, not to a table of data
MAX_ROW = 3000
_TAGS = re.compile(rb"<[^>]*+>|\s++")
_BR, _TR, _TABLE, _HEAD_CELL = tags.ids_of("br", "tr", "table", "th")
_CELLS = tags.marked("td th")
_PRE = tags.marked("pre listing xmp plaintext")
_NOT_IN_ROW = tags.marked("table h1 h2 h3 h4 h5 h6 pre form blockquote figure article section header footer nav")
_NOT_IN_PRE = tags.marked("table h1 h2 h3 h4 h5 h6 pre form article section header footer nav p")


@dataclass(frozen=True)
class Outline:
    """Gaps between block tags, in order, and the tree of block elements. Element 0 is the page itself."""

    gap_tag: np.ndarray  # the block tag before each gap (its place among the page's tags)
    gap_begin: np.ndarray  # where the gap's text begins in the data, its separator included
    gap_end: np.ndarray
    gap_element: np.ndarray  # the innermost block element around each gap
    element_tag: np.ndarray  # uint8: number in tags.NAMES
    element_open: np.ndarray  # the page's tag that opens it; -1 for the page
    element_parent: np.ndarray
    element_first: np.ndarray  # its gaps are first … last - 1
    element_last: np.ndarray
    preformatted: np.ndarray  # bool, one a gap: white space counts


def divide(text: VisibleText) -> Outline:
    """Find the block tags of a page, join what belongs in one block, and mark the tags inside of blocks."""
    tokens = text.tokens
    is_block = tags.IS_BLOCK[tokens.tag]
    filled = _bytes_before(text)
    pre, in_pre = _joined(tokens, is_block, _PRE, ~_NOT_IN_PRE)
    is_block &= ~pre
    if in_pre.any():
        _mark_lines(text, in_pre, pre)
    rows, _ = _rows(tokens, is_block, filled)
    is_block &= ~rows
    breaks = np.flatnonzero(tokens.tag == _BR)
    text.data[text.place[breaks]] = LINE
    splits = np.zeros(len(tokens.tag), dtype=bool)
    if len(breaks) > 1:
        empty = filled[breaks[1:]] == filled[breaks[:-1] + 1]
        splits[breaks[1:][empty]] = True
        splits &= ~(rows | in_pre)
    text.data[text.place[np.flatnonzero(rows)]] = SPACE
    text.data[text.place[np.flatnonzero(rows & _CELLS[tokens.tag] & (tokens.step >= 0))]] = CELL
    return _outline(text, np.flatnonzero(is_block | splits), in_pre)


def _bytes_before(text: VisibleText) -> np.ndarray:
    """Count the visible bytes before each tag's text; one entry more for the end."""
    before = np.zeros(len(text.data) + 1, dtype=np.int32)
    np.cumsum(text.data > 32, dtype=np.int32, out=before[1:])
    counted: np.ndarray = before[text.place]
    return counted


def _joined(tokens: Tokens, is_block: np.ndarray, kind: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mark the block tags inside elements of a kind that hold only allowed ones, and all tags inside elements of that kind."""
    inner, within = np.zeros(len(tokens.tag), dtype=bool), np.zeros(len(tokens.tag), dtype=bool)
    some = np.flatnonzero(kind[tokens.tag] & (tokens.step != 0))
    if len(some) == 0:
        return inner, within
    opens, closes = (some[side] for side in match(tokens.depth[some], tokens.step[some]))
    refused = np.concatenate(([0], np.cumsum(~allowed[tokens.tag] & (tokens.step > 0))))
    plain = refused[closes] == refused[opens + 1]
    within = _between(opens, closes, len(tokens.tag))
    return _between(opens[plain], closes[plain], len(tokens.tag)) & is_block & ~_at(opens, len(tokens.tag)), within


def _rows(tokens: Tokens, is_block: np.ndarray, filled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mark the block tags inside rows of data: two cells with text or more, none of them long and divided."""
    count = len(tokens.tag)
    rows = np.flatnonzero((tokens.tag == _TR) & (tokens.step != 0) & is_block)
    cells = np.flatnonzero(_CELLS[tokens.tag] & (tokens.step != 0) & is_block)
    none = np.zeros(count, dtype=bool)
    if len(rows) == 0 or len(cells) == 0:
        return none, none
    opens, closes = (rows[side] for side in match(tokens.depth[rows], tokens.step[rows]))
    order = np.argsort(opens)
    opens, closes = opens[order], closes[order]
    cell_opens, cell_closes = (cells[side] for side in match(tokens.depth[cells], tokens.step[cells]))
    size = filled[cell_closes] - filled[cell_opens]
    blocks = np.concatenate(([0], np.cumsum(is_block & (tokens.step > 0))))
    divided = blocks[cell_closes] - blocks[cell_opens + 1] > 0
    row = np.searchsorted(opens, cell_opens) - 1
    of_row = (row >= 0) & (cell_opens < closes[np.maximum(row, 0)])
    full = np.bincount(row[of_row & (size > 0)], minlength=len(opens))
    long = np.bincount(row[of_row & divided & (size > MAX_SIMPLE_CELL)], minlength=len(opens))
    refused = np.concatenate(([0], np.cumsum(_NOT_IN_ROW[tokens.tag] & (tokens.step > 0))))
    text = tokens.data
    numbers = [
        place
        for place in np.flatnonzero(of_row & divided & (size > 0) & (size <= MAX_SIMPLE_CELL)).tolist()
        if _TAGS.sub(b"", text[int(tokens.start[cell_opens[place]]) : int(tokens.start[cell_closes[place]])]).isdigit()
    ]
    long[row[numbers]] = 1  # a column of numbers beside the lines of code
    plain = (long == 0) & (refused[closes] == refused[opens]) & (filled[closes] - filled[opens] <= MAX_ROW)
    good = plain & (full > 1)
    cells_before = np.concatenate(([0], np.cumsum(_CELLS[tokens.tag] & (tokens.step >= 0))))
    level, several = tokens.depth[opens], cells_before[closes] - cells_before[opens] > 1
    beside = np.zeros(len(opens), dtype=bool)  # a row of the same table, as far as its level tells
    beside[1:] = good[:-1] & (level[1:] == level[:-1])
    beside[:-1] |= good[1:] & (level[1:] == level[:-1])
    good |= plain & (full == 1) & several & beside
    inside = _between(opens[good], closes[good], count)
    return inside & is_block & ~_at(opens, count), inside


def _between(opens: np.ndarray, closes: np.ndarray, count: int) -> np.ndarray:
    change = np.zeros(count + 1, dtype=np.int32)
    np.add.at(change, opens, 1)
    np.add.at(change, closes, -1)
    return np.cumsum(change[:-1]) > 0


def _at(places: np.ndarray, count: int) -> np.ndarray:
    mask = np.zeros(count, dtype=bool)
    mask[places] = True
    return mask


def _mark_lines(text: VisibleText, in_pre: np.ndarray, pre: np.ndarray) -> None:
    """Mark the ends of lines that are elements of preformatted text."""
    lines, tokens = np.flatnonzero(pre), text.tokens
    styled = attributes.block_styled_tags(tokens)
    called = attributes.line_classed_tags(tokens)
    called = called[in_pre[called]]
    if len(called) > 1 and _NEWLINE not in text.data[text.place[called[0]] : text.place[called[-1]]].tolist():
        styled = np.union1d(styled, called)
    styled = styled[in_pre[styled]]
    if len(styled):
        full = np.flatnonzero(tokens.step)
        opens, closes = match(tokens.depth[full], tokens.step[full])
        closing = dict(zip(full[opens].tolist(), full[closes].tolist(), strict=True))
        lines = np.concatenate((lines, styled, [closing[tag] for tag in styled.tolist()])).astype(np.int64)
    text.data[text.place[lines]] = SOFT_LINE


def _outline(text: VisibleText, gaps: np.ndarray, in_pre: np.ndarray) -> Outline:
    """Build the tree of block elements by sorting: nothing depends on how deep it is."""
    tokens = text.tokens
    step, total = tokens.step[gaps].astype(np.int64), len(gaps)
    depth = np.cumsum(step)
    opens, closes = match(depth, step) if (step == 0).sum() == 0 else _match_some(depth, step)
    order = np.argsort(opens, kind="stable")
    by_level, level = opens, depth[opens]  # sorted by level, then by place
    opens, closes = opens[order], closes[order]
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(1, len(order) + 1)  # the element of each entry of by_level
    keys = level * (total + 1) + by_level

    def innermost(at: np.ndarray, depths: np.ndarray) -> np.ndarray:
        place = np.searchsorted(keys, depths * (total + 1) + at, side="right") - 1
        return np.where(depths > 0, number[np.maximum(place, 0)] if len(number) else 0, 0)

    here = np.arange(total)
    return Outline(
        gap_tag=gaps,
        gap_begin=text.place[gaps],
        gap_end=np.append(text.place[gaps[1:]], len(text.data)),
        gap_element=innermost(here, depth),
        element_tag=np.concatenate(([0], tokens.tag[gaps[opens]])).astype(np.uint8),
        element_open=np.concatenate(([-1], gaps[opens])),
        element_parent=np.concatenate(([0], innermost(opens, depth[opens] - 1))),
        element_first=np.concatenate(([0], opens)),
        element_last=np.concatenate(([total], closes)),
        preformatted=in_pre[gaps],
    )


def _match_some(depth: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    full = np.flatnonzero(step)
    opens, closes = match(depth[full], step[full])
    return full[opens], full[closes]
