"""XHTML's self-closed elements and a noscript that holds the page, as parsers of HTML should read them."""

from resiliparse.parse.html import HTMLTree

from udfs.page.parsable_html import open_noscript, parse_page

NAMESPACE = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">'


def test_a_script_that_is_closed_in_itself_swallows_no_xhtml_page() -> None:
    page = NAMESPACE + "<head><title>T</title><script src='a.js'/></head><body><p>Text</p></body></html>"
    body = parse_page(page, mime="text/html").tree.body
    assert body is not None
    assert (body.text or "").strip() == "Text"


def opened(inner: str, beside: str) -> bool:
    html = f"<html><body><noscript>{inner}</noscript><p>{beside}</p></body></html>"
    return open_noscript(html, HTMLTree.parse(html)) is not None


def test_a_noscript_is_opened_only_if_it_holds_most_of_the_words() -> None:
    assert opened("<p>" + "word " * 100 + "</p>", "other " * 40)
    assert not opened("<p>" + "word " * 100 + "</p>", "other " * 400)
    assert not opened("<p>" + "word " * 20 + "</p>", "")
    assert not opened("<img src='/pixel.gif'>", "other " * 40)


def test_an_opened_noscript_is_a_div_whatever_its_letters() -> None:
    html = "<body><NOSCRIPT class='x'><p>" + "word " * 100 + "</p></NoScript></body>"
    assert open_noscript(html, HTMLTree.parse(html)) == "<body><div><p>" + "word " * 100 + "</p></div></body>"
