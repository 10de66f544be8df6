"""Read JSON-LD: the nodes that speak of the page itself, and not of its pictures, comments or neighbours."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

MAX_CHARS = 1 << 20  # of one script
MAX_NODES = 200
# Types of what stands on a page: their dates and licences are not the page's.
_OTHER_THINGS_WORDS = (
    "comment usercomments review userreview criticreview employerreview imageobject photograph "
    "videoobject audioobject mediaobject musicrecording person organization website rating "
    "aggregaterating offer product event answer itemlist breadcrumblist listitem datadownload "
    "clip"
)
OTHER_THINGS = frozenset(_OTHER_THINGS_WORDS.split())
_INNER = ("@graph", "mainEntity", "mainEntityOfPage")
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)\s*$"
)
_LAST_COMMA = re.compile(r",(\s*[}\]])")
_PAIR = re.compile(r"\"(?:schema:)?(datePublished|dateCreated|license)\"\s*:\s*\"([^\"\\]{4,200})\"")


def page_nodes(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the nodes about the page, articles first; a script that is no JSON gives one node of the pairs that can be read."""
    nodes = [node for script in scripts for node in _nodes(_parsed(script))]
    yield from (node for node in nodes if _is_article(node))
    yield from (node for node in nodes if not _is_article(node))


def types_of(node: dict[str, Any]) -> list[str]:
    """Return a node's types in lower case, without their vocabulary."""
    named = node.get("@type")
    return [schema_name(name) for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)]


def schema_name(name: str) -> str:
    """Return the last part of a schema.org name: "http://schema.org/NewsArticle" is "newsarticle"."""
    return re.split(r"[/#:]", name.strip().rstrip("/"))[-1].lower()


def _parsed(script: str) -> Any:
    if not any(name in script for name in ("datePublished", "dateCreated", "license")) or len(script) > MAX_CHARS:
        return None
    text = script.strip()
    if not (text.startswith(("{", "[")) and text.endswith(("}", "]"))):  # a search for wrappings takes longer than the parse
        text = _WRAPPED.sub("", _WRAPPED.sub("", script))
    if "&quot;" in text:
        text = html.unescape(text)
    for mend in (str, _without_last_commas):
        try:
            return json.loads(mend(text), strict=False)
        except (ValueError, RecursionError):
            continue
    pairs: dict[str, str] = {}
    for name, value in _PAIR.findall(text):
        pairs.setdefault(name, value)
    return pairs


def _without_last_commas(text: str) -> str:
    return _LAST_COMMA.sub(r"\1", text)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the page's nodes of a parsed script: those at the top, of a graph, and what the page is about."""
    waiting, seen = [value], 0
    while waiting and seen < MAX_NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting += node[:MAX_NODES]
        elif isinstance(node, dict):
            if not OTHER_THINGS.intersection(types_of(node)):
                yield {name.removeprefix("schema:"): told for name, told in node.items()}
            waiting += [node[key] for key in _INNER if isinstance(node.get(key), dict | list)]


def _is_article(node: dict[str, Any]) -> bool:
    return any(name.endswith(("article", "posting", "report")) for name in types_of(node))
