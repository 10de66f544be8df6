import pytest

from tests.page.markup_of import markup_of
from udfs.page.http_message import HttpMessage
from udfs.page.opt_out import header_facts, page_facts


def test_headers_that_reserve_something_become_facts() -> None:
    headers = (
        ("x-robots-tag", "NoIndex, nofollow"),
        ("x-robots-tag", "noai, noimageai"),
        ("tdm-reservation", " 1 "),
        ("x-robots-tag", "all"),
    )
    assert header_facts(HttpMessage(200, headers, b"")) == (
        "tdm-reservation:1",
        "x-robots-tag:noai",
        "x-robots-tag:noimageai",
        "x-robots-tag:noindex",
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("none", ("noindex",)),
        ("noindex nofollow", ("noindex",)),
        ("noai;noml", ("noai", "noml")),
        ("otherbot: noindex, nofollow", ()),
        ("googlebot: noindex, ccbot: noai", ("noai",)),
        ("CCBot/2.0: noai, noindex", ("noai", "noindex")),
        ("GPTBot: noindex", ("gptbot:noindex",)),
        ("*: noindex", ("noindex",)),
        ("index, max-image-preview: none", ()),
        ("max-snippet:0, max-video-preview: 0", ()),
        ("max-image-preview:none noindex", ("noindex",)),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST", ()),
        ("noindex, unavailable_after: Sat, 07 Sep 2024 00:00:00 GMT, noai", ("noai", "noindex")),
        ("no-noindex, xnoai, noindexed", ()),
    ],
)
def test_directives_are_those_of_everyone_or_of_the_agent_named(value: str, words: tuple[str, ...]) -> None:
    assert header_facts(HttpMessage(200, (("x-robots-tag", value),), b"")) == tuple(f"x-robots-tag:{word}" for word in words)


@pytest.mark.parametrize(
    ("html", "facts"),
    [
        ('<meta name="robots" content="noai, noimageai">', ("meta:noai", "meta:noimageai")),
        ("<META CONTENT=none NAME=ROBOTS>", ("meta:noindex",)),
        ("<meta name=robots content=index><meta name=robots content='noai'>", ("meta:noai",)),
        ("<meta name=robots content=noai/>", ("meta:noai",)),
        ('<meta name="CCBot" content="noai, noindex">', ("meta:noai", "meta:noindex")),
        ('<meta name="robots, otherbot" content="noai">', ("meta:noai",)),
        ('<meta name="GPTBot" content="noai">', ("meta:gptbot:noai",)),
        ('<meta name="googlebot" content="noindex"><meta name="otherbot" content="noai">', ()),
        ('<meta name="robots" content="index, follow, max-image-preview:none, max-snippet:-1">', ()),
        ("<meta name='tdm-reservation' content='1'>", ("tdm-reservation:1",)),
        ("<meta http-equiv='TDM-Reservation' content='1'>", ("tdm-reservation:1",)),
        ("<meta http-equiv='X-Robots-Tag' content='noai'>", ("meta:noai",)),
        ("<meta name='robots' content='index, follow'><meta name=description content=noai>", ()),
        ("<meta name=robots>", ()),
        ("<p>noai</p>", ()),
        ("<!-- <meta name=robots content=noindex> -->", ()),
        ("<script>if (old) document.write('<meta name=robots content=noai>')</script>", ()),
        ("<noscript><meta name=robots content=noindex></noscript>", ()),
        (f"<head><style>{'.a{}' * 20_000}</style><meta name=robots content=noai></head>", ("meta:noai",)),
        ('<meta data-x="a > b" name="robots" content="noai">', ("meta:noai",)),
    ],
)
def test_metas_that_reserve_something_become_facts(html: str, facts: tuple[str, ...]) -> None:
    assert page_facts(markup_of(html).metas) == facts
