"""Write out what a browser makes of a page where libxml2 and Lexbor's text do otherwise, so that no extractor loses text by it."""

import re
from collections.abc import Iterator
from itertools import pairwise

from udfs.page.source_signs import Signs
from udfs.page.source_tree import Edit, rewritten
from udfs.page.tags import COMMENT, tags

# Names that begin no element of SVG: a browser leaves the picture there (HTML, 13.2.6.5).
_BREAKOUT = (
    "b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|embed|h[1-6]|head|hr|i|img|li|listing|menu|meta|nobr|ol|p|pre|ruby|s|small"
    "|span|strong|strike|sub|sup|table|tt|u|ul|var"
)
_SVG = re.compile(r"<(/)?+svg(?=[\s/>])[^<>]*+>", re.IGNORECASE)
_OBJECT = re.compile(r"<(/)?+object(?=[\s/>])[^<>]*+>", re.IGNORECASE)
_LEAVES_SVG = re.compile(rf"<(?:{_BREAKOUT})(?=[\s/>])|(<(?:foreignObject|title|desc)(?=[\s/>]))", re.IGNORECASE)
_END = re.compile(r"</(?:body|html)(?=[\s/>])[^<>]*+>", re.IGNORECASE)
_FIRST_END = re.compile(r"</(?:body|html|BODY|HTML)")
_RAW = "|".join(
    rf"<{name}(?=[\s/>])(?>.*?(?:</{name}(?=[\s/>])[^>]*+>?|\Z))" for name in ("script", "style", "noscript", "iframe")
)
_NO_TEXT = re.compile(rf"(?:\s++|{COMMENT}|{_RAW}|<[^>]*+>)*+\Z", re.IGNORECASE | re.DOTALL)
_SHADOW_ROOT = re.compile(r"\bshadowrootmode\s*=\s*[\"']?(?:open|closed)\b", re.IGNORECASE)
_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)\b")
_STYLED = re.compile(
    r"<(a|abbr|b|bdi|cite|code|em|font|i|label|mark|q|s|small|span|strong|sub|sup|time|u)\s[^<>]*?\bstyle\s*=\s*[\"']?[^<>]*\Z",
    re.IGNORECASE,
)
MAX_TAG, MAX_ELEMENT = 500, 5000  # characters of a tag before its style, and of the element after it


def as_browsers_read(html: str, signs: Signs) -> str:
    """Return a page that every parser reads as a browser does; nearly every page is unchanged, at 0.2 ms. `signs` are the page's.

    1. What stands behind the end tags of body and html belongs to the body (HTML, 13.2.6.4.19 and 22); libxml2 drops it.
    2. A picture in SVG that is not closed ends where a paragraph or its like begins; for libxml2 it lasts to the page's end.
    3. An object that is not closed ends where it begins: no plug-in would show it, and for extractors it hides the page's rest.
    4. A template with `shadowrootmode` is shown (DOM, declarative shadow roots): it becomes a div.
    5. Inline elements of the style `display: block` stand apart from what is beside them.

    >>> as_browsers_read("<p>one</p></body></html><p>two</p></html>", frozenset())
    '<p>one</p><p>two</p>'
    """
    html = _without_early_ends(html)
    for sign, rewrite in (("svg", _with_svg_closed), ("object", _with_objects_closed), ("template", _with_shadow_roots)):
        if sign in signs:
            html = rewrite(html)
    return _with_blocks_apart(html)


def _without_early_ends(html: str) -> str:
    first = _FIRST_END.search(html)
    if not first or _NO_TEXT.match(html, first.start()):
        return html
    return _END.sub("", html)


def _with_svg_closed(html: str) -> str:
    return html if _closed(html, "svg") else rewritten(html, _svg_ends(html))


def _svg_ends(html: str) -> Iterator[Edit]:
    done = 0
    for tag in _SVG.finditer(html):
        if tag[1] or tag[0].endswith("/>") or tag.start() < done:
            continue
        following = _SVG.search(html, tag.end())
        leaves = _LEAVES_SVG.search(html, tag.end(), following.start() if following else len(html))
        if leaves is not None and leaves[1] is None:
            done = leaves.start()
            yield done, done, "</svg>"


def _with_objects_closed(html: str) -> str:
    if _closed(html, "object"):
        return html
    opened: list[int] = []
    for tag in _OBJECT.finditer(html):
        if not tag[1]:
            opened.append(tag.end())
        elif opened:
            opened.pop()
    bounds = [0, *opened, len(html)]
    return "</object>".join(html[begin:end] for begin, end in pairwise(bounds))


def _closed(html: str, name: str) -> bool:
    """Tell whether as many elements of a name are closed as begin; most pages have none, which one search tells."""
    begun = html.count(f"<{name}")
    return not begun or begun <= html.count(f"</{name}")


def _with_shadow_roots(html: str) -> str:
    return rewritten(html, _shown_templates(html)) if "shadowrootmode" in html else html


def _shown_templates(html: str) -> Iterator[Edit]:
    shown: list[bool] = []  # of the templates that are open
    for tag, name in tags(html):
        if name != "template":
            continue
        if not tag["closing"]:
            shown.append(_SHADOW_ROOT.search(tag["attributes"]) is not None)
        elif not shown:
            continue
        if shown[-1]:
            yield tag.start(), tag.end(), "</div>" if tag["closing"] else "<div>"
        if tag["closing"]:
            shown.pop()


def _with_blocks_apart(html: str) -> str:
    places: set[int] = set()
    for style in _BLOCK.finditer(html):
        begin = html.rfind("<", max(0, style.start() - MAX_TAG), style.start())
        tag = _STYLED.match(html, begin, style.start()) if begin >= 0 else None
        if tag is None:
            continue
        places.add(begin)
        end = html.find(f"</{tag[1]}>", style.end(), style.end() + MAX_ELEMENT)
        if end >= 0 and html.find(f"<{tag[1]}", style.end(), end) < 0:
            places.add(end + len(tag[1]) + 3)
    if not places:
        return html
    bounds = [0, *sorted(places), len(html)]
    return "\n".join(html[begin:end] for begin, end in pairwise(bounds))
