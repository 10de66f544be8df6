"""Rewrite a page's tree before trafilatura reads it, so that it keeps what a reader sees in the text and nothing that is hidden.

trafilatura tells content by the names and classes of elements. This pass gives an element another name, or drops its class, where the
element's place says more than its name: a time, a button or a label within a sentence, a box without fields, an aside between paragraphs.
"""

import re
from collections.abc import Iterable

from lxml.etree import strip_tags
from lxml.html import HtmlElement

from udfs.page.element_names import HTML_NAMES, INLINE_NAMES

MIN_SENTENCE_CHARACTERS = 12  # of text beside an element, for it to stand within a sentence
MIN_PARAGRAPH_CHARACTERS = 60
MAX_LINK_SHARE = 0.3
MIN_SHOWN_TIMES = 5  # what is hidden goes if the page has so many times its text
MAX_CELL_CHARACTERS = 300  # of a cell whose list becomes one line; a longer one is layout

_FLOWS = ("p", "li", "td", "th", "dd", "dt", "blockquote", "figcaption", "caption", "h1", "h2", "h3", "h4", "h5", "h6")
_CELLS = ("td", "th", "dt", "dd")
_PARAGRAPHS = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "blockquote", "table", "figure"})
_FIELDS = ("input", "select", "textarea")
_UNLUCKY = re.compile(
    r"shar|social|viral|newsletter|syndication|cookie|consent|gdpr|privacy|tags|sidebar|banner|bread-?crumb|button|author|footer|nav|menu"
    r"|related|premium|ad-|-ad|sponsor|promo|subscri|bar|widget|byline|sociable|embed|permission|elated|next-|-stories|popular|more-on|meta"
    r"|rating|attachment|timestamp|user-|-icon|slide|viewport|overlay|options|expand|message|comment|teaser|suggest|print|hide|recommend|link",
    re.IGNORECASE,
)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table)\b", re.IGNORECASE)
_LINE_CLASS = re.compile(r"(?:^|[\s-])line(?:\s|$)")


def mend(tree: HtmlElement) -> None:
    """Rewrite a whole page's tree in place, in one to two milliseconds for a page of the web.

    1. Templates and what has the attribute hidden go, unless they hold a good part of the page.
    2. Unknown elements become span or div. Times, buttons, labels and formulas in a sentence become span.
    3. Boxes and forms without fields, figures of code or quotations, and asides between paragraphs become div.
    4. Code keeps its lines, tables that lay out paragraphs become div, and lists in cells of other tables become one line.
    5. Paragraphs lose classes by which trafilatura would discard them.
    """
    _drop_hidden(tree)
    _name_unknown(tree)
    _keep_in_sentences(tree)
    _open_boxes(tree)
    _keep_code(tree)
    _open_layout(tree)
    _flatten_cells(tree)
    _clear_paragraphs(tree)


def _drop_hidden(tree: HtmlElement) -> None:
    """Drop templates and hidden elements, unless they hold a good part of the page: then a script would show them."""
    hidden = [element for element in tree.iter("template") if element.get("shadowrootmode") is None]
    hidden += [element for element in tree.xpath(".//*[@hidden]") if element.get("hidden") != "until-found"]
    hidden = [element for element in hidden if element.tag not in ("html", "body")]
    if hidden and MIN_SHOWN_TIMES * sum(map(_shown_size, hidden)) < _shown_size(tree):
        for element in hidden:
            _drop(element)


def _shown_size(tree: HtmlElement) -> int:
    """Count the characters of text in an element, without scripts and styles."""
    unseen = sum(_size(element.itertext()) for element in tree.iter("script", "style"))
    return _size(tree.itertext()) - unseen


def _name_unknown(tree: HtmlElement) -> None:
    """Call an unknown element span within a line of text, p if it is a line of text itself, and div otherwise."""
    for element in [element for element in tree.iter() if element.tag not in HTML_NAMES and isinstance(element.tag, str)]:
        parent = element.getparent()
        if parent is None:
            continue
        if parent.tag in _FLOWS or parent.tag in INLINE_NAMES:
            element.tag = "span"
        elif _only_inline(element) and _has_text(element):
            element.tag = "span" if _beside(element) else "p"
        else:
            element.tag = "div"


def _keep_in_sentences(tree: HtmlElement) -> None:
    for element in list(tree.iter("time", "button", "label", "output", "data")):
        if _in_sentence(element) or (element.tag == "time" and element.getparent().tag in _CELLS):
            element.tag = "span"
    for element in list(tree.iter("math")):
        if element.find(".//annotation") is None and not element.get("alttext"):
            text = " ".join(" ".join(element.itertext()).split())
            for child in list(element):
                element.remove(child)
            element.text, element.tag = text, "span"


def _open_boxes(tree: HtmlElement) -> None:
    for element in list(tree.iter("fieldset", "form")):
        if not any(field.get("type") != "hidden" for field in element.iter(*_FIELDS)) and _is_prose(element):
            for legend in element.iter("legend"):
                legend.tag = "h4"
            element.tag = "div"
    for element in list(tree.iter("figure")):
        if next(element.iter("pre", "blockquote", "code"), None) is not None:
            element.tag = "div"
    for element in list(tree.iter("aside")):
        if _between_paragraphs(element) and _is_prose(element) and not _UNLUCKY.search(_names_of(element)):
            element.tag = "div"


