"""The web sites of the sample: each has a host, a language and a template, and puts its furniture around a text."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from sample import bank
from sample.draw import draw, pick, shuffled, some

_FIRST = (
    "stonegate",
    "riverside",
    "harbour",
    "northfield",
    "lantern",
    "oakham",
    "millrace",
    "foxglove",
    "saltmarsh",
    "highmoor",
)
_SECOND = ("courier", "almanac", "notebook", "review", "gazette", "quarterly", "journal")


@dataclass(frozen=True)
class Site:
    """A web site: `template` is an index into the templates."""

    host: str
    name: str
    language: str
    template: int


@dataclass(frozen=True)
class Page:
    """What a template needs: blocks are HTML, `head` goes into the head element, `page_name` settles what is drawn."""

    page_name: str
    site: Site
    title: str
    blocks: tuple[str, ...]
    head: str = ""

    @property
    def labels(self) -> dict[str, Any]:
        """Return the words of page furniture in the site's language."""
        return dict(bank.table("labels")[self.site.language])

    @property
    def body(self) -> str:
        """Return the blocks as HTML."""
        return "\n".join(self.blocks)

    @property
    def date(self) -> str:
        """Return the day the page says it was published (ISO)."""
        name = self.page_name
        return f"{2014 + draw(12, 'year', name)}-{1 + draw(12, 'month', name):02d}-{1 + draw(28, 'day', name):02d}"

    @property
    def author(self) -> str:
        """Return the author's name."""
        return str(pick(self.labels["names"], "author", self.page_name))


def site(language: str, number: int) -> Site:
    """Return one of the 72 sites of a language; those whose numbers differ by 12 share a template but no host."""
    first, second = _FIRST[number % len(_FIRST)], _SECOND[(number // 3) % len(_SECOND)]
    prefix = "" if language == "en" else f"{language}."
    return Site(f"{prefix}{first}-{second}.example", f"{first} {second}".title(), language, number % 6)


def paragraphs(*texts: str) -> tuple[str, ...]:
    """Return texts as HTML paragraphs."""
    return tuple(f"<p>{escape(text, quote=False)}</p>" for text in texts)


def document(page: Page, template: Callable[[Page], str]) -> str:
    """Return a whole HTML document: head with metadata, scripts and styles, and the template's body."""
    title = escape(page.title)
    return f"""<!DOCTYPE html>
<html lang="{page.site.language}">
<head>
<meta charset="utf-8">
<title>{title} | {page.site.name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:title" content="{title}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="{page.site.name}">
<meta property="article:published_time" content="{page.date}T08:00:00+00:00">
<meta name="author" content="{escape(page.author)}">
{page.head}
<style>.nav li {{ display: inline }} .banner {{ position: fixed; bottom: 0 }} article {{ max-width: 40em }}</style>
<script type="application/ld+json">{_linked_data(page)}</script>
<script>window.dataLayer = window.dataLayer || []; function track(e) {{ dataLayer.push(e); }}</script>
</head>
{template(page)}
</html>
"""


def _linked_data(page: Page) -> str:
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": page.title,
            "datePublished": page.date,
            "author": {"@type": "Person", "name": page.author},
            "publisher": {"@type": "Organization", "name": page.site.name},
        },
        ensure_ascii=False,
    )


def navigation(page: Page, *, css: str = "nav") -> str:
    """Return the site's menu."""
    items = "".join(f'<li><a href="/{number}/">{name}</a></li>' for number, name in enumerate(page.labels["nav"]))
    return f'<nav class="{css}" role="navigation"><ul>{items}</ul></nav>'


def cookie_banner(page: Page) -> str:
    """Return a consent box."""
    labels = page.labels
    inside = f"<p>{labels['cookie']}</p><button>{labels['accept']}</button>"
    return f'<div id="cookie-consent" class="cookie-banner banner" role="dialog">{inside}</div>'


def related(page: Page) -> str:
    """Return a box of links to other articles of the language."""
    others = [article.title for article in bank.articles(page.site.language) if article.title != page.title]
    items = "".join(
        f'<li><a href="/story-{draw(90000, title)}">{escape(title, quote=False)}</a></li>'
        for title in some(others, 4, "related", page.page_name)
    )
    return f'<aside class="related-posts sidebar"><h3>{page.labels["related"]}</h3><ul>{items}</ul></aside>'


def comments(page: Page) -> str:
    """Return the readers' comments."""
    labels = page.labels
    said = "".join(
        f'<li class="comment"><cite>{pick(labels["names"], page.page_name, text)}</cite><p>{text}</p></li>'
        for text in shuffled(labels["comment"], "comments", page.page_name)
    )
    heading = f"<h3>{labels['comments']}</h3>"
    return f'<section id="comments" class="comments">{heading}<ol class="comment-list">{said}</ol></section>'


def footer(page: Page) -> str:
    """Return the foot of the page."""
    labels = page.labels
    legal = f"<p>&copy; {page.site.name}. {labels['footer']}</p>"
    return f'<footer class="footer">{legal}<p>{labels["newsletter"]}</p></footer>'
