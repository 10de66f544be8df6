"""Pages as a strategy: soup of tags and hostile fragments, and real-looking pages with bytes put wrong."""

from hypothesis import strategies as st

from tests.fuzz.bytes_of import mutated, mutations

WORDS = "The council met on Tuesday to discuss the old railway station and its future."
ARTICLE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The station</title>'
    '<meta property="article:published_time" content="2024-05-01T12:00:00Z"><meta name=robots content="noai, none">'
    '<script type="application/ld+json">{"datePublished": "2024-05-01"}</script></head><body><nav><a href=/>Home</a></nav>'
    f"<article><h1>The station</h1><p>{WORDS}</p><p>{WORDS} {WORDS}</p><ul><li>One<li>Two</ul></article>"
    '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC</a></body></html>'
)
TABLES = (
    f"<html><body><table border=1><tr><td><table><tr><td>{WORDS}<td>{WORDS}</table></td></tr><caption>x</table>"
    f"<blockquote>{WORDS}<pre>code <b>x</pre></blockquote><form><select><option>{WORDS}</form>"
)
FORUM = (
    '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
    f'<div class="post" id="p1"><div class="comment">{WORDS}<br/><br>{WORDS}</div><img src="a.png" alt="\u00e9"/></div></body></html>'
)
HOSTILE = (
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"<script>",
    b"</script",
    b"<style>",
    b"<svg><math><mi>",
    b"<template><p>",
    b"<plaintext>",
    b"<textarea>",
    b"<frameset>",
    b"<table><td><tr><p>",
    b"<a href='javascript:&#x6a;'>",
    b"<p " + b"a=b " * 100 + b">",
    b"<b><i>" * 60,
    b"<div>" * 200,
    b"<table><tr><td>" * 120,
    b"<script/>",
    b"<title />",
    b"<?xml version='1.0'?>",
    b"]]>",
    b"</p></div></body>",
    b"&#0;&#xd800;&#x110000;&bogus;&lt;&amp",
    b"\0\x01\x0b\x1f\x7f",
    b"\xed\xa0\x80\xff\xfe\xc0\x80",
    "\u202e\ufeff\u2028\ufffe\U0010ffff".encode(),
    b"<meta charset=utf-16>",
    b'<meta name="robots" content="',
    b'<time itemprop=datePublished datetime="2024-13-99">',
    b"<html lang=\xff\0>",
    b"<title></title><title>\xed\xb0\x80</title>",
    b"<p>" + WORDS.encode() * 3 + b"</p>",
)
TAGS = (
    "p",
    "div",
    "article",
    "span",
    "a",
    "ul",
    "li",
    "table",
    "tr",
    "td",
    "h1",
    "b",
    "pre",
    "code",
    "br",
    "section",
    "main",
    "o:p",
    "x-y",
)
TEXTS = st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.sampled_from(
    [WORDS.encode(), *HOSTILE]
)


def _element(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda tag, attribute, parts, closed: (
            b"<%s%s>" % (tag, attribute) + b"".join(parts) + (b"</%s>" % tag if closed else b"")
        ),
        st.sampled_from(TAGS).map(str.encode),
        st.sampled_from([b"", b"", b" class=comment", b" id='main", b' style="display:none"', b" role=main", b" hidden"]),
        st.lists(inner, max_size=4),
        st.booleans() | st.just(True),
    )


SOUP = st.lists(st.recursive(TEXTS, _element, max_leaves=12), max_size=5).map(b"".join)
REALISTIC = st.sampled_from([page.encode("utf-8") for page in (ARTICLE, TABLES, FORUM)])
PAGES = (SOUP | mutated(REALISTIC, by=mutations(HOSTILE)) | mutated(SOUP, by=mutations(HOSTILE))).map(
    lambda page: page[:20_000]
)
