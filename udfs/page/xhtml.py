"""Write XHTML as HTML, because the extractors parse HTML: there a script or title that closes itself swallows the page."""

import html
import re

from udfs.page.tags import COMMENT, ELEMENT_TAG, RAW, VOID, closes_itself, element_tag_of, end_of_raw

CLAIM_CHARS = 2048

# Elements that hide what follows from an extractor if they stay open, or lay hold of all of it: DocBook writes `<a id="x"/>`.
_SWALLOWING = (
    RAW
    | {"select", "datalist", "template", "object", "applet", "video", "audio", "canvas", "button"}
    | {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)

_XHTML = "application/xhtml+xml"
_NAMESPACE = r"http://www\.w3\.org/1999/xhtml"
_CLAIMS = ("-//W3C//DTD XHTML", "http://www.w3.org/1999/xhtml")
_CLOSED = re.compile(rf"<(?:{'|'.join(sorted(_SWALLOWING))})\b[^<>]*+(?<=/)>")  # names of XHTML are in lower case
_SAME = {name: re.compile(rf"</?{name}(?=[\s/>])", re.IGNORECASE) for name in _SWALLOWING}
_PREFIX = re.compile(rf"\bxmlns:([\w.-]{{1,40}})\s*=\s*[\"']{_NAMESPACE}[\"']")
_TOKEN = re.compile(
    rf"{COMMENT}|<!\[CDATA\[(?P<characters>(?>.*?(?=\]\]>|\Z)))(?:\]\]>)?|(?P<instruction><\?(?>.*?(?:\?>|\Z)))"
    rf"|(?P<doctype><!doctype\b[^\[>]*+(?:\[(?>.*?(?:\]\s*+>|\Z))|>|\Z))|<![^>]*+>?|{ELEMENT_TAG}",
    re.DOTALL | re.IGNORECASE,
)

# Of a page that is no XHTML no other tag matters: passing over them here takes a tenth of the time.
_SWALLOWING_TOKEN = re.compile(rf"{COMMENT}|{element_tag_of(_SWALLOWING)}", re.DOTALL | re.IGNORECASE)


def as_html(text: str, *, mime: str) -> str:
    """Return a page that means as HTML what it means as XHTML; a page that is neither served nor written as XHTML is unchanged.

    Of a page served as XHTML every element that closes itself is closed, CDATA becomes text, and what HTML does not know goes. Of
    one that is served as HTML and calls itself XHTML only those elements are closed that would swallow what follows.

    >>> as_html("<html xmlns='http://www.w3.org/1999/xhtml'><script/><p/>", mime="text/html")
    "<html xmlns='http://www.w3.org/1999/xhtml'><script></script><p/>"
    """
    if mime == _XHTML:
        return _rewritten(text, prefixes=frozenset(_PREFIX.findall(text[:CLAIM_CHARS])))
    return _rewritten(text, prefixes=None) if _claims(text[:CLAIM_CHARS]) and _CLOSED.search(text) else text


def _claims(start: str) -> bool:
    return start.lstrip().startswith("<?xml") or any(claim in start for claim in _CLAIMS)


def _rewritten(text: str, *, prefixes: frozenset[str] | None) -> str:
    """Rewrite the tags of a page; without prefixes only those that would swallow it."""
    parts: list[str] = []
    position = done = 0
    tokens = _TOKEN if prefixes is not None else _SWALLOWING_TOKEN
    while (token := tokens.search(text, position)) is not None:
        position = token.end()
        name = token["name"]
        if name is not None:
            written = token[0] if _ends_later(token, name) else _tag(token, name, prefixes)
        elif prefixes is not None:
            written = _declaration(token)
        else:
            continue
        if written != token[0]:
            parts += (text[done : token.start()], written)
            done = position
        if name is not None and name.lower() in RAW and not token["closing"] and not written.endswith(f"</{name}>"):
            position = end_of_raw(text, name.lower(), position)
    return "".join((*parts, text[done:]))


def _ends_later(token: re.Match[str], name: str) -> bool:
    """Say whether an element that would swallow the page and closes itself has an end tag after all: its author wrote HTML."""
    if token["closing"] or name.lower() not in _SWALLOWING or not closes_itself(token["attributes"]):
        return False
    following = _SAME[name.lower()].search(token.string, token.end())
    return following is not None and following[0].startswith("</")


def _tag(token: re.Match[str], name: str, prefixes: frozenset[str] | None) -> str:
    attributes = token["attributes"]
    prefix, _, local = name.partition(":")
    plain = local if local and prefixes and prefix in prefixes else name
    if token["closing"]:
        return "" if prefixes is not None and plain.lower() in VOID else f"</{plain}>" if plain != name else token[0]
    if closes_itself(attributes) and plain.lower() not in VOID and (prefixes is not None or plain.lower() in _SWALLOWING):
        return f"<{plain}{attributes[:-1]}></{plain}>"
    return f"<{plain}{attributes}>" if plain != name else token[0]


def _declaration(token: re.Match[str]) -> str:
    if token["characters"] is not None:
        return html.escape(token["characters"], quote=False)
    if token["instruction"] is not None:
        return ""
    return "<!DOCTYPE html>" if token["doctype"] is not None and "[" in token["doctype"] else token[0]
