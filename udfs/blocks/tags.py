"""Which HTML elements begin a block, which hold no text that a reader sees, and which the features name."""

import numpy as np

NAME_BYTES = 8  # a tag is known by its first eight bytes, so that names are compared as one integer

# From what mostly holds text to what mostly holds menus: trees ask whether a tag's number is above a bound.
_BLOCK = """
p blockquote pre listing xmp plaintext figcaption caption tr td th tbody thead tfoot table dd dt dl li ol ul dir h1 h2 h3 h4 h5 h6 hgroup
summary details legend fieldset article main section div center address figure noscript body html hr header form dialog aside footer nav
menu search noframes frameset
"""
_UNSEEN = """
annotation applet area audio base basefont canvas col colgroup datalist embed frame head iframe input link map meta noembed object
optgroup option param rp script select source style svg template textarea title track video
"""
_VOID = "area base basefont br col embed frame hr img input link meta param source track wbr"
_INLINE = "a b big button cite code del em font i img kbd label math q s samp small span strong sub sup time u br wbr"

NAMES = ("", *_BLOCK.split(), *sorted({*_UNSEEN.split(), *_VOID.split(), *_INLINE.split()} - {*_BLOCK.split()}))
IDS = {name: number for number, name in enumerate(NAMES)}


def key(name: str) -> int:
    """Return the first eight bytes of a tag's name as an integer."""
    return int.from_bytes(name.encode("ascii")[:NAME_BYTES].ljust(NAME_BYTES, b"\0"), "little")


def ids_of(*names: str) -> tuple[int, ...]:
    """Return the numbers of tags by their names."""
    return tuple(IDS[name] for name in names)


def marked(names: str) -> np.ndarray:
    """Return an array over tag numbers that is True for the names."""
    table = np.zeros(len(NAMES), dtype=bool)
    table[[IDS[name] for name in names.split()]] = True
    return table


IS_BLOCK = marked(_BLOCK)
IS_UNSEEN = marked(_UNSEEN)
IS_VOID = marked(_VOID)
IS_LONG = np.array([len(name) >= NAME_BYTES for name in NAMES])  # of a name that an unknown element's may begin with
_BY_KEY = sorted((key(name), number) for number, name in enumerate(NAMES) if name)
SORTED_KEYS = np.array([one for one, _ in _BY_KEY], dtype=np.uint64)
SORTED_IDS = np.array([number for _, number in _BY_KEY], dtype=np.uint8)


def numbers(keys: np.ndarray) -> np.ndarray:
    """Return the tag numbers of name keys; 0 stands for every unknown element, which browsers show like a span."""
    place = np.minimum(np.searchsorted(SORTED_KEYS, keys), len(SORTED_KEYS) - 1)
    return np.where(SORTED_KEYS[place] == keys, SORTED_IDS[place], np.uint8(0))
