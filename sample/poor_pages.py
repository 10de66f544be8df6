"""Pages without prose: link lists, shops, keyword spam, teasers drowned in furniture, mixed languages, login forms."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

from sample import bank
from sample.capture import Capture
from sample.draw import draw, pick, shuffled, some
from sample.sites import Page, paragraphs, site
from sample.templates import render

BANKED = ("en", "de", "fr", "es", "it", "ru")
MIXED = ("de", "ru", "it", "ja", "fr", "es", "pl")


def poor_captures() -> list[Capture]:
    """Return all of them; each is expected to break a rule of the recipe."""
    makers: tuple[tuple[Callable[[str, str], Capture], int, int], ...] = (
        (_link_page, 24, 2),
        (_shop, 22, 2),
        (_spam, 30, 2),
        (_teaser, 18, 1),
    )
    found = []
    for make, english, other in makers:
        for language in BANKED:
            found += [
                make(language, f"{language}/{make.__name__[1:]}/{n}") for n in range(english if language == "en" else other)
            ]
    found += [_mixture(f"mixed/{number}") for number in range(4)]
    return found + [_form(f"en/form/{number}", number) for number in range(8)]


def mixture_spares() -> frozenset[str]:
    """Return the spare paragraphs that stand in pages of mixed languages."""
    return frozenset(
        bank.topics(language)[number].spare[0] for language in MIXED for number in range(min(4, len(bank.topics(language))))
    )


def _words(language: str) -> dict[str, Any]:
    return dict(bank.table("spam")["page"][language])


def _capture(
    name: str, *, language: str | None, kind: str, page: Page, main_text: str, reason: str = "quality_rules"
) -> Capture:
    slug = name.replace("/", "-")
    return Capture(
        name=name,
        url=f"https://www.{page.site.host}/{slug}.html",
        kind=kind,
        body=render(page).encode(),
        language=language,
        main_text=main_text,
        expected="dropped",
        reason=reason,
    )


def _page(name: str, language: str, title: str, *blocks: str) -> Page:
    return Page(name, site(language, draw(72, "poor", name)), title, blocks)


def _link_page(language: str, name: str) -> Capture:
    links = some(_words(language)["links"], 18, name)
    items = "".join(f'<li><a href="http://{draw(9999, name, link)}.links.example/">{link}</a></li>' for link in links)
    title = f"{links[0]}, {links[1]}"
    return _capture(
        name, language=language, kind="link_page", page=_page(name, language, title, f"<ul>{items}</ul>"), main_text=""
    )


def _shop(language: str, name: str) -> Capture:
    words = _words(language)
    cards = []
    for product in some(words["products"], 12, name):
        price = f"{5 + draw(200, name, product)}.{draw(100, product, name):02d}"
        label = pick(words["words"], name, product)
        cards.append(f'<div class="card"><h3>{product}</h3><p>{price}</p><p><a href="#">{label}</a></p></div>')
    title = str(pick(words["products"], "title", name))
    return _capture(name, language=language, kind="shop", page=_page(name, language, title, *cards), main_text="")


def _spam(language: str, name: str) -> Capture:
    """Stuff a page with one keyword, beside names of things that are for sale everywhere."""
    words = _words(language)
    keyword, second = some(words["keywords"], 2, name)
    fillers = words["products"] + words["links"]
    texts = []
    for number in range(6):
        thing = pick(fillers, name, number)
        stuffing = f"{keyword} {thing}, {second} {pick(fillers, number, name)}, {keyword} {thing} {draw(999, name, number)}."
        texts.append(" ".join([stuffing] * 3) + f" {pick(words['lines'], name, number)}")
    page = _page(name, language, f"{keyword.capitalize()} {draw(99, name)}", *paragraphs(*texts))
    return _capture(name, language=language, kind="spam", page=page, main_text="\n".join((page.title, *texts)))


def _teaser(language: str, name: str) -> Capture:
    """Show one sentence of an article and furniture around it."""
    article = pick(bank.articles(language), "teaser", name)
    sentence = re.split(r"(?<=[.!?])\s", article.paragraphs[-1])[0]
    boxes = "".join(
        f'<div class="promo box"><a href="/{n}">{link}</a></div>'
        for n, link in enumerate(shuffled(_words(language)["links"], name))
    )
    page = _page(name, language, article.title, f'<p class="teaser">{escape(sentence, quote=False)}</p>', boxes)
    return _capture(name, language=language, kind="boilerplate_heavy", page=page, main_text=f"{article.title}\n{sentence}")


def _mixture(name: str) -> Capture:
    """Join paragraphs of seven languages, none of which prevails."""
    number = int(name.rsplit("/", 1)[1])
    texts = [bank.topics(language)[number % len(bank.topics(language))].spare[0] for language in shuffled(MIXED, name)]
    page = _page(name, "en", f"Voices {number + 1}", *paragraphs(*texts))
    return _capture(
        name,
        language=None,
        kind="mixed_languages",
        page=page,
        main_text="\n".join((page.title, *texts)),
        reason="language",
    )


def _form(name: str, number: int) -> Capture:
    """Ask for a password, or say with status 200 that nothing was found."""
    if number % 2:
        block = "<p>Sorry, this page could not be found. It may have been moved.</p><p>Try the search.</p>"
        return _capture(name, language="en", kind="soft_404", page=_page(name, "en", "Page not found", block), main_text="")
    block = (
        '<form method="post"><p>Please log in to continue.</p><label>Name <input name="u"></label>'
        '<label>Password <input type="password"></label></form>'
    )
    return _capture(name, language="en", kind="login", page=_page(name, "en", "Log in", block), main_text="")
