"""Find the tags of a page as an HTML tokenizer does: not those in comments, attributes, scripts and other raw text.

It serves where a parser cannot: before the charset is known, and before a page is fit to be parsed.
"""

import re
from collections.abc import Iterable, Iterator

# Elements whose content is no markup for a browser that runs scripts.
RAW = frozenset({"script", "style", "textarea", "title", "iframe", "noscript", "noframes", "noembed", "xmp"})
VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)

# Possessive and atomic throughout: linear in the page, whatever it holds.
_ATTRIBUTES = r"(?P<attributes>(?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))*+)(?:>|\Z)"
ELEMENT_TAG = rf"<(?P<closing>/)?+(?P<name>[a-zA-Z][^\s/>]*+){_ATTRIBUTES}"
COMMENT = r"<!--(?:-?>|(?>.*?(?:--!?>|\Z)))"
_TAG = re.compile(rf"{COMMENT}|<[!?][^>]*+>?|{ELEMENT_TAG}", re.DOTALL)
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in RAW}


def element_tag_of(names: Iterable[str]) -> str:
    """Return the pattern of a tag of these elements alone, with the groups of ELEMENT_TAG."""
    return rf"<(?P<closing>/)?+(?P<name>{'|'.join(sorted(names))})(?=[\s/>]){_ATTRIBUTES}"


def tags(text: str, *, raw: frozenset[str] = RAW) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the tags of elements in order, each with its lower-case name; what stands in an element of `raw` is passed over.

    >>> [name for _, name in tags('<!-- <p> --><script>"<b>"</script><a title=">"><br/>')]
    ['script', 'script', 'a', 'br']
    """
    position = 0
    while (found := _TAG.search(text, position)) is not None:
        position = found.end()
        if found["name"] is None:
            continue
        name = found["name"].lower()
        yield found, name
        if name in raw and not found["closing"]:
            position = end_of_raw(text, name, position)


def end_of_raw(text: str, name: str, position: int) -> int:
    """Return where the end tag of a raw element begins, or the text's length."""
    end = _ENDS[name].search(text, position)
    return end.start() if end else len(text)


def closes_itself(attributes: str) -> bool:
    """Say whether the inside of a start tag ends in a slash, and not in a value without quotes that ends in one."""
    if not attributes.endswith("/"):
        return False
    last = attributes[:-1].rpartition(" ")[2]
    return "=" not in last or last.endswith(("'", '"'))
