"""Make small pages for training out of gold paragraphs, in markup that gold pages rarely have and that must not cost text.

A drill has a menu, content, a footer, and often a notice to everybody. Its content mixes what extractors tend to lose: boxes, forms,
asides, unlucky classes, unknown elements, code in figures, lists in tables, bare text, tabs. Everything follows from the seed.
"""

import random
from collections.abc import Callable, Sequence

from bench.extraction.drill_notices import MENUS, NOTICES
from bench.extraction.gold_page import GoldPage
from udfs.page.extractor import PageRequest

MIN_WORDS = 12
THIN_SHARE = 0.2  # share of the drills that say hardly anything
NOTICE_SHARE = 0.4  # share with a notice before the content, and with one behind it
_UNLUCKY = (
    "comment social share related sponsor promo gdpr cookie consent newsletter banner popup modal sidebar widget footer header menu "
    "nav breadcrumb tags author meta caption ad-free hidden-gem subscribe-text privacy login-help search-tips popular recommend"
)
_NEUTRAL = "content article-body text entry post story body copy main prose c-17 x9f section block wrap"
_CODE = (
    "for step in range(9):\n    walk(step)\nstop()",
    "int main(void) {\n    return turn(3);\n}",
    "SELECT name, height\n  FROM towers\n WHERE lit = 1;",
    "def fold(sheet):\n    if not sheet:\n        return None\n    return sheet[::-1]",
    "$ grind --fine wheat\n$ sieve flour",
)
_CONTAINERS = ("article", "main", "section", "div", "site-article", "main><article", "div><div", "center", "form")
Piece = tuple[str, str]  # markup, and the text of it that is gold


def drill_pages(texts: Sequence[str], *, count: int, seed: int) -> list[GoldPage]:
    """Make pages out of the long lines of gold texts; a page's lines come from one text."""
    draw = random.Random(seed)
    found = [[line.strip() for line in text.split("\n") if len(line.split()) >= MIN_WORDS or len(line) > 60] for text in texts]
    rich = [lines for lines in found if len(lines) >= 4]
    return [_page(number, _Drill(draw, draw.choice(rich))) for number in range(count)]


class _Drill:
    """One page under way."""

    def __init__(self, draw: random.Random, lines: list[str]) -> None:
        self.draw = draw
        self.lines = draw.sample(lines, len(lines))
        self.place = 0

    def line(self) -> str:
        self.place += 1
        return _escaped(self.lines[self.place % len(self.lines)][:1200])

    def notice(self) -> str:
        """Say something to everybody, in a box that may or may not be named for it."""
        box = self.draw.choice(
            (
                "<div class=cookie-bar><p>{}</p><button>OK</button></div>",
                "<div id=consent role=dialog>{} <a href=/privacy>Privacy</a> <button>Accept all</button></div>",
                "<div class=newsletter><p>{}</p><input type=email><button>OK</button></div>",
                "<section class=support><p>{}</p></section>",
                "<div><p>{}</p></div>",
                "<p>{}</p>",
            )
        )
        return box.format(self.draw.choice(NOTICES))

    def few_words(self) -> str:
        return " ".join(self.line().split()[: self.draw.randint(2, 6)])[:60]

    def named(self, names: str) -> str:
        name = self.draw.choice(names.split()) + self.draw.choice(("", "-paragraph", "-box", "_text", "__item"))
        return self.draw.choice((f' class="{name}"', f' id="{name}"', f' class="{name} wide"', ""))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _plain(drill: _Drill) -> Piece:
    line = drill.line()
    return f"<p{drill.named(_NEUTRAL)}>{line}</p>", line


def _unlucky(drill: _Drill) -> Piece:
    line = drill.line()
    return f"<p{drill.named(_UNLUCKY)}>{line}</p>", line


def _bare(drill: _Drill) -> Piece:
    line = drill.line()
    return drill.draw.choice(
        (f"<div>{line}</div>", line, f"<x-paragraph>{line}</x-paragraph>", f"<div><span>{line}</span></div>")
    ), line


def _short_bare(drill: _Drill) -> Piece:
    line = drill.few_words() + "."
    return drill.draw.choice(("<div>{}</div>", "<p>{}</p>", "<x-line>{}</x-line>")).format(line), line


