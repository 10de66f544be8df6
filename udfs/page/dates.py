"""Find the date on which a page says that it was published; a date of change, of an event or of a comment is none."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from udfs.page.date_forms import iso_date
from udfs.page.json_ld import OTHER_THINGS, schema_name
from udfs.page.markup import Element, Markup, ancestors

# Names of metas, without the marks in them. Those of the first group say "published"; of the second only "date" or "made".
_PUBLISHED_WORDS = (
    "articlepublishedtime articlepublished ogarticlepublishedtime ogpublishedtime datepublished "
    "schemadatepublished rnewsdatepublished parselypubdate sailthrudate citationpublicationdate "
    "citationonlinedate bepresscitationdate bepresscitationonlinedate dctermsissued dcdateissued dcissued "
    "dcdatepublished dctermsdatesubmitted prismpublicationdate publicationdate pubdate publishdate "
    "publisheddate publishedat publishedon publishtime publishedtime datepublication dateofpublication "
    "originalpublicationdate firstpublished articledatepublished articlepublicationdate cxensepublishtime "
    "cxenseparserecspublishtime cxenseparsepublishtime vrpublishedtime shareaholicarticlepublishedtime "
    "dcsextarticlefirstpublished ptime oagpublicationdate analyticsattributesarticledate "
    "articledateoriginal articleoriginaldate displaydate cmsdate releasedate ogpubdate ogpublishdate "
    "publicationtime published btpubdate rbpubdate articlepostdate articlepublisheddate mediatorpublishedtime "
    "ogdatepublished ogquestionpublishedtime ogregdate twtpublishedat "
    "ogreleasedate blogpublished citationpubdate dcdatepublication dcdatexmetadatapublished xpubdate "
    "wtzpubdate livedate storydate gcmsdate"
)
_PUBLISHED = tuple(_PUBLISHED_WORDS.split())
_DATED_WORDS = (
    "date dcdate dctermsdate citationdate eprintsdate articledate ogdate newsdate pagedate docdate "
    "dateissued timestamp dcdatecreated dctermscreated dccreated datecreated created createdate "
    "creationdate articlecreated ogarticlecreated itemdate postdate dateposted postedon createdat contentdate "
    "contentcreatedate fieldnamepostdate citationcoverdate gentime pdate hdldate datecreationyyyymmdd citationyear"
)
_DATED = tuple(_DATED_WORDS.split())
_KNOWN = frozenset((*_PUBLISHED, *_DATED))
_MARKS = re.compile(r"[^a-z0-9]+")
_PARSELY_DATE = re.compile(r"\"pub_date\"\s*:\s*\"([^\"]{4,60})\"")
_NOT_THE_PAGE = frozenset({"comment", "review", "image", "video", "audio", "associatedmedia", "offers", "author"})
_ITEM_NAMES = frozenset({"datePublished", "schema:datePublished", "dcterms:issued"})  # of microdata and RDFa
_DATED_ITEM_NAMES = frozenset({"dateCreated", "schema:dateCreated", "dcterms:created", "dc:date"})
_NEIGHBOURS = frozenset({"aside", "nav", "footer"})
_PUBLISHED_CLASSES = frozenset({"published", "entry-date", "dt-published"})
MAX_TEXT = 100  # characters of an element whose words are the date


def published(markup: Markup, *, captured: date | None) -> str | None:
    """Return the declared date of publication in ISO 8601, at most a day after the capture; None if none is declared.

    Asked in this order: metas that say "published" (Open Graph, schema.org, Highwire, Dublin Core, Parse.ly, Sailthru), JSON-LD,
    microdata and RDFa, time elements, and what only says "date" or "created". A whole date goes before a year or a month.
    """
    less_exact = None
    for text in _candidates(markup):
        found = iso_date(text, language=markup.language, latest=captured)
        if found is not None and len(found) >= len("2024-01-05"):
            return found
        less_exact = less_exact or found
    return less_exact


def _candidates(markup: Markup) -> Iterator[str]:
    named = _named(markup)
    yield from (content for name in _PUBLISHED for content in named.get(name, ()))
    yield from (text for node in markup.json_ld if (text := _value(node.get("datePublished"))) is not None)
    items = [element for element in markup.dated if _is_item(element, _ITEM_NAMES)]
    yield from (text for element in items if (text := _said(element)))
    yield from _of_times([element for element in markup.dated if element not in items])
    yield from (content for name in _DATED for content in named.get(name, ()))
    yield from (text for node in markup.json_ld if (text := _value(node.get("dateCreated"))) is not None)
    yield from (text for element in markup.dated if _is_item(element, _DATED_ITEM_NAMES) and (text := _said(element)))


def _value(told: Any) -> str | None:
    """Return the text of a JSON-LD value, which may be one of a list, or have its type beside it."""
    first = told[0] if isinstance(told, list) and told else told
    text = first.get("@value") if isinstance(first, dict) else first
    if isinstance(text, int) and not isinstance(text, bool):
        return str(text)  # of seconds
    return text if isinstance(text, str) else None


def _named(markup: Markup) -> dict[str, list[str]]:
    """Return the contents of each known name, its marks left out: "DC.date.issued" and "dc:date-issued" are one.

    A property may have several names (RDFa Core 1.1, 5). Parse.ly's old meta holds JSON.
    """
    named: dict[str, list[str]] = {}
    for attribute, name, content in markup.metas:
        if attribute == "http-equiv":
            continue
        for one in name.split() if attribute == "property" else (name,):
            if (plain := _plain(one)) in _KNOWN:
                named.setdefault(plain, []).append(content)
        if name == "parsely-page" and (found := _PARSELY_DATE.search(content)):
            named.setdefault("parselypubdate", []).append(found[1])
    return named


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return _MARKS.sub("", name[:60])


def _is_item(element: Element, names: frozenset[str]) -> bool:
    """Tell whether an element is a date of that name of an item that is the page, and not one of its comments or pictures."""
    named = f"{element.getattr('itemprop') or ''} {element.getattr('property') or ''}".split()
    if names.isdisjoint(named):
        return False
    for around in ancestors(element):
        if around.hasattr("itemscope") or around.hasattr("typeof"):
            own = schema_name(around.getattr("itemtype") or around.getattr("typeof") or "")
            return own not in OTHER_THINGS and _NOT_THE_PAGE.isdisjoint((around.getattr("itemprop") or "").lower().split())
    return True


def _of_times(elements: list[Element]) -> Iterator[str]:
    """Yield the date of time elements: of the one that is marked pubdate, else the only one that is marked published by its class."""
    told = [element for element in elements if element.hasattr("pubdate") or _is_marked(element)]  # few are, and ancestors cost
    own = [element for element in told if not any(around.tag in _NEIGHBOURS for around in ancestors(element))]
    yield from (text for element in own if element.hasattr("pubdate") and (text := _said(element)))
    said = {text for element in own if _is_marked(element) and (text := _said(element))}
    if len(said) == 1:
        yield said.pop()


def _is_marked(element: Element) -> bool:
    return not _PUBLISHED_CLASSES.isdisjoint((element.getattr("class") or "").split())


def _said(element: Element) -> str | None:
    """Return the date that an element gives: by attribute, else in its words."""
    for attribute in ("datetime", "content", "title"):
        value = element.getattr(attribute)
        if value and any(map(str.isdigit, value)):
            return str(value)
    text = element.text_content or ""
    return text if 0 < len(text) <= MAX_TEXT else None
