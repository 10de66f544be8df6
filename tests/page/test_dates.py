from datetime import date

import pytest

from tests.page.markup_of import markup_of
from udfs.page.dates import published


def date_of(html: str) -> str | None:
    return published(markup_of(html), captured=date(2026, 11, 1))


NAMES = (
    *("article:published_time", "og:published_time", "datePublished", "parsely-pub-date", "sailthru.date", "pubdate"),
    *("citation_publication_date", "citation_online_date", "DC.date.issued", "dcterms.issued", "dc:date", "dcterms.created"),
    *(
        "prism.publicationDate",
        "publish-date",
        "Publication_Date",
        "cXenseParse:recs:publishtime",
        "date",
        "bepress_citation_date",
    ),
    *("published", "bt:pubDate", "article:post_date", "og:datePublished", "citation_cover_date", "created_at"),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("attribute", ["name", "property"])
def test_the_names_that_standards_and_publishers_use_are_known(name: str, attribute: str) -> None:
    assert date_of(f'<meta content="2020-11-09" {attribute}="{name}">') == "2020-11-09"


NOT_PUBLISHED: tuple[str, ...] = (
    "article:modified_time",
    "og:updated_time",
    "dateModified",
    "dcterms.modified",
    "last-modified",
    "dc.date.modified",
)
NOT_PUBLISHED += ("article:expiration_time", "video:release_date", "dcterms.valid", "expires", "event:start_time")


@pytest.mark.parametrize("name", NOT_PUBLISHED)
def test_a_date_of_change_or_of_something_else_is_not_that_of_publication(name: str) -> None:
    assert date_of(f'<meta property="{name}" content="2020-11-09">') is None


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<time class='published' datetime='2015-09-04' itemprop='datePublished'>4 September 2015</time>", "2015-09-04"),
        ("<meta itemprop=datePublished content=2015-09-04>", "2015-09-04"),
        ("<span itemprop='headline datePublished'>September 4, 2015</span>", "2015-09-04"),
        (
            "<div typeof='schema:Article'><span property='schema:datePublished' content='2015-09-04'>x</span></div>",
            "2015-09-04",
        ),
        ("<div typeof='schema:Comment'><span property='schema:datePublished' content='2015-09-04'>x</span></div>", None),
        ("<time pubdate datetime='2011-01-02'>x</time>", "2011-01-02"),
        ("<time itemprop=dateCreated datetime='2011-01-02'>x</time>", "2011-01-02"),
        ("<span property='dc:date dc:created' content='2011-01-02T10:00:00+01:00'>x</span>", "2011-01-02T10:00:00+01:00"),
        ("<div typeof='sioc:Post sioct:Comment'><span property='dc:date' content='2011-01-02'>x</span></div>", None),
        (
            '<script type="application/ld+json;charset=utf-8">{"@type":"Article","datePublished":"2011-01-02"}</script>',
            "2011-01-02",
        ),
        ('<script type="application/ld+json">{"@type":"Article","schema:datePublished":"2011-01-02"}</script>', "2011-01-02"),
        ('<script type="application/ld+json">{"@type":"Article","datePublished":1604880000}</script>', "2020-11-09T00:00:00Z"),
        ('<script type="application/ld+json">{"@type":"Article","dateCreated":"2011-01-02"}</script>', "2011-01-02"),
        ("<time class='entry-date published' datetime='2011-01-02'>x</time>", "2011-01-02"),
        ("<time class='published' datetime='2011-01-02'>x</time><time class=published datetime=2012-01-02>y</time>", None),
        ("<time datetime='2011-01-02'>the battle</time>", None),
        ("<aside><time pubdate datetime='2011-01-02'>x</time></aside>", None),
        ("<div itemscope itemtype='https://schema.org/Comment'><meta itemprop=datePublished content=2015-09-04></div>", None),
        ("<div itemscope itemprop=review itemtype=//schema.org/X><meta itemprop=datePublished content=2015-09-04></div>", None),
        (
            "<div itemscope itemtype='http://schema.org/BlogPosting'><time itemprop=datePublished datetime=2015-09-04></div>",
            "2015-09-04",
        ),
    ],
)
def test_microdata_and_time_elements_give_the_date_of_the_page_alone(html: str, found: str | None) -> None:
    assert date_of(html) == found


