r"""Write formulas as TeX in their place: `\(x^2\)` in a line, `\[x^2\]` apart, as MathJax and KaTeX read them.

Pages hold a formula twice or more: as TeX in a script, an annotation or a picture's `alt`, as MathML, and as boxes that a script drew.
Extractors drop all of them, or take MathML and boxes one after the other: `πr2πr2`.
"""

import html as references
import re
from collections.abc import Iterator

from udfs.page.source_signs import FORMULAS, Signs
from udfs.page.source_tree import Edit, Element, elements_of, rewritten

BESIDE = 3  # elements between what MathJax drew of a formula and the script that holds it, at most
_WHOLE = frozenset({"katex-display", "katex", "mwe-math-element", "mathjax_display", "mathjax", "mathjax_preview"})
_DRAWN = frozenset({"mathjax_preview", "mathjax", "mathjax_display", "mathjax_svg", "mathjax_svg_display"})
_APART = frozenset({"katex-display", "mathjax_display", "mwe-math-fallback-image-display", "mwe-math-mathml-display"})
_ANNOTATION = re.compile(r"<annotation\b[^<>]*\b(?:la)?tex\b[^<>]*+>([^<]*+)</annotation", re.IGNORECASE)
_MATH = re.compile(r"<math\b([^>]*+)>", re.IGNORECASE)
_ALTTEXT = re.compile(r"\balttext\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)
_DISPLAY = re.compile(r"\bdisplay\s*+=\s*+[\"']?block|\bmode\s*+=\s*+[\"']?display", re.IGNORECASE)
_SCRIPT = re.compile(r"\btype\s*+=\s*+[\"']?math/tex", re.IGNORECASE)
_CDATA = re.compile(r"^\s*+%?\s*+<!\[CDATA\[|%?\s*+\]\]>\s*+$")
_STYLE = re.compile(r"^\{\s*+\\(?:display|text|script)style\b(.*)\}$", re.DOTALL)


def with_formulas(html: str, signs: Signs) -> str:
    r"""Return a page with TeX in the place of each formula that says its TeX; a page of which no sign tells of any is unchanged.

    Of a formula that says no TeX the MathML stays, without the boxes that a script drew of it.

    >>> with_formulas('<p>so <script type="math/tex">a<b</script> holds', FORMULAS)
    '<p>so \\(a&lt;b\\) holds'
    >>> with_formulas('<span class=katex><math><mi>a</mi><annotation encoding="application/x-tex">a_1</annotation></math><b>a1</b></span>', FORMULAS)
    '\\(a_1\\)'
    """
    return html if signs.isdisjoint(FORMULAS) else rewritten(html, _edits(html))


def _edits(html: str) -> Iterator[Edit]:
    done = 0
    for element in elements_of(html):
        if element.begin < done:
            continue
        last, tex = element, None
        start = html[element.begin : element.inside]
        if element.name == "script":
            tex = _of_script(html, element)
        elif element.classes & _DRAWN:
            script = _script_of(html, element)
            last, tex = (script, _of_script(html, script)) if script else (element, None)
        elif element.name == "img" and element.classes & {"latex", "tex"}:
            tex = _value(_ALT.search(start))
        if tex is None and (element.name in ("math", "mjx-container") or element.classes & _WHOLE):
            tex = _of_element(html, element)
            if tex is None:
                done = element.behind  # what it holds says no TeX either
                yield from _mathml_alone(html, element)
        if tex:
            done = last.behind
            begin, end = ("\\[", "\\]") if _stands_apart(html, element, last) else ("\\(", "\\)")
            text = f"{begin}{tex}{end}"
            yield element.begin, last.behind, f"<div>{text}</div>" if element.name == "div" else text


def _of_script(html: str, script: Element) -> str | None:
    """Return the TeX of a script that MathJax reads, written as text of a page."""
    if not _SCRIPT.search(html, script.begin, script.inside):
        return None
    tex = _CDATA.sub("", html[script.inside : script.end])
    return references.escape(_plain(tex), quote=False)


def _script_of(html: str, drawn: Element) -> Element | None:
    """Return the script right behind what MathJax drew of it."""
    siblings = drawn.parent.children[drawn.place + 1 : drawn.place + 1 + BESIDE] if drawn.parent else []
    end = drawn.behind
    for sibling in siblings:
        if html[end : sibling.begin].strip():
            return None
        if sibling.name == "script":
            return sibling if _SCRIPT.search(html, sibling.begin, sibling.inside) else None
        if not sibling.classes & _DRAWN:
            return None
        end = sibling.behind
    return None


def _of_element(html: str, element: Element) -> str | None:
    """Return the TeX that an element says: in an annotation, or in MathML's `alttext`."""
    annotation = _ANNOTATION.search(html, element.begin, element.end)
    if annotation is not None:
        return _plain(annotation[1])
    math = _MATH.search(html, element.begin, element.end)
    return _value(_ALTTEXT.search(math[1])) if math is not None else None


def _mathml_alone(html: str, element: Element) -> Iterator[Edit]:
    """Take MathML out of what was drawn of it; boxes without MathML stay."""
    math = _MATH.search(html, element.begin, element.end) if element.name != "math" else None
    end = html.rfind("</math>", element.begin, element.end) if math is not None else -1
    if math is not None and end > math.start():
        yield element.begin, element.behind, html[math.start() : end + len("</math>")]


def _value(found: re.Match[str] | None) -> str | None:
    return (_plain(found[1] if found[1] is not None else found[2]) or None) if found is not None else None


def _plain(tex: str) -> str:
    """Return TeX without what a wiki or an editor wraps it in."""
    tex = tex.strip().strip("$").strip()
    styled = _STYLE.match(tex)
    return styled[1].strip() if styled is not None else tex


def _stands_apart(html: str, element: Element, last: Element) -> bool:
    """Say whether a formula stands on a line of its own."""
    around = element.parent.classes if element.parent else frozenset()
    if (element.classes | around) & _APART or _DISPLAY.search(html, last.begin, last.inside):
        return True
    inner = _MATH.search(html, element.begin, element.end)
    named = any(html.find(name, element.begin, element.end) >= 0 for name in _APART if name.startswith("mwe-"))
    return named or (inner is not None and _DISPLAY.search(inner[1]) is not None)