def _keep_code(tree: HtmlElement) -> None:
    for pre in list(tree.iter("pre")):
        for button in list(pre.iter("button")):
            _drop(button)  # it copies the code
        joined = not any("\n" in text for text in pre.itertext())
        for part in list(pre.iter("span", "div", "li", "p", "code")):
            is_line = joined and _LINE_CLASS.search(part.get("class") or "")
            is_block = part.tag not in ("span", "code") or is_line or _BLOCK_STYLE.search(part.get("style") or "")
            if is_block and not "".join(part.itertext()).endswith("\n") and not (part.tail or "").startswith("\n"):
                part.tail = "\n" + (part.tail or "")
        for above in pre.iterancestors():
            if above.tag in ("body", "article", "main", "section"):
                break
            if above.tag == "div" and _UNLUCKY.search(_names_of(above)) and _mostly(above, pre):
                _clear(above)


def _open_layout(tree: HtmlElement) -> None:
    """Make div of the tables that lay out a page: those with paragraphs in a cell, and a row of code and the numbers of its lines."""
    for table in list(tree.iter("table")):
        is_listing = _is_listing(table)
        if is_listing or any(_is_layout(cell, table) for cell in table.iter("td")):
            for cell in list(table.iter("td")) if is_listing else ():
                if "".join("".join(cell.itertext()).split()).isdigit():
                    _drop(cell)
            for part in list(table.iter("caption", "thead", "tbody", "tfoot", "tr", "td", "th")):
                if next(part.iterancestors("table"), None) is table:
                    part.tag = "div"
            table.tag = "div"


def _is_listing(table: HtmlElement) -> bool:
    rows = list(table.iter("tr"))
    return len(rows) == 1 and next(rows[0].iter("pre"), None) is not None


def _is_layout(cell: HtmlElement, table: HtmlElement) -> bool:
    if next(cell.iterancestors("table"), None) is not table:
        return False
    long = [part for part in cell.iterchildren("p") if _size(part.itertext()) >= MIN_PARAGRAPH_CHARACTERS]
    return len(long) > 1 and sum(_size(part.itertext()) for part in long) > MAX_CELL_CHARACTERS


def _flatten_cells(tree: HtmlElement) -> None:
    for cell in list(tree.iter("td", "th")):
        if next(cell.iter("ul", "ol"), None) is None or next(cell.iter("table"), None) is not None:
            continue
        if sum(map(len, cell.itertext())) <= MAX_CELL_CHARACTERS:
            for part in list(cell.iter("li", "p", "div")):
                part.tail = " " + (part.tail or "")
            strip_tags(cell, "ul", "ol", "li", "p", "div")
    for caption in list(tree.iter("caption")):
        table = caption.getparent()
        if table is not None and table.tag == "table" and table.getparent() is not None:
            tail, caption.tail, caption.tag = caption.tail, None, "p"
            table.addprevious(caption)
            if tail and tail.strip():
                table.text = (table.text or "") + tail


def _clear_paragraphs(tree: HtmlElement) -> None:
    for element in list(tree.iter("p")):
        if element.attrib and _between_paragraphs(element) and _is_prose(element) and _UNLUCKY.search(_names_of(element)):
            _clear(element)


def _drop(element: HtmlElement) -> None:
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()


def _clear(element: HtmlElement) -> None:
    for name in ("class", "id"):
        element.attrib.pop(name, None)


def _names_of(element: HtmlElement) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}"


def _beside(element: HtmlElement) -> bool:
    """Say whether text stands right before or after an element, in its parent."""
    before = element.getprevious()
    text = element.getparent().text if before is None else before.tail
    return bool((text or "").strip() or (element.tail or "").strip())


def _in_sentence(element: HtmlElement) -> bool:
    """Say whether an element stands in the running text of its parent."""
    parent = element.getparent()
    if parent is None or not _beside(element):
        return False
    if parent.tag not in _FLOWS and parent.tag not in INLINE_NAMES and parent.tag != "div":
        return False
    own = (parent.text or "").strip() + "".join((child.tail or "").strip() for child in parent)
    return len(own) >= MIN_SENTENCE_CHARACTERS and next(parent.iter(*_FIELDS), None) is None


def _between_paragraphs(element: HtmlElement) -> bool:
    """Say whether a paragraph of some length, a heading, a list or code stands right before or right after an element."""
    return any(_is_paragraph(other) for other in (element.getprevious(), element.getnext()))


def _is_paragraph(element: HtmlElement | None) -> bool:
    if element is None or element.tag not in _PARAGRAPHS:
        return False
    return element.tag != "p" or sum(map(len, element.itertext())) >= MIN_PARAGRAPH_CHARACTERS


def _is_prose(element: HtmlElement) -> bool:
    """Say whether an element has a sentence's length of text, and few of its characters in links."""
    characters = sum(len(text.strip()) for text in element.itertext())
    if characters < MIN_PARAGRAPH_CHARACTERS:
        return False
    linked = sum(len(text.strip()) for link in element.iter("a") for text in link.itertext())
    return linked <= MAX_LINK_SHARE * characters


def _only_inline(element: HtmlElement) -> bool:
    return all(child.tag in INLINE_NAMES or child.tag not in HTML_NAMES for child in element.iterdescendants())


def _has_text(element: HtmlElement) -> bool:
    return any(text.strip() for text in element.itertext())


def _mostly(outer: HtmlElement, inner: HtmlElement) -> bool:
    """Say whether most of the text of an element stands in another that it holds."""
    return 2 * _size(inner.itertext()) >= _size(outer.itertext())


def _size(texts: Iterable[str]) -> int:
    return sum(len(text.strip()) for text in texts)
