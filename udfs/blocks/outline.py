"""Divide a page's visible text into blocks, and say in which elements each of them lies."""

from dataclasses import dataclass

import numpy as np

from udfs.blocks import attributes, tags
from udfs.blocks.table_rows import marks_between, rows_of_data
from udfs.blocks.tokens import Tokens
from udfs.blocks.visible import VisibleText, match

# Marks in place of tags inside a block.
LINE, CELL, SPACE, SOFT_LINE = 3, 4, 5, 6
_NEWLINE = 10

_BR, _SPAN = tags.ids_of("br", "span")
_CODE = tags.marked("code kbd samp pre listing xmp plaintext")
_CELLS = tags.marked("td th")
_PRE = tags.marked("pre listing xmp plaintext")
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
    rows = rows_of_data(text, is_block, filled)
    is_block &= ~rows
    joined = _joined_words(text)
    text.data[text.place[joined]] = SPACE
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


def _joined_words(text: VisibleText) -> np.ndarray:
    """Find the end tags of spans whose last word would be joined to another's first: `<span>Soup</span><span>8.50</span>`.

    They are columns that a style sets apart. A small letter stands before, a capital or a figure behind; code has such words.
    """
    tokens, data, place = text.tokens, text.data, text.place
    ends: np.ndarray = np.flatnonzero(
        (tokens.tag[:-1] == _SPAN) & (tokens.step[:-1] == -1) & (tokens.tag[1:] == _SPAN) & (tokens.step[1:] == 1)
    )
    ends = ends[(place[ends + 1] == place[ends] + 1) & (place[ends] > 1) & (place[ends + 1] + 2 < len(data))]
    if len(ends) == 0:
        return ends
    in_code = np.cumsum(tokens.step * _CODE[tokens.tag], dtype=np.int32)
    before, behind = data[place[ends] - 1], data[place[ends + 1] + 1]
    word = (data[place[ends] - 2] | 32 >= ord("a")) & (data[place[ends] - 2] | 32 <= ord("z"))
    small = (before >= ord("a")) & (before <= ord("z")) & word
    other = ((behind >= ord("A")) & (behind <= ord("Z"))) | ((behind >= ord("0")) & (behind <= ord("9")))
    found: np.ndarray = ends[small & other & (in_code[ends] == 0)]
    return found


def _joined(tokens: Tokens, is_block: np.ndarray, kind: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mark the block tags inside elements of a kind that hold only allowed ones, and all tags inside elements of that kind."""
    inner, within = np.zeros(len(tokens.tag), dtype=bool), np.zeros(len(tokens.tag), dtype=bool)
    some = np.flatnonzero(kind[tokens.tag] & (tokens.step != 0))
    if len(some) == 0:
        return inner, within
    opens, closes = (some[side] for side in match(tokens.depth[some], tokens.step[some]))
    refused = np.concatenate(([0], np.cumsum(~allowed[tokens.tag] & (tokens.step > 0))))
    plain = refused[closes] == refused[opens + 1]
    within = marks_between(opens, closes, len(tokens.tag))
    return marks_between(opens[plain], closes[plain], len(tokens.tag)) & is_block & ~_at(opens, len(tokens.tag)), within


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
