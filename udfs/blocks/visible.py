"""Take the text that a reader sees out of flattened markup, with the place of each tag in it."""

from dataclasses import dataclass

import numpy as np

from udfs.blocks import attributes, tags
from udfs.blocks.tokens import Tokens

_NOSCRIPT, _NOFRAMES = tags.ids_of("noscript", "noframes")
(_DIALOG,) = tags.ids_of("dialog")
_PRE, _BUTTON = tags.ids_of("pre", "button")
_RUN, _MOST = 8, 1 << 20  # bytes


@dataclass(frozen=True)
class VisibleText:
    """A page's visible text. Before each tag's text stands one separator, a NUL until somebody marks it."""

    tokens: Tokens  # those left
    data: np.ndarray  # uint8, writable: separators and text, as UTF-8
    place: np.ndarray  # int64, one entry a tag and one for the end: where its separator stands in `data`
    panels: np.ndarray  # int64: where the tags begin that open what a reader opens, such as tabs; places in `tokens.data`


def match(depth: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pair opening with closing tags; both arrays hold only tags of whole elements. Sorted by depth, then by place."""
    order = np.argsort(np.where(step > 0, depth, depth + 1), kind="stable")
    return order[0::2], order[1::2]


def visible_text(tokens: Tokens) -> VisibleText:
    """Leave out what no reader sees: unseen elements, hidden ones, buttons in code, noscript and noframes.

    Noscript or hidden text that outweighs the rest of the page is its content, which a script would show: a long menu may stand
    beside it. It must say something: a few words again and again, hidden below an article, are spam. Tabs and answers that a reader
    opens are kept, and marked: what they hold may be the text, or a menu.
    """
    unseen = np.cumsum(tokens.step * tags.IS_UNSEEN[tokens.tag], dtype=np.int32) > 0
    fallback = _inside(tokens, _NOSCRIPT) | _inside(tokens, _NOFRAMES)
    unseen |= _inside(tokens, _BUTTON) & _inside(tokens, _PRE)  # one within code copies it
    size = np.append(tokens.start[1:], len(tokens.data)) - tokens.end if len(tokens.end) else tokens.end
    data = _behind(tokens, size)
    hidden, panels = attributes.hidden_tags(tokens, dialog=_DIALOG)
    for extra in (fallback, _within(tokens, hidden)):
        if extra.any() and not _outweighs(data, size, extra & ~unseen, ~(extra | unseen)):
            unseen |= extra
    seen, place, left = _cut(tokens, data, size, unseen)
    return VisibleText(left, seen, place, tokens.start[panels])


def _inside(tokens: Tokens, tag: int) -> np.ndarray:
    mine = tokens.tag == tag
    inside: np.ndarray = np.cumsum(tokens.step * mine, dtype=np.int32) > 0 if mine.any() else mine
    return inside


def _within(tokens: Tokens, roots: np.ndarray) -> np.ndarray:
    mask = np.zeros(len(tokens.start), dtype=bool)
    if len(roots) == 0:
        return mask
    full = np.flatnonzero(tokens.step)
    opens, closes = match(tokens.depth[full], tokens.step[full])
    closing = np.zeros(len(tokens.start), dtype=np.int64)
    closing[full[opens]] = full[closes]
    change = np.zeros(len(tokens.start) + 1, dtype=np.int32)
    np.add.at(change, roots, 1)
    np.add.at(change, closing[roots], -1)
    return np.cumsum(change[:-1]) > 0


def _behind(tokens: Tokens, size: np.ndarray) -> np.ndarray:
    """Copy the bytes behind each tag, up to the next; the tag's own last byte is among them."""
    place = np.cumsum(size)
    at = np.repeat(tokens.end + size - place, size)
    at += np.arange(len(at))
    copied: np.ndarray = np.frombuffer(tokens.data, dtype=np.uint8)[at]
    return copied


def _outweighs(data: np.ndarray, size: np.ndarray, extra: np.ndarray, shown: np.ndarray) -> bool:
    """Say whether the text behind some tags is longer than that behind others, white space left out.

    It must also have half as many different runs of 8 bytes at least, in its first MB.
    """
    full = data > 32
    one, other = (data[full & np.repeat(some, size)] for some in (extra, shown))
    return len(one) > len(other) and 2 * _different_runs(one) > _different_runs(other)


def _different_runs(text: np.ndarray) -> int:
    runs = np.lib.stride_tricks.sliding_window_view(np.append(text[:_MOST], np.zeros(_RUN - 1, dtype=np.uint8)), _RUN)
    return len(np.unique(np.ascontiguousarray(runs).view(np.uint64)))


def _cut(tokens: Tokens, data: np.ndarray, size: np.ndarray, unseen: np.ndarray) -> tuple[np.ndarray, np.ndarray, Tokens]:
    """Take out what is unseen; the end tag of what is cut stays, as a tag that means nothing, for the text behind it."""
    ended = np.zeros(len(unseen), dtype=bool)
    ended[1:] = unseen[:-1] & ~unseen[1:]
    kept = np.flatnonzero(~unseen)
    data = data[np.repeat(~unseen, size)] if len(kept) < len(size) else data
    place = np.concatenate(([0], np.cumsum(size[kept])))
    data[place[:-1]] = 0
    tag, step = np.where(ended, 0, tokens.tag)[kept], np.where(ended, 0, tokens.step)[kept]
    left = Tokens(tokens.data, tokens.start[kept], tokens.end[kept], tag, step, tokens.depth[kept])
    return data, place, left
