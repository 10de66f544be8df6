import pytest

from tests.page.markup_of import markup_of
from udfs.page.licences import licence, spelled

BY = "https://creativecommons.org/licenses/by/4.0"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", BY),
        ("https://www.creativecommons.org/licenses/by/4.0", BY),
        ("//creativecommons.org/licenses/by/4.0/", BY),
        ("creativecommons.org/licenses/by/4.0/", BY),
        ("https://creativecommons.org/licenses/by/4.0/deed", BY),
        ("https://creativecommons.org/licenses/by/4.0/deed.zh-hans", BY),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.de", BY),
        ("https://creativecommons.org/licenses/by/4.0?ref=chooser-v1", BY),
        ("https://creativecommons.org/licenses/BY/4.0/#text", BY),
        ("http://creativecommons.org:80/licenses/by/4.0/", BY),
        ("https://web.archive.org/web/2013/http://creativecommons.org/licenses/by/4.0/", BY),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/de/deed.en", "https://creativecommons.org/licenses/by-nc-sa/3.0/de"),
        ("http://creativecommons.org/licenses/by/3.0/deed.de", "https://creativecommons.org/licenses/by/3.0"),
        ("http://creativecommons.org/licenses/by/2.5/scotland/", "https://creativecommons.org/licenses/by/2.5/scotland"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "https://creativecommons.org/publicdomain/zero/1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/deed.fr", "https://creativecommons.org/publicdomain/mark/1.0"),
        ("https://creativecommons.org/\n\tlicenses/by/4.0/", BY),
        ("https://creativecommons.org/./licenses/by/./4.0/", BY),
        ("https://creativecommons.org/licenses/by%2Dsa/4.0/", None),
        ("https://creativecommons.org/", None),
        ("https://creativecommons.org/choose/", None),
        ("https://creativecommons.org.example/licenses/by/4.0", None),
        ("https://example.org/?u=creativecommons.org/licenses/by/4.0", None),
    ],
)
def test_a_licence_has_one_spelling(address: str, found: str | None) -> None:
    assert spelled(address) == found


A = '<a href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>'
REL = '<a rel="nofollow license" href=//creativecommons.org/licenses/by/4.0/>CC</a>'
SA = '<a href="https://creativecommons.org/licenses/by-sa/4.0/">other</a>'


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (REL, BY),
        (REL + SA, BY),
        ('<link rel=license href="http://creativecommons.org/licenses/by/4.0/deed.de"><p>', BY),
        (A + '<a href="http://creativecommons.org/licenses/by/4.0/deed.de">deed</a>', BY),
        (A + SA, None),
        (f'{REL}{SA.replace("<a", "<a rel=license")}', None),
        (f"<footer><p>Text and pictures are under {A}</p></footer>", BY),
        (f"<footer><p>Photo: Harbour archive, {A}</p><p>Text © All rights reserved.</p></footer>", None),
        (f"<figure><img><figcaption>{REL}</figcaption></figure>", None),
        (f'<div class="wp-caption"><p>Harbour, {A}</p></div>', None),
        (f'<p>Foto: Erika Muster, {A}</p><p>Dieser Text steht unter {SA}</p>', BY.replace("by", "by-sa")),
        (f"<p>Photos and more</p><p>{A}</p>", BY),
        ('<p>Photos <a href=//creativecommons.org/licenses/by/4.0/><img src="//i.creativecommons.org/l/by/4.0/88x31.png"></a></p>', BY),
        (f'<div itemscope itemtype="http://schema.org/ImageObject">{REL}</div>', None),
        (f'<p about="harbour.jpg">{REL.replace("<a", "<a about=harbour.jpg")}</p>', None),
        (f'<p about="harbour.jpg">{REL}</p>', None),
        (f'<p about="/article">{REL}</p>', BY),
        (f'<p class="flickr-attribution">{A}</p>', None),
        ('<meta name="DC.rights" content="Under http://creativecommons.org/licenses/by/4.0/ since 2020">', BY),
        ('<meta name="dcterms.license" content="//creativecommons.org/licenses/by/4.0/">', BY),
        ('<script type="application/ld+json">{"@type":"Article","license":"https://creativecommons.org/licenses/by/4.0/"}</script>', BY),
        ('<script type="application/ld+json">{"@type":"ImageObject","license":"https://creativecommons.org/licenses/by/4.0/"}</script>', None),
        (f"<!-- {REL} --><script>'{REL}'</script><textarea>{REL}</textarea><noscript>{REL}</noscript>", None),
        ('<meta itemprop="license" content="https://creativecommons.org/licenses/by/4.0/">', BY),
        ('<div itemscope itemtype="//schema.org/ImageObject"><meta itemprop="license" content="//creativecommons.org/licenses/by/4.0/"></div>', None),
        ('<link rel="DCTERMS.license" href="https://creativecommons.org/licenses/by/4.0/">', BY),
        ('<link rel="copyright" href="https://creativecommons.org/licenses/by/4.0/">' + SA, BY),
        ("see https://creativecommons.org/licenses/by/4.0/ in the text", None),
        ("<link rel=license href=//x.test><a href=http://www.creativecommons.org/publicdomain/zero/1.0/>0</a>",
         "https://creativecommons.org/publicdomain/zero/1.0"),
    ],
)  # fmt: skip
def test_the_licence_is_the_one_that_a_page_declares_for_itself(html: str, found: str | None) -> None:
    assert licence(markup_of(html)) == found


PROSE = f"<article><h1>How to share</h1><p>Many authors choose {A}, which lets others change a work if they name its author.</p></article>"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (PROSE, BY),
        (f"<title>What Creative Commons means</title>{PROSE}", None),
        (f"<title>Wikipedia moves to CC BY-SA</title>{PROSE}", None),
        (f"{PROSE}<p>{'Creative Commons has six licences. ' * 7}</p>", None),
        (f"{PROSE}<p>{'Creative Commons has six licences. ' * 6}</p>", BY),
        (f"<title>What Creative Commons means</title>{PROSE}<footer><p>Under {SA}</p></footer>", BY.replace("by", "by-sa")),
        (f"<title>What Creative Commons means</title>{PROSE}<div id=copyright>Under {SA}</div>", BY.replace("by", "by-sa")),
        (f"<title>What Creative Commons means</title>{PROSE}{REL}", BY),
        ('<title>CC BY</title><p><a href=//creativecommons.org/licenses/by/4.0/><img src="//i.creativecommons.org/l/by/4.0/88x31.png"></a></p>', BY),
    ],
)  # fmt: skip
def test_an_article_about_licences_is_not_under_the_licence_that_it_explains(html: str, found: str | None) -> None:
    assert licence(markup_of(html)) == found
