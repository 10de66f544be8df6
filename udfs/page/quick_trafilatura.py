"""Load trafilatura and make it a third faster at the same output, by what its modules and lxml let be exchanged."""

from functools import lru_cache
from types import ModuleType
from typing import Any

from lxml.etree import ElementDefaultClassLookup, HTMLParser
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction

from udfs.page.attribute_xpath import replace_in


@lru_cache(maxsize=1)
def trafilatura() -> ModuleType:
    """Import trafilatura once, its XPath expressions replaced by equal ones that do not call Python for every element.

    1. Every expression in its lists that tests attributes by regular expressions, if it is of a form that is understood; the others,
       and all of a release that keeps them elsewhere, stay as they are: such a release is slower, not wrong.
    2. Its parser is one like it without limits: with them libxml2 drops all from a picture or script of 10 MB on, without an error.
       How deep a page is, `depth` bounds.
    3. The parser makes all elements HtmlElement in C; lxml.html's own lookup asks Python for each, to tell forms and inputs apart.
    """
    import trafilatura as module
    from trafilatura import utils, xpaths

    replace_in(value for value in vars(xpaths).values() if isinstance(value, list))
    parser = getattr(utils, "HTML_PARSER", None)
    if isinstance(parser, HTMLParser):
        classes = ElementDefaultClassLookup(
            element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity
        )
        utils.HTML_PARSER = whole = HTMLParser(
            collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
        )
        whole.set_element_class_lookup(classes)
    return module


def parse(html: str) -> HtmlElement | None:
    """Parse a page as trafilatura does; None if it is no page."""
    trafilatura()
    from trafilatura import utils

    tree: HtmlElement | None = utils.load_html(html)
    return tree


def texts_of(tree: HtmlElement) -> tuple[str, str]:
    """Return the main text and the comments that trafilatura's fast pass finds in a tree by its default leaning; the tree is used up.

    The full pass also asks readability and jusText, and takes half as long again. Where it would win, the choice has other texts.
    """
    trafilatura()
    from trafilatura.core import bare_extraction
    from trafilatura.xml import xmltotxt

    # deduplicate stays False: it keeps state from page to page, and the same page gives None after a few times.
    found: Any = bare_extraction(tree, fast=True, include_comments=True, include_tables=True, deduplicate=False)
    if found is None:
        return "", ""
    return xmltotxt(found.body, False).strip(), xmltotxt(found.commentsbody, False).strip()
