"""Write code whose lines are rows, list items or boxes as preformatted text, without the numbers of its lines.

Sites that show files, and scripts that colour code, make an element of each line. They leave its indentation to a style, which no parser
knows: GitHub and its gists, Gitiles, ViewVC, Doxygen, Crayon, prettify, dp.SyntaxHighlighter.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from udfs.page.tags import COMMENT, VOID, closes_itself, tags

MIN_LINES = 2
MAX_NUMBER = 200  # characters of source that an element with a number has
REACH = 50  # open elements among which the one that an end tag closes is looked for
SIGNS = {  # a page without any of these, beside what they stand with, is not looked at further
    "<": ("lineno", "crayon-line", "code-line"),
    "<td": ("blob-code", "lineNum", "line_num", "line-num", 'class="code"'),
    "<pre": ('class="line"', 'class="ln"'),
    "<ol": ("linenums", "dp-highl"),
}
_CLASSES = re.compile(r"\bclass\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
_CELL = frozenset(
    ["blob-code", "filecontents-linecontents", "vc_file_line_text", "line-content", "line_content", "line-code", "code"]
)
_LIST, _LIST_AROUND = frozenset({"linenums"}), frozenset({"dp-highlighter"})
_BOX = frozenset({"crayon-line", "code-line", "codeline"})
_NUMBERED_BOX = frozenset({"line"})  # a line of code if it has a number, or is preformatted
_NUMBER = re.compile(r"(?:[\w-]+[-_])?line[-_]?n(?:o|os|um|ums|umber|umbers)|blob-num|crayon-num|lnt?")
_TAG = re.compile(rf"{COMMENT}|</?[a-zA-Z][^>]*+(?:>|\Z)", re.DOTALL)
_BREAK = re.compile(r"<br\b[^>]*+>", re.IGNORECASE)
_SPACE = re.compile(r"&nbsp;?|&#160;|&#xa0;|\xa0", re.IGNORECASE)
_COUNT = re.compile(r"\s*+[+\-]?\s*+(\d{0,9})\s*+[|:.]?\s*+")
_COUNTING = "0123456789+-|:. \t\r\n\xa0"
_GROUPS = ("tbody", "thead", "tfoot", "colgroup")
_ENDED_BY = {"li": ("li",), "td": ("td", "th"), "th": ("td", "th"), "tr": ("tr", "td", "th"), "p": ("p",), "div": ("p",)}


@dataclass(eq=False)
class _Element:
    """An element, and where its tags and its content lie in the source."""

    name: str
    classes: frozenset[str]
    begin: int
    inside: int
    parent: "_Element | None"
    place: int  # among its parent's children
    end: int = -1
    behind: int = -1
    children: list["_Element"] = field(default_factory=list)


def with_code_listings(html: str) -> str:
    """Return a page whose listings of code are preformatted; a page without signs of any is returned as it is.

    A listing is a table in which each row has one cell of code beside numbers, a list of numbered lines, or boxes one after another
    that are lines. Classes tell. Numbers of lines go, there and in code that is preformatted already. White space stays as it is.

    >>> cell = '<td class="blob-num">{}</td><td class="blob-code">{}</td>'
    >>> with_code_listings(f"<table><tr>{cell.format(1, 'if a:')}<tr>{cell.format(2, '  <b>return</b>')}</table>")
    '<pre>if a:\\n  return</pre>'
    """
    if not any(beside in html and any(sign in html for sign in signs) for beside, signs in SIGNS.items()):
        return html
    parts: list[str] = []
    done = 0
    for begin, behind, text in _edits(html):
        parts += (html[done:begin], text)
        done = behind
    return "".join((*parts, html[done:]))


def _elements(html: str) -> list[_Element]:
    """Return the page's elements, in order."""
    root = _Element("", frozenset(), 0, 0, None, 0)
    found: list[_Element] = []
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
        element = _Element(name, classes, tag.start(), tag.end(), around, len(around.children))
        found.append(element)
        around.children.append(element)
        if name in VOID or closes_itself(tag["attributes"]):
            element.end = element.behind = tag.end()
        else:
            stack.append(element)
    close(0, len(html), len(html))
    return found


