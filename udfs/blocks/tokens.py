"""Read flattened markup into arrays: its tags in order, and the text after each of them."""

from dataclasses import dataclass

import numpy as np

from udfs.blocks import tags

_LT, _GT, _SLASH, _HYPHEN = 60, 62, 47, 45
_NAME_ENDS = tuple(np.uint64(ord(sign) * 0x0101010101010101) for sign in " />")
_ONES, _HIGH_BITS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


@dataclass(frozen=True)
class Tokens:
    """The tags of a page in order; all arrays but `data` have one entry a tag. Text i stands between tag i and tag i + 1."""

    data: bytes
    start: np.ndarray  # int64: place of "<" in the data
    end: np.ndarray  # int64: place of ">"
    tag: np.ndarray  # uint8: number in tags.NAMES
    step: np.ndarray  # int8: +1 opens an element, -1 closes one, 0 for an element without content
    depth: np.ndarray  # int32: how many elements are open behind the tag


def read_tokens(data: bytes) -> Tokens:
    """Find the tags in flattened markup."""
    array = np.frombuffer(data + bytes(tags.NAME_BYTES + 1), dtype=np.uint8)
    start, end = _pairs(array)
    closes = array[start + 1] == _SLASH
    name = start + 1 + closes
    tag = tags.numbers(_name_keys(array, name))
    tag[tags.IS_LONG[tag] & (array[np.minimum(name + tags.NAME_BYTES, len(array) - 1)] == _HYPHEN)] = 0  # `template-part`
    empty = (array[end - 1] == _SLASH) | tags.IS_VOID[tag]
    step = np.where(closes, -1, np.where(empty, 0, 1)).astype(np.int8)
    step[closes & tags.IS_VOID[tag]] = 0
    return Tokens(data, start, end, tag, step, np.cumsum(step, dtype=np.int32))


def _pairs(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pair every "<" with the ">" that ends its tag; odd names of attributes may hold further ones."""
    places = np.flatnonzero(array & ~np.uint8(_LT ^ _GT) == _LT)  # the two differ in one bit
    opens = array[places] == _LT
    if len(places) % 2 == 0 and bool(opens[0::2].all()) and not bool(opens[1::2].any()):
        return places[0::2].copy(), places[1::2].copy()
    first = np.concatenate(([True], opens[1:] != opens[:-1])) if len(places) else opens
    places, opens = places[first], opens[first]
    begin = 0 if len(opens) == 0 or opens[0] else 1
    count = (len(places) - begin) // 2
    return places[begin::2][:count], places[begin + 1 :: 2][:count]


def _name_keys(array: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Read eight bytes at each place as one integer, without the byte that ends the name and those behind it."""
    words = np.ndarray(len(array) - tags.NAME_BYTES + 1, dtype="<u8", buffer=array, strides=(1,))[begin]
    ends = np.zeros(len(words), dtype=np.uint64)  # the highest bit of a byte that ends a name; right up to the first such
    for sign in _NAME_ENDS:
        other = words ^ sign
        ends |= (other - _ONES) & ~other & _HIGH_BITS
    first = ends & (~ends + np.uint64(1))
    names: np.ndarray = words & ((first >> np.uint64(7)) - np.uint64(1))
    return names
