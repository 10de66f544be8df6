import pytest

from udfs.page.http_message import HttpMessage
from udfs.page.opt_out import header_facts, licence, meta_contents, page_facts


def test_headers_that_reserve_something_become_facts() -> None:
    headers = (
        ("x-robots-tag", "googlebot: NoIndex, nofollow"),
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
    ("html", "facts"),
    [
        ('<meta name="robots" content="noai, noimageai">', ("meta:noai", "meta:noimageai")),
        ("<META CONTENT=none NAME=ROBOTS>", ("meta:none",)),
        ("<meta name='tdm-reservation' content='1'>", ("tdm-reservation:1",)),
        ("<meta name='robots' content='index, follow'><meta name=description content=noai>", ()),
        ("<meta name=robots>", ()),
        ("<p>noai</p>", ()),
    ],
)
def test_metas_that_reserve_something_become_facts(html: str, facts: tuple[str, ...]) -> None:
    assert page_facts(meta_contents(html)) == facts


@pytest.mark.parametrize(
    ("html", "address"),
    [
        (
            '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a> '
            '<a href="https://creativecommons.org/licenses/by-nc/4.0/">other</a>',
            "https://creativecommons.org/licenses/by/4.0",
        ),
        (
            "<link rel=license href=//x.test><a href=http://www.creativecommons.org/publicdomain/zero/1.0/>0</a>",
            "http://www.creativecommons.org/publicdomain/zero/1.0",
        ),
        (
            '<a href="https://creativecommons.org/licenses/by/4.0/"></a>'
            '<a href="https://creativecommons.org/licenses/by-sa/4.0/"></a>',
            None,
        ),
        ("see https://creativecommons.org/licenses/by/4.0/ in the text", None),
        ("<a href=https://creativecommons.org/>home</a>", None),
    ],
)
def test_the_licence_is_the_one_a_page_links_to(html: str, address: str | None) -> None:
    assert licence(html) == address