def _edits(html: str) -> Iterator[tuple[int, int, str]]:
    """Yield what takes the place of what, in order: from, to, and the new source."""
    in_pre = done = 0  # where the preformatted text ends that was met last, and what was rewritten
    for element in _elements(html):
        if element.begin < done:
            continue
        within, begin, behind = element.begin < in_pre, element.begin, element.behind
        lines: Sequence[_Element] = ()
        if element.name == "pre":
            in_pre = max(in_pre, behind)
        elif within and _is_number(html, element):
            done = behind
            yield begin, behind, ""
        elif element.name == "table":
            lines = _cells(html, element)
        elif element.name == "ol" and (element.classes & _LIST or (element.parent and element.parent.classes & _LIST_AROUND)):
            lines = [item for item in element.children if item.name == "li"]
        elif _is_line(html, element, within=within):
            lines = _run(html, element, within=within)
            behind = lines[-1].behind
        if len(lines) >= MIN_LINES:
            code = "\n".join(_code(html, lines))
            if _letters(code) == _letters(html[begin:behind]):
                done = behind
                yield begin, behind, code if within else f"<pre>{code}</pre>"


def _cells(html: str, table: _Element) -> list[_Element]:
    """Return the cells of code of a table whose every row has one, beside numbers; none of another table."""
    found: list[_Element] = []
    numbers: list[int] = []  # without a class that says what they are
    for row in (row for child in table.children for row in (child.children if child.name in _GROUPS else (child,))):
        code = [cell for cell in row.children if cell.classes & _CELL]
        others = [(cell, _number(html, cell)) for cell in row.children if cell not in code]
        if row.name != "tr" or len(code) != 1 or any(number is None for _, number in others):
            return []
        found += code
        numbers += [int(number) for cell, number in others if number and not _names_number(cell)]
    counted = numbers == list(range(numbers[0], numbers[0] + len(found))) if numbers else True
    return found if counted and any(len(cell.parent.children) > 1 for cell in found if cell.parent) else []


def _is_line(html: str, box: _Element, *, within: bool) -> bool:
    """Say whether a box is a line of code."""
    if box.name != "div":
        return False
    return bool(box.classes & _BOX) or (bool(box.classes & _NUMBERED_BOX) and (within or bool(_numbers(html, box))))


def _run(html: str, first: _Element, *, within: bool) -> list[_Element]:
    """Return the lines that follow one another, from the first on."""
    found = [first]
    siblings = first.parent.children if first.parent else []
    for place in range(first.place + 1, len(siblings)):
        box = siblings[place]
        if box.name != first.name or html[found[-1].behind : box.begin].strip() or not _is_line(html, box, within=within):
            break
        found.append(box)
    return found


def _code(html: str, lines: Sequence[_Element]) -> list[str]:
    """Return the source of the lines' text; the blank that stands behind every number goes with it."""
    texts, numbered = [], False
    for line in lines:
        numbers = _numbers(html, line)
        numbered |= bool(numbers)
        source = html[numbers[-1].behind if numbers else line.inside : line.end]
        texts.append(_SPACE.sub(" ", _text(source)).strip("\r\n").rstrip())
    if numbered and all(text.startswith(" ") for text in texts if text):
        texts = [text[1:] for text in texts]
    return texts


def _numbers(html: str, line: _Element) -> list[_Element]:
    """Return the numbers before a line's text."""
    found = []
    for child in line.children:
        if _text(html[line.inside : child.begin]).strip(_COUNTING):
            break
        if _is_number(html, child):
            found.append(child)
    return found


def _is_number(html: str, element: _Element) -> bool:
    return _names_number(element) and _number(html, element) is not None


def _names_number(element: _Element) -> bool:
    return any(_NUMBER.fullmatch(name) for name in element.classes)


def _number(html: str, element: _Element) -> str | None:
    """Return the digits that are all of an element's text, or an empty string if it has none."""
    if element.end - element.inside > MAX_NUMBER:
        return None
    count = _COUNT.fullmatch(_SPACE.sub(" ", _text(html[element.inside : element.end])))
    return count[1] if count else None


def _letters(source: str) -> int:
    """Count the letters of a source's text: a rewritten listing keeps all of them."""
    return sum(map(str.isalpha, _SPACE.sub(" ", _text(source))))


def _text(source: str) -> str:
    return _TAG.sub("", _BREAK.sub("\n", source))
