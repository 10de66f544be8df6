"""English pages that are good text in another shape: recipes, forum threads, tutorials with code, tables."""

from html import escape
from typing import Any

from sample import bank
from sample.capture import Capture
from sample.draw import draw
from sample.sites import Page, paragraphs, site
from sample.templates import render


def special_captures() -> list[Capture]:
    """Return one capture for each recipe, thread, tutorial and table that is written in handwritten.toml."""
    hand = bank.table("handwritten")
    found = [_recipe(entry, number) for number, entry in enumerate(hand["recipe"])]
    found += [_forum(entry, number) for number, entry in enumerate(hand["forum"])]
    found += [_tutorial(entry, number) for number, entry in enumerate(hand["tutorial"])]
    return found + [_table(entry, number) for number, entry in enumerate(hand["table"])]


def _capture(
    kind: str, number: int, *, title: str, blocks: tuple[str, ...], lines: tuple[str, ...], falls: bool = False
) -> Capture:
    name = f"en/{kind}/{number}"
    home = site("en", draw(72, "special", name))
    return Capture(
        name=name,
        url=f"https://{home.host}/{kind}/{number}",
        kind=kind,
        body=render(Page(name, home, title, blocks)).encode(),
        language="en",
        main_text="\n".join((title, *lines)),
        expected="dropped" if falls else "kept",
        reason="quality_rules" if falls else None,
    )


def _recipe(entry: dict[str, Any], number: int) -> Capture:
    needed = "".join(f"<li>{item}</li>" for item in entry["ingredients"])
    steps = "".join(f"<li>{escape(step, quote=False)}</li>" for step in entry["steps"])
    blocks = (
        *paragraphs(entry["intro"]),
        "<h2>Ingredients</h2>",
        f"<ul>{needed}</ul>",
        "<h2>Method</h2>",
        f"<ol>{steps}</ol>",
    )
    lines = (entry["intro"], "Ingredients", *entry["ingredients"], "Method", *entry["steps"])
    return _capture("recipe", number, title=entry["title"], blocks=blocks, lines=lines)


def _forum(entry: dict[str, Any], number: int) -> Capture:
    posts = tuple(
        f'<div class="post" id="p{n}"><div class="postbody"><p>{escape(post, quote=False)}</p></div></div>'
        for n, post in enumerate(entry["posts"])
    )
    return _capture("forum", number, title=entry["title"], blocks=posts, lines=tuple(entry["posts"]))


def _tutorial(entry: dict[str, Any], number: int) -> Capture:
    blocks: list[str] = []
    lines: list[str] = []
    for part in bank.split_paragraphs(entry["text"]):
        if part.startswith("CODE\n"):
            code = part.removeprefix("CODE\n").removesuffix("\nEND")
            blocks.append(f"<pre><code>{escape(code, quote=False)}</code></pre>")
            lines.append(code)
        else:
            blocks += paragraphs(part)
            lines.append(part)
    return _capture("tutorial", number, title=entry["title"], blocks=tuple(blocks), lines=tuple(lines), falls=entry["braces"])


def _table(entry: dict[str, Any], number: int) -> Capture:
    texts = bank.split_paragraphs(entry["text"])
    head, *rows = entry["rows"]
    cells = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    grid = f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
    blocks = (*paragraphs(texts[0]), grid, *paragraphs(*texts[1:]))
    lines = (texts[0], *(" ".join(row) for row in entry["rows"]), *texts[1:])
    # a dense table is mostly figures and bars: Gopher's rule about alphabetic words drops such a page
    return _capture("table", number, title=entry["title"], blocks=blocks, lines=lines, falls=entry["dense"])
