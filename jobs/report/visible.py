"""Makes text from the web safe to look at: what a browser would hide, reorder or refuse becomes visible or goes."""

_CONTROLS = [c for c in (*range(0x20), *range(0x7F, 0xA0)) if chr(c) not in "\n\t"]
_REORDERING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]  # embeddings, overrides, isolates
_INVISIBLE_MARKS = [0x200E, 0x200F, 0x061C]  # left-to-right, right-to-left and Arabic letter mark: common and harmless
_SURROGATES = range(0xD800, 0xE000)  # alone they cannot be written as UTF-8
_NONCHARACTERS = [0xFFFE, 0xFFFF, *range(0xFFF9, 0xFFFC)]

_TABLE: dict[int, str | None] = {
    **dict.fromkeys((*_CONTROLS, *_REORDERING, *_SURROGATES, *_NONCHARACTERS), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(_INVISIBLE_MARKS, None),
}


def visible(text: str) -> str:
    r"""Return the text without control characters, bidirectional overrides and lone surrogates.

    Says nothing about markup: escaping is the template's business.

    >>> visible("evil\u202egpj.exe\x00")
    'evil\ufffdgpj.exe\ufffd'
    """
    return text.replace("\r\n", "\n").translate(_TABLE)


def cut(text: str, length: int) -> str:
    """Return the text, shortened with an ellipsis if it is longer than `length` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"
