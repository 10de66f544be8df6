import pytest

from tests.page.test_page import RESILIPARSE, TRAFILATURA, extract_page, html
from udfs.page.extractor import ExtractSettings
from udfs.page.xhtml import as_html

XHTML = "application/xhtml+xml"
ROOT = '<html xmlns="http://www.w3.org/1999/xhtml">'
WORDS = "The council met on Tuesday to discuss the old railway station and its future. " * 4


@pytest.mark.parametrize(
    ("xhtml", "rewritten"),
    [
        ('<script src="a.js"/><p/>x', '<script src="a.js"></script><p></p>x'),
        ("<title/><textarea /><iframe/>", "<title></title><textarea ></textarea><iframe></iframe>"),
        ('<br/><img src="a"/><hr />', '<br/><img src="a"/><hr />'),
        ("a<br></br>b", "a<br>b"),
        ("<style type='a'/>b {}</style><p/>", "<style type='a'/>b {}</style><p></p>"),
        ("<script src='a'/><script>b</script>", "<script src='a'></script><script>b</script>"),
        ("<a href=x/>y</a>", "<a href=x/>y</a>"),
        ('<a title="/>"/>', '<a title="/>"></a>'),
        ("<script>var a = '<div/>';</script>", "<script>var a = '<div/>';</script>"),
        ("<!-- <div/> -->", "<!-- <div/> -->"),
        ("<p><![CDATA[1 < 2 & <b>]]></p>", "<p>1 &lt; 2 &amp; &lt;b&gt;</p>"),
        ('<?xml version="1.0"?><?php a > b ?><p>x', "<p>x"),
        ('<!DOCTYPE html [<!ENTITY a "b">]><p>', "<!DOCTYPE html><p>"),
        ("<!DOCTYPE html><p>", "<!DOCTYPE html><p>"),
    ],
)
def test_a_page_served_as_xhtml_is_written_as_html(xhtml: str, rewritten: str) -> None:
    assert as_html(xhtml, mime=XHTML) == rewritten


def test_a_prefix_of_xhtmls_namespace_goes() -> None:
    page = '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:p>x<h:br/></h:p><h:script/><m:mi/></h:html>'
    html = '<html xmlns:h="http://www.w3.org/1999/xhtml"><p>x<br/></p><script></script><m:mi></m:mi></html>'
    assert as_html(page, mime=XHTML) == html


def test_of_a_page_that_only_calls_itself_xhtml_what_would_swallow_it_is_closed() -> None:
    for claim in (ROOT, "<?xml version='1.0'?><html>", "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x'>"):
        page = f"{claim}<script src='a'/><div/><p/><script>'<title/>'</script>"
        assert as_html(page, mime="text/html") == f"{claim}<script src='a'></script><div/><p/><script>'<title/>'</script>"
    anchors = f'{ROOT}<h2><a id="x" /><i class="y"/>Title</h2><a href=z/>text</a><a id="x"/>more</a>'
    closed = f'{ROOT}<h2><a id="x" ></a><i class="y"></i>Title</h2><a href=z/>text</a><a id="x"/>more</a>'
    assert as_html(anchors, mime="text/html") == closed
    assert as_html("<!DOCTYPE html><script/><p>", mime="text/html") == "<!DOCTYPE html><script/><p>"


@pytest.mark.parametrize(
    "settings", [ExtractSettings(), RESILIPARSE, TRAFILATURA], ids=["choice", "resiliparse", "trafilatura"]
)
@pytest.mark.parametrize(
    "element", ["script", "title", "textarea", "iframe", "style", "noscript", "select", "template", "object"]
)
@pytest.mark.parametrize("mime", [XHTML, "text/html"])
def test_no_element_that_closes_itself_swallows_the_page(settings: ExtractSettings, element: str, mime: str) -> None:
    result = extract_page(html(f"{ROOT}<body><{element}/><div/><p>{WORDS}</p></body></html>", mime), settings=settings)
    assert result.text is not None
    assert result.text.count("The council met") == 4
