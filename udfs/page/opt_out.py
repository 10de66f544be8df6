"""Collect what a page says about its use for machine learning and under which Creative Commons licence it stands.

Only facts are kept; a recipe decides what follows from them.
"""

import re
from collections.abc import Iterable

from udfs.page.http_message import HttpMessage

HEAD_CHARS = 1 << 16
# noindex and none speak to search engines, yet say as plainly that a page is not offered for reuse.
_ROBOTS_WORDS = frozenset({"noai", "noimageai", "noml", "nollm", "noindex", "none"})
_META = re.compile(r"<meta\b([^>]{1,2048})>", re.IGNORECASE)
_LICENCE_TAG = re.compile(r"<(?:a|link)\b([^>]{1,2048})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z:-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_CC = re.compile(r"https?://(?:www\.)?creativecommons\.org/(?:licenses|publicdomain)/[a-z0-9./+-]{2,60}", re.IGNORECASE)


def header_facts(message: HttpMessage) -> tuple[str, ...]:
    """Return the opt-out facts of HTTP headers, sorted: "x-robots-tag:noai", "tdm-reservation:1" and their like."""
    facts = {f"x-robots-tag:{word}" for value in message.values("x-robots-tag") for word in _robots_words(value)}
    facts.update(_tdm(message.values("tdm-reservation")))
    return tuple(sorted(facts))


def meta_contents(html: str) -> tuple[tuple[str, str], ...]:
    """Return (lower-case name, content) of the metas in the first HEAD_CHARS; property and itemprop are names."""
    found = []
    for tag in _META.findall(html[:HEAD_CHARS]):
        values = attributes(tag)
        name = values.get("property") or values.get("name") or values.get("itemprop")
        if name and "content" in values:
            found.append((name.lower(), values["content"]))
    return tuple(found)


def page_facts(metas: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the opt-out facts among a page's meta elements, sorted: "meta:noai", "tdm-reservation:1"."""
    facts: set[str] = set()
    for name, content in metas:
        if name == "robots":
            facts.update(f"meta:{word}" for word in _robots_words(content))
        elif name == "tdm-reservation":
            facts.update(_tdm((content,)))
    return tuple(sorted(facts))


def licence(html: str) -> str | None:
    """Return the Creative Commons licence a page links to: the one with rel=license, else the only one there is."""
    if "creativecommons.org" not in html:
        return None
    found: list[str] = []
    for tag in _LICENCE_TAG.findall(html):
        match = _CC.search(tag)
        if match is None:
            continue
        address = match[0].lower().rstrip("./")
        if "license" in attributes(tag).get("rel", "").lower().split():
            return address
        found.append(address)
    return found[0] if len(set(found)) == 1 else None


def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a start tag's inside by lower-case name."""
    return {name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(tag)}


def _robots_words(value: str) -> Iterable[str]:
    """Split "googlebot: noai, noarchive" into its words and keep those that reserve something."""
    return _ROBOTS_WORDS.intersection(re.split(r"[\s,;:]+", value.lower()))


def _tdm(values: Iterable[str]) -> set[str]:
    return {f"tdm-reservation:{value.strip()}" for value in values if value.strip() in ("0", "1")}
