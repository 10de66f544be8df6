"""Find the rows of tables of data, and tell them from those that lay out a page."""

import re

import numpy as np

from udfs.blocks import tags
from udfs.blocks.visible import VisibleText, match

MAX_SIMPLE_CELL = 250  # visible bytes: a cell with paragraphs that is longer belongs to a layout, not to a table of data
MAX_ROW = 3000
_TAGS = re.compile(rb"<[^>]*+>|\s++")
_TR, _HEAD_CELL = tags.ids_of("tr", "th")
_CELLS = tags.marked("td th")
_HEADINGS = tags.marked("h2 h3 h4 h5 h6")  # the first names the page, in a table that lays it out
_PRE = tags.marked("pre listing xmp")
_NOT_IN_ROW = tags.marked("table h1 h2 h3 h4 h5 h6 pre listing xmp form blockquote figure article section header footer nav")


def rows_of_data(text: VisibleText, is_block: np.ndarray, filled: np.ndarray) -> np.ndarray:
    """Mark the block tags inside rows of data: two cells with text or more, none of them long and divided.

    `filled` counts the visible bytes before each tag's text.
    """
    tokens, count = text.tokens, len(text.tokens.tag)
    rows = np.flatnonzero((tokens.tag == _TR) & (tokens.step != 0) & is_block)
    cells = np.flatnonzero(_CELLS[tokens.tag] & (tokens.step != 0) & is_block)
    none = np.zeros(count, dtype=bool)
    if len(rows) == 0 or len(cells) == 0:
        return none
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
    whole, headed = _whole_cells(text, filled, cell_opens, cell_closes)
    lone = np.bincount(row[of_row & headed & (tokens.tag[cell_opens] != _HEAD_CELL)], minlength=len(opens)) >= full
    refused = np.concatenate(([0], np.cumsum(_NOT_IN_ROW[tokens.tag] & (tokens.step > 0) & ~whole)))
    numbers = [
        place
        for place in np.flatnonzero(of_row & divided & ~headed & (size > 0) & (size <= MAX_SIMPLE_CELL)).tolist()
        if _TAGS.sub(b"", tokens.data[int(tokens.start[cell_opens[place]]) : int(tokens.start[cell_closes[place]])]).isdigit()
    ]
    long[row[numbers]] = 1  # a column of numbers beside the lines of code
    plain = (long == 0) & ~lone & (refused[closes] == refused[opens]) & (filled[closes] - filled[opens] <= MAX_ROW)
    good = plain & (full > 1)
    cells_before = np.concatenate(([0], np.cumsum(_CELLS[tokens.tag] & (tokens.step >= 0))))
    level, several = tokens.depth[opens], cells_before[closes] - cells_before[opens] > 1
    beside = np.zeros(len(opens), dtype=bool)  # a row of the same table, as far as its level tells
    beside[1:] = good[:-1] & (level[1:] == level[:-1])
    beside[:-1] |= good[1:] & (level[1:] == level[:-1])
    good |= plain & (full == 1) & several & beside
    inside: np.ndarray = marks_between(opens[good], closes[good], count) & is_block
    inside[opens] = False
    return inside


def _whole_cells(
    text: VisibleText, filled: np.ndarray, cell_opens: np.ndarray, cell_closes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mark the tags that open a heading or one line of code that is all of a short cell, and the cells of such headings."""
    tokens = text.tokens
    whole, headed = np.zeros(len(tokens.tag), dtype=bool), np.zeros(len(cell_opens), dtype=bool)
    some = np.flatnonzero((_HEADINGS | _PRE)[tokens.tag] & (tokens.step != 0))
    if len(some) == 0:
        return whole, headed
    opens, closes = (some[side] for side in match(tokens.depth[some], tokens.step[some]))
    order = np.argsort(cell_opens)
    cell = order[np.searchsorted(cell_opens, opens, sorter=order) - 1]
    size = filled[closes] - filled[opens]
    alone = (
        (cell_opens[cell] < opens)
        & (closes < cell_closes[cell])
        & (size == filled[cell_closes[cell]] - filled[cell_opens[cell]])
    )
    alone &= (size > 0) & (size <= MAX_SIMPLE_CELL)
    for place in np.flatnonzero(alone & _PRE[tokens.tag[opens]]).tolist():
        data = text.data[text.place[opens[place]] : text.place[closes[place]]].tobytes()
        alone[place] = b"\n" not in data.strip(b"\0\n\r\t ")
    whole[opens[alone]] = True
    headed[cell[alone & _HEADINGS[tokens.tag[opens]]]] = True
    return whole, headed


def marks_between(opens: np.ndarray, closes: np.ndarray, count: int) -> np.ndarray:
    """Mark so many tags that stand behind an opening one and before the closing one."""
    change = np.zeros(count + 1, dtype=np.int32)
    np.add.at(change, opens, 1)
    np.add.at(change, closes, -1)
    return np.cumsum(change[:-1]) > 0
