"""Find the Creative Commons licence of a page, in one spelling: what a picture on the page is under is not the page's."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from udfs.page.json_ld import OTHER_THINGS, schema_name
from udfs.page.markup import Element, Markup, ancestors

_ADDRESS = re.compile(
    r"(?:https?:)?(?://)?(?:[a-z0-9-]{1,20}\.)?creativecommons\.org(?::80|:443)?/+(licen[cs]es|publicdomain)/+([a-z+-]{2,24})(?![a-z+%])"
    r"(?:/+([0-9]\.[0-9])(?:/+(scotland|igo|[a-z]{2})(?![\w.-]))?)?",
    re.IGNORECASE,
)
_META_NAMES_WORDS = "dc.rights dcterms.rights dc.rights.license dcterms.license dc.license license licence copyright rights"
_META_NAMES = frozenset(_META_NAMES_WORDS.split())
_RELATION = re.compile(r"(?:[a-z]+[:.])?licen[cs]e|copyright|(?:dc|dcterms)[:.]rights")
_BLOCKS_WORDS = "p li td th dd dt div footer section article aside blockquote center address header main figure figcaption"
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
_PICTURE_CLASSES = re.compile(r"caption|credit|photo|thumbnail|flickr", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|svg|webp|tiff?)\b", re.IGNORECASE)
_BADGE = 'img[src*="creativecommons.org" i],img[src*="licensebuttons.net" i]'
_LEFT_OUT = re.compile(r"[\t\n\r]+|(?<=/)\./")  # of an address, by a browser
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/[^/]{1,30}/")
# A page that speaks of Creative Commons. Of 36 real pages whose notice has no rel=license, one names it five times, the others less.
_NAMES = re.compile(r"creative[ -]?commons|\bcc[ -]?(?:by\b|zero\b|0|licen[cs]e|lizenz)", re.IGNORECASE)
MENTIONS = 8
_NOTICE_CLASSES = re.compile(r"foot|copyright|licen[cs]|lizenz|legal|colophon|imprint|impressum|sidebar|widget", re.IGNORECASE)
NEAR = 4  # ancestors whose class is asked
BEFORE, AFTER = 150, 40  # characters around a link that say whose licence it is
_PICTURE_WORDS = re.compile(
    r"\b(?:photo|foto|fotó|image|imagen|imagem|immagin|bild|abbildung|picture|illustration|graphic|grafik|icon|ikon|icône|video|vidéo|"
    r"music|musik|audio|sound|zdjęci|kuva|kép\b|obraz|obrázek|afbeelding|gambar|snímek|resim|fotoğraf|ảnh|hình)|фото|изображени|"
    r"写真|画像|图片|圖片|照片|사진|이미지|صورة|תמונה|รูปภาพ|ภาพ",
    re.IGNORECASE,
)
_PAGE_WORDS = re.compile(
    r"\b(?:text|work|content|site|website|page|article|post|blog|wiki|document|material|except|unless|otherwise|"
    r"werk|inhalt|seite|beitrag|obra|contenido|conteúdo|contenu|œuvre|oeuvre|opera|contenut|sito|página|pagina|tekst|treść|utwór|"
    r"inhoud|verk|innehåll|sisältö|dílo|obsah|eser|içerik)|текст|произведени|материал|сайт|作品|内容|內容|本文|文章|콘텐츠|저작물",
    re.IGNORECASE,
)


def licence(markup: Markup) -> str | None:
    """Return the licence that a page declares for itself, as https://creativecommons.org/licenses/…, or None.

    What is asked first decides: a link with rel=license (HTML, link type "license": it covers the main content), metas and JSON-LD, then
    the one licence that the page links to where no picture is spoken of. Several that differ declare none. A page about Creative
    Commons links to a licence to speak of it: there a link without the relation counts in a notice alone.
    """
    links = [(address, element) for element in markup.licensed if (address := spelled(_address_of(element)))]
    if links:
        links = [(address, element) for address, element in links if not _is_in_picture(element)]
    for found in (
        [address for address, element in links if element.tag in ("link", "meta") and _is_declared(element)],
        [address for address, element in links if _is_declared(element)],
        [*_in_metas(markup), *_in_json_ld(markup.json_ld)],
        _in_notices(markup.title, [(address, element) for address, element in links if element.tag not in ("link", "meta")]),
    ):
        if found:
            return found[0] if len(set(found)) == 1 else None
    return None


def spelled(address: str) -> str | None:
    """Return the one spelling of a Creative Commons licence's address, None if it is none.

    >>> spelled("//www.creativecommons.org/licenses/BY-SA/3.0/de/deed.en")
    'https://creativecommons.org/licenses/by-sa/3.0/de'
    """
    found = _ADDRESS.match(_ARCHIVED.sub("", _LEFT_OUT.sub("", address.strip()[:300])))
    if found is None:
        return None
    folder, kind, version, port = (part.lower() if part else None for part in found.groups())
    parts = (
        "publicdomain" if folder == "publicdomain" else "licenses",
        kind,
        version,
        None if version == "4.0" and port != "igo" else port,
    )
    return "https://creativecommons.org/" + "/".join(part for part in parts if part)


def _address_of(element: Element) -> str:
    return element.getattr("href") or element.getattr("content") or ""


def _in_metas(markup: Markup) -> Iterator[str]:
    for meta in markup.metas:
        if meta.name.replace(":", ".") in _META_NAMES and "creativecommons" in meta.content.lower():
            yield from _searched(meta.content)


def _in_json_ld(nodes: Iterable[dict[str, Any]]) -> Iterator[str]:
    for node in nodes:
        named = node.get("license")
        for value in named if isinstance(named, list) else [named]:
            address = (value.get("@id") or value.get("url")) if isinstance(value, dict) else value
            if isinstance(address, str):
                yield from _searched(address)


def _searched(text: str) -> Iterator[str]:
    yield from (address for found in _ADDRESS.finditer(text[:1000]) if (address := spelled(found[0])))


def _is_declared(element: Element) -> bool:
    relations = f"{element.getattr('rel') or ''} {element.getattr('property') or ''} {element.getattr('itemprop') or ''}"
    return any(map(_RELATION.fullmatch, relations.lower().split()))


def _is_in_picture(element: Element) -> bool:
    """Tell whether a link stands in a figure, or in an item that is no page."""
    if _PICTURE_FILE.search(element.getattr("about") or ""):
        return True
    for around in ancestors(element):
        if around.hasattr("about"):  # RDFa: it says what all within is about
            return _PICTURE_FILE.search(around.getattr("about")) is not None
        if around.tag in ("figure", "figcaption"):
            return True
        if around.hasattr("itemscope"):
            return schema_name(around.getattr("itemtype") or "") in OTHER_THINGS
    return False


def _in_notices(title: str | None, links: list[tuple[str, Element]]) -> list[str]:
    """Return the licences of links without rel=license that speak of the page."""
    own = [(address, element) for address, element in links if not _is_of_picture(element)]
    if own and _is_about_licences(title, own[0][1]):
        own = [(address, element) for address, element in own if _is_in_notice(element)]
    return [address for address, _ in own]


def _is_about_licences(title: str | None, element: Element) -> bool:
    """Tell whether the title of an element's page names Creative Commons, or its text does so at least MENTIONS times."""
    if _NAMES.search(title or ""):
        return True
    while (around := element.parent_element) is not None:
        element = around
    return len(_NAMES.findall(element.text_content or "")) >= MENTIONS


def _is_in_notice(element: Element) -> bool:
    """Tell whether a link stands around a badge, or in a footer, a sidebar or what its class or id calls a notice."""
    if element.query_selector(_BADGE) is not None:
        return True
    return any(
        around.tag in ("footer", "aside", "address")
        or _NOTICE_CLASSES.search(f"{around.getattr('class')} {around.getattr('id')}")
        for around in ancestors(element)
    )


def _is_of_picture(element: Element) -> bool:
    """Tell whether a link without rel=license speaks of a picture: the words around it do, and do not speak of the page.

    A link around one of Creative Commons' own badges speaks of the page.
    """
    if element.query_selector(_BADGE) is not None:
        return False
    near = list(islice(ancestors(element), NEAR))
    if any(_PICTURE_CLASSES.search(around.getattr("class") or "") for around in near):
        return True
    block = next((around for around in ancestors(element) if around.tag in _BLOCKS), element)
    text, own = block.text_content or "", element.text_content or ""
    at = max(0, text.find(own))
    near_text = text[max(0, at - BEFORE) : at + len(own) + AFTER]
    return bool(_PICTURE_WORDS.search(near_text)) and not _PAGE_WORDS.search(near_text)