def _inline(drill: _Drill) -> Piece:
    words = drill.line().split(" ")
    tag = drill.draw.choice(("time", "button type=button", "label", "g class=x3", "x-term", "mark", "math"))
    at = drill.draw.randrange(len(words))
    marked = [*words[:at], f"<{tag}>{words[at]}</{tag.split()[0]}>", *words[at + 1 :]]
    return f"<p>{' '.join(marked)}</p>", " ".join(words)


def _boxed(drill: _Drill) -> Piece:
    head, line = drill.few_words(), drill.line()
    box = drill.draw.choice(
        (
            "<fieldset><legend>{}</legend><p>{}</p></fieldset>",
            "<aside class=note><h3>{}</h3><p>{}</p></aside>",
            "<aside><b>{}</b><p>{}</p></aside>",
            "<details open><summary>{}</summary><p>{}</p></details>",
            "<section class=related-reading><h2>{}</h2><p>{}</p></section>",
            "<section id=social-history><h2>{}</h2><div>{}</div></section>",
            "<blockquote><p>{}</p><p>{}</p></blockquote>",
            "<div class=callout><strong>{}</strong><div>{}</div></div>",
            "<dl><dt>{}</dt><dd>{}</dd></dl>",
        )
    )
    return box.format(head, line), f"{head}\n{line}"


def _headed(drill: _Drill) -> Piece:
    head, line = drill.few_words(), drill.line()
    level = drill.draw.choice((2, 2, 3, 4))
    return f"<h{level}{drill.named(_UNLUCKY)}>{head}</h{level}><p>{line}</p>", f"{head}\n{line}"


def _code(drill: _Drill) -> Piece:
    code = _escaped(drill.draw.choice(_CODE))
    lines = "".join(f"<span class=line style='display:block'>{line}</span>" for line in code.split("\n"))
    markup = drill.draw.choice(
        (
            f"<figure class=highlight><pre><code>{code}</code></pre></figure>",
            f"<div class=code-toolbar><pre><code>{code}</code></pre><div class=toolbar><button>Copy</button></div></div>",
            f"<pre>{code}</pre>",
            f"<pre class=shiki><code>{lines}</code></pre>",
            f"<table class=highlight><tr><td class=gutter><pre>1\n2\n3</pre></td><td class=code><pre>{code}</pre></td></tr></table>",
        )
    )
    return markup, code


def _listed(drill: _Drill) -> Piece:
    items = [drill.few_words() for _ in range(drill.draw.randint(3, 7))]
    tag = drill.draw.choice(("ul", "ol"))
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>", "\n".join(items)


def _table(drill: _Drill) -> Piece:
    columns = drill.draw.randint(2, 4)
    rows = [[drill.few_words()[:20] for _ in range(columns)] for _ in range(drill.draw.randint(2, 7))]
    wrap = drill.draw.choice(("{}", "{}", "<p>{}</p>", "<ul class=hours><li>{}</li></ul>"))
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "".join(
        f"<tr><th>{row[0]}</th>{''.join(f'<td>{wrap.format(cell)}</td>' for cell in row[1:])}</tr>" for row in rows[1:]
    )
    caption = drill.few_words()
    gold = "\n".join([caption, *(" ".join(row) for row in rows)])
    return f"<table{drill.named(_NEUTRAL)}><caption>{caption}</caption><tr>{head}</tr>{body}</table>", gold


def _layout(drill: _Drill) -> Piece:
    lines = [drill.line() for _ in range(4)]
    cells = "".join(
        f"<tr><th>{place + 1}</th><td>{''.join(f'<p>{line}</p>' for line in lines[place::2])}</td></tr>" for place in range(2)
    )
    return f"<table>{cells}</table>", "\n".join(f"{place + 1}\n" + "\n".join(lines[place::2]) for place in range(2))


