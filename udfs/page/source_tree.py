"""Find the elements of a page in its source, for what must be written anew before any parser reads it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from udfs.page.tags import COMMENT, VOID, closes_itself, tags

REACH = 50  # open elements among which the one that an end tag closes is looked for
_CLASSES = re.compile(r"\bclass\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
_TAG = re.compile(rf"{COMMENT}|</?[a-zA-Z][^>]*+(?:>|\Z)", re.DOTALL)
_BREAK = re.compile(r"<br\b[^>]*+>", re.IGNORECASE)
_ENDED_BY = {"li": ("li",), "td": ("td", "th"), "th": ("td", "th"), "tr": ("tr", "td", "th"), "p": ("p",), "div": ("p",)}
Edit = tuple[int, int, str]  # from, to, and the source that takes the place


@dataclass(eq=False)
class Element:
    """An element, and where its tags and its content lie in the source."""

    name: str
    classes: frozenset[str]
    begin: int
    inside: int
    parent: "Element | None"
    place: int  # among its parent's children
    end: int = -1
    behind: int = -1
    children: list["Element"] = field(default_factory=list)


def elements_of(html: str) -> list[Element]:
    """Return the page's elements, in order. What has no end tag ends with what is around it; the cost is linear."""
    root = Element("", frozenset(), 0, 0, None, 0)
    found: list[Element] = []
    stack = [root]

    def close(place: int, end: int, behind: int) -> None:
        for element in stack[place:]:
            element.end = element.behind = end
        stack[place].behind = behind
        del stack[place:]

    for tag, name in tags(html):
        if tag["closing"]:
            for place in range(len(stack) - 1, max(len(stack) - REACH, 1) - 1, -1):
                if stack[place].name == name:
                    close(place, tag.start(), tag.end())
                    break
            continue
        while stack[-1].name in _ENDED_BY.get(name, ()):
            close(len(stack) - 1, tag.start(), tag.start())
        around = stack[-1]
        value = _CLASSES.search(tag["attributes"])
        classes = frozenset((value[1] or value[2] or value[3] or "").lower().split() if value else ())
        element = Element(name, classes, tag.start(), tag.end(), around, len(around.children))
        found.append(element)
        around.children.append(element)
        if name in VOID or closes_itself(tag["attributes"]):
            element.end = element.behind = tag.end()
        else:
            stack.append(element)
    close(0, len(html), len(html))
    return found


def rewritten(html: str, edits: Iterable[Edit]) -> str:
    """Return the source with its edits, which are in order and apart."""
    parts: list[str] = []
    done = 0
    for begin, behind, text in edits:
        parts += (html[done:begin], text)
        done = behind
    return "".join((*parts, html[done:]))


def text_of(source: str) -> str:
    """Return the source without its tags; a line break becomes one, and characters that are written as references stay so."""
    return _TAG.sub("", _BREAK.sub("\n", source))
