"""A page with gold, made for a test."""

from bench.extraction.gold_page import Column, GoldPage, PageKind
from udfs.page.extractor import PageRequest


def gold_page(
    id: str,
    *,
    html: str = "",
    gold: str | None = "",
    column: Column = "news",
    kind: PageKind | None = "article",
    wanted: tuple[str, ...] = (),
) -> GoldPage:
    return GoldPage(
        id=id,
        url=f"https://{id}.example/page",
        site=f"{id}.example",
        column=column,
        source="made",
        kind=kind,
        language="en",
        request=PageRequest(body=html.encode(), mime="text/html", charset="utf-8"),
        gold=gold,
        must_contain=wanted,
        must_not_contain=("Menu", "Log in"),
    )