def _thread(drill: _Drill) -> Piece:
    posts = [drill.line() for _ in range(drill.draw.randint(2, 6))]
    name = drill.draw.choice(("comment", "post", "thing comment", "reply", "message"))
    body = drill.draw.choice(
        ("<form class=usertext><div class=md><p>{}</p></div></form>", "<div class=body>{}</div>", "<p>{}</p>")
    )
    markup = "".join(
        f"<div class='{name}'><p class=tagline><a href=/u/{place}>name{place}</a> {place} points</p>{body.format(post)}</div>"
        for place, post in enumerate(posts)
    )
    return markup, "\n".join(posts)


def _opened(drill: _Drill) -> Piece:
    """Make tabs, or questions whose answers are hidden until a reader opens them."""
    box = drill.draw.choice(
        (
            "<div class=faq-item><button aria-expanded=false>{}</button><div class=faq-answer style='display: none'><p>{}</p></div></div>",
            "<dl class=accordion><dt>{}</dt><dd class=accordion-panel hidden><p>{}</p></dd></dl>",
            "<button role=tab>{}</button><div role=tabpanel hidden><p>{}</p></div>",
            "<h3 class=toggle>{}</h3><div class=collapsible style='visibility:hidden'>{}</div>",
        )
    )
    pairs = [(drill.few_words(), drill.line()) for _ in range(drill.draw.randint(1, 4))]
    return "".join(box.format(*pair) for pair in pairs), "\n".join("\n".join(pair) for pair in pairs)


_PIECES: tuple[Callable[[_Drill], Piece], ...] = (
    _plain, _plain, _plain, _unlucky, _unlucky, _bare, _short_bare, _inline, _boxed, _boxed, _headed, _code, _listed, _table, _layout, _thread,
    _opened,
)  # fmt: skip


def _page(number: int, drill: _Drill) -> GoldPage:
    draw = drill.draw
    menu = draw.choice(MENUS)
    links = [f"<a href=/{place}>{name}</a>" for place, name in enumerate(menu)]
    nav = draw.choice(
        ("<nav><ul>{}</ul></nav>", "<div class=menu><ul>{}</ul></div>", "<header><ul>{}</ul></header>", "<div>{}</div>")
    ).format("".join(f"<li>{link}</li>" for link in links))
    foot = draw.choice(("<footer><p>{}</p></footer>", "<div id=footer>{}</div>", "")).format(
        " | ".join(links[-2:]) + f" © {menu[0]}"
    )
    extra = draw.choice(
        ("", "", f"<div class=related><h3>{menu[1]}</h3><ul>{''.join(f'<li>{one}</li>' for one in links)}</ul></div>")
    )
    title, (top, gold_top) = drill.few_words(), _top(drill)
    if draw.random() < THIN_SHARE:
        pieces = [_short_bare(drill) for _ in range(draw.randint(1, 2))]
    else:
        pieces = [draw.choice(_PIECES)(drill) for _ in range(draw.randint(1, 7))]
        pieces = draw.choice((pieces, [_plain(drill), *pieces, _plain(drill)]))
    container = draw.choice(_CONTAINERS)
    ends = "".join(f"</{tag}>" for tag in reversed(container.replace("<", "").split(">")))
    before, behind = (drill.notice() if draw.random() < NOTICE_SHARE else "" for _ in range(2))
    body = f"{before}{nav}<{container}>{top}{''.join(piece for piece, _ in pieces)}{ends}{extra}{foot}{behind}"
    html = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"
    gold = "\n".join([gold_top, *(text for _, text in pieces)]).replace("&lt;", "<").replace("&amp;", "&")
    site = f"drill-{number}.example"
    request = PageRequest(body=html.encode(), mime="text/html", charset="utf-8")
    return GoldPage(f"drill-{number}", f"https://{site}/", site, "expected", "drill", None, None, request, gold, (), ())


def _top(drill: _Drill) -> Piece:
    """Begin the content: with a headline, with a header of headline and lead, or with nothing."""
    head, lead = drill.few_words(), drill.line()
    return drill.draw.choice(
        (
            (f"<h1>{head}</h1>", head),
            (f"<h1>{head}</h1>", head),
            (f"<header><h1>{head}</h1><p class=lead>{lead}</p></header>", f"{head}\n{lead}"),
            (f"<header><h1>{head}</h1><p>{lead}</p></header>", f"{head}\n{lead}"),
            ("", ""),
        )
    )