@pytest.mark.parametrize(
    ("json", "found"),
    [
        ('{"@type":"Article","datePublished":"January 5, 2024"}', "2024-01-05"),
        ('{"datePublished": "2024-05-01T10:00:00Z"}', "2024-05-01T10:00:00Z"),
        (
            '[{"@type":"WebSite","datePublished":"2001-01-01"},{"@type":["NewsArticle"],"datePublished":"2024-01-05"}]',
            "2024-01-05",
        ),
        (
            '{"@graph":[{"@type":"WebPage","datePublished":"2024-01-06"},{"@type":"Article","datePublished":"2024-01-05"}]}',
            "2024-01-05",
        ),
        ('{"@type":"schema:Article","datePublished":{"@type":"Date","@value":"2024-01-05"}}', "2024-01-05"),
        ('{"@type":"Article","datePublished":["2024-01-05"]}', "2024-01-05"),
        ('{"@type":"Article","datePublished":[]}', None),
        ('{"@type":"VideoObject","datePublished":"2024-01-05"}', None),
        ('{"@type":"Product","review":{"@type":"Review","datePublished":"2024-01-05"}}', None),
        ('{"@type":"WebPage","mainEntity":{"@type":"http://schema.org/Article","datePublished":"2024-01-05"}}', "2024-01-05"),
        ('//<![CDATA[\n{"@type":"Article","datePublished":"2024-01-05",}\n//]]>', "2024-01-05"),
        ('{"@type":"Article" "datePublished":"2024-01-05"', "2024-01-05"),
        ('{"@type":"Article","dateModified":"2024-01-05","datePublished":null}', None),
        ("[" * 100_000 + '"datePublished"', None),
    ],
)
def test_json_ld_gives_the_date_of_the_page_and_of_nothing_on_it(json: str, found: str | None) -> None:
    assert date_of(f'<script type="application/ld+json">{json}</script>') == found


META = '<meta property="article:published_time" content="2024-01-05">'


@pytest.mark.parametrize(
    "html",
    [
        *(f"<!-- {META} -->", f"<script>var a = '{META}'</script>", f"<textarea>{META}</textarea>", f"<style>{META}</style>"),
        *(f"<noscript>{META}</noscript>", f"<template>{META}</template>", f"<title>{META}</title>", f"<xmp>{META}</xmp>"),
        *(f"<p title='{META}'>", f"<iframe>{META}</iframe>", '<script>{"datePublished":"2024-01-05"}</script>'),
    ],
)
def test_only_elements_count_and_no_bytes_that_look_like_them(html: str) -> None:
    assert date_of(f"<head>{html}</head>") is None
    assert date_of(f"<body>{html}</body>") is None


def test_an_element_counts_wherever_it_stands_and_whatever_its_attributes_hold() -> None:
    assert date_of("<noscript><img></noscript>" + META) == "2024-01-05"
    assert date_of(f"<head><style>{'a{}' * 40_000}</style>{META}") == "2024-01-05"
    assert date_of('<meta title="a > b" name="date" content="2024-01-05">') == "2024-01-05"


def test_a_whole_date_goes_before_a_year_and_publication_before_any_date() -> None:
    assert (
        date_of('<meta name="citation_publication_date" content="2021"><meta name="date" content="2021-03-04">') == "2021-03-04"
    )
    assert date_of('<meta name="citation_publication_date" content="2021">') == "2021"
    assert date_of(f'<meta name="date" content="2024-02-02">{META}') == "2024-01-05"
    assert date_of(f'<meta name="pubdate" content="2031-01-01">{META}') == "2024-01-05"


@pytest.mark.parametrize(
    "html",
    [
        f'<meta property="article:published_time" content="">{META}',
        f'<meta property="article:published_time" content="not yet">{META}',
        '<meta property="article:published_time schema:datePublished" content="2024-01-05">',
        """<meta name="parsely-page" content='{"title": "A page", "pub_date": "2024-01-05"}'>""",
    ],
)
def test_every_name_and_content_of_the_metas_is_asked(html: str) -> None:
    assert date_of(html) == "2024-01-05"
