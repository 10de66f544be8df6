"""Write code whose lines are rows, list items or boxes as preformatted text, without the numbers of its lines.

Sites that show files, and scripts that colour code, make an element of each line. They leave its indentation to a style, which no parser
knows: GitHub and its gists, Gitiles, Doxygen, Crayon, prettify, dp.SyntaxHighlighter.
"""

import re
from collections.abc import Iterator, Sequence

from udfs.page.source_signs import CODE, Signs
from udfs.page.source_tree import Edit, Element, elements_of, rewritten, text_of

MIN_LINES = 2
MAX_NUMBER = 200  # characters of source that an element with a number has
_CELL = frozenset(["blob-code", "filecontents-linecontents", "line-content", "line_content", "line-code", "code"])
_LIST, _LIST_AROUND = frozenset({"linenums"}), frozenset({"dp-highlighter"})
_BOX = frozenset({"crayon-line"})
_NUMBERED_BOX = frozenset({"line"})  # a line of code if it has a number, or is preformatted
_NUMBER = re.compile(r"(?:[\w-]+[-_])?line[-_]?n(?:o|os|um|ums|umber|umbers)|blob-num|crayon-num|lnt?")
_SPACE = re.compile(r"&nbsp;?|&#160;|&#xa0;|\xa0", re.IGNORECASE)
_COUNT = re.compile(r"\s*+[+\-]?\s*+(\d{0,9})\s*+[|:.]?\s*+")
_COUNTING = "0123456789+-|:. \t\r\n\xa0"
_GROUPS = ("tbody", "thead", "tfoot", "colgroup")


def with_code_listings(html: str, signs: Signs) -> str:
    """Return a page whose listings of code are preformatted; a page of which no sign tells of any is unchanged.

    A listing is a table in which each row has one cell of code beside numbers, a list of numbered lines, or boxes one after another
    that are lines. Classes tell. Numbers of lines go, there and in code that is preformatted already. White space stays as it is.

    >>> cell = '<td class="blob-num">{}</td><td class="blob-code">{}</td>'
    >>> with_code_listings(f"<table><tr>{cell.format(1, 'if a:')}<tr>{cell.format(2, '  <b>return</b>')}</table>", CODE)
    '<pre>if a:\\n  return</pre>'
    """
    return html if signs.isdisjoint(CODE) else rewritten(html, _edits(html))


def _edits(html: str) -> Iterator[Edit]:
    """Yield the listings and numbers that are written anew, in order."""
    in_pre = done = 0  # where the preformatted text ends that was met last, and what was rewritten
    for element in elements_of(html):
        if element.begin < done:
            continue
        within, begin, behind = element.begin < in_pre, element.begin, element.behind
        lines: Sequence[Element] = ()
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


def _cells(html: str, table: Element) -> list[Element]:
    """Return the cells of code of a table whose every row has one, beside numbers; none of another table."""
    found: list[Element] = []
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


def _is_line(html: str, box: Element, *, within: bool) -> bool:
    """Say whether a box is a line of code."""
    if box.name != "div":
        return False
    return bool(box.classes & _BOX) or (bool(box.classes & _NUMBERED_BOX) and (within or bool(_numbers(html, box))))


def _run(html: str, first: Element, *, within: bool) -> list[Element]:
    """Return the lines that follow one another, from the first on."""
    found = [first]
    siblings = first.parent.children if first.parent else []
    for place in range(first.place + 1, len(siblings)):
        box = siblings[place]
        if box.name != first.name or html[found[-1].behind : box.begin].strip() or not _is_line(html, box, within=within):
            break
        found.append(box)
    return found


def _code(html: str, lines: Sequence[Element]) -> list[str]:
    """Return the source of the lines' text; the blank that stands behind every number goes with it."""
    texts, numbered = [], False
    for line in lines:
        numbers = _numbers(html, line)
        numbered |= bool(numbers)
        source = html[numbers[-1].behind if numbers else line.inside : line.end]
        texts.append(_SPACE.sub(" ", text_of(source)).strip("\r\n").rstrip())
    if numbered and all(text.startswith(" ") for text in texts if text):
        texts = [text[1:] for text in texts]
    return texts


def _numbers(html: str, line: Element) -> list[Element]:
    """Return the numbers before a line's text."""
    found = []
    for child in line.children:
        if text_of(html[line.inside : child.begin]).strip(_COUNTING):
            break
        if _is_number(html, child):
            found.append(child)
    return found


def _is_number(html: str, element: Element) -> bool:
    return _names_number(element) and _number(html, element) is not None


def _names_number(element: Element) -> bool:
    return any(_NUMBER.fullmatch(name) for name in element.classes)


def _number(html: str, element: Element) -> str | None:
    """Return the digits that are all of an element's text, or an empty string if it has none."""
    if element.end - element.inside > MAX_NUMBER:
        return None
    count = _COUNT.fullmatch(_SPACE.sub(" ", text_of(html[element.inside : element.end])))
    return count[1] if count else None


def _letters(source: str) -> int:
    """Count the letters of a source's text: a rewritten listing keeps all of them."""
    return sum(map(str.isalpha, _SPACE.sub(" ", text_of(source))))
