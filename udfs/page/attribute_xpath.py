"""Evaluate XPath expressions that test attributes with regular expressions, with the same result and without lxml's calls.

lxml answers each re:test() by a call from C into Python, for every element and pattern; on a page of the web that is half of trafilatura's
time. The values of those attributes repeat, so a memory of values answers for most elements.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from lxml.etree import XPath, _Element

Test = Callable[[str], bool]

MAX_REMEMBERED = 20_000  # values; then memory starts anew
_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}

_TAG = re.compile(r"self::(\w+)")
_TAGS = re.compile(r"\s*self::\w+(?:\s+or\s+self::\w+)*\s*")
_NAMES = r"(@[\w-]+(?:\s*\|\s*@[\w-]+)*)"
_LITERAL = r"'([^']*)'"
_PRESENT = re.compile(r"@([\w-]+)")
_EQUAL = re.compile(rf"@([\w-]+)\s*=\s*{_LITERAL}")
_CONTAINS = re.compile(rf"contains\(\s*{_NAMES}\s*,\s*{_LITERAL}\s*\)")
_FOLDED = re.compile(rf"contains\(\s*translate\(\s*{_NAMES}\s*,\s*{_LITERAL}\s*,\s*{_LITERAL}\s*\)\s*,\s*{_LITERAL}\s*\)")
_STARTS = re.compile(rf"starts-with\(\s*{_NAMES}\s*,\s*{_LITERAL}\s*\)")
_TEST = re.compile(rf"re:test\(\s*{_NAMES}\s*,\s*{_LITERAL}\s*(,\s*'i'\s*)?\)")
_TOKEN = re.compile(r"'[^']*'|[\[\]()]|\bor\b|[^'\[\]()o]+|o")


class Condition(NamedTuple):
    """A test of the first of the named attributes that an element has, and whether the condition holds of one that has none."""

    names: frozenset[str]
    test: Test
    of_none: bool = False


class AttributeXPath:
    """Stand in for an XPath object of lxml: call it with an element, get the same elements in the same order.

    Understood are `.//*[self::a or …][conditions joined by or][what else there is]`, also with `[1]` at the end or around it;
    what follows the conditions is left to lxml, for the few elements that pass. `of` returns None for anything else.
    """

    def __init__(self, path: str, *, tags: str, conditions: "list[Condition]", rest: str, first: str) -> None:
        self.path = path
        self._tags = tuple(_TAG.findall(tags)) or ("*",)
        memories = {
            asked: _Memory(tuple(condition.test for condition in conditions if condition.names == asked))
            for asked in dict.fromkeys(condition.names for condition in conditions)
        }
        self._alone = {next(iter(names)): memory for names, memory in memories.items() if len(names) == 1}
        self._unions = tuple((names, memory) for names, memory in memories.items() if len(names) > 1)
        self._rest = XPath(f"self::*{rest}", namespaces=_NAMESPACES) if rest else None
        self._first = first

    @classmethod
    def of(cls, expression: XPath) -> "AttributeXPath | None":
        """Return the stand-in of an expression, or None if it is not of the form understood."""
        path = expression.path.strip()
        first = ""
        if path.startswith("(") and path.endswith(")[1]"):
            path, first = path[1:-4].strip(), "document"
        predicates = _predicates(path[4:]) if path.startswith(".//*[") else None
        if not predicates:
            return None
        tags = predicates.pop(0) if _TAGS.fullmatch(predicates[0]) else ""
        conditions = [_condition(part) for part in _alternatives(predicates.pop(0))] if predicates else []
        if predicates == ["1"]:
            predicates, first = [], first or "parent"
        known = [condition for condition in conditions if condition is not None]
        if not known or len(known) < len(conditions) or any(predicate.strip().isdigit() for predicate in predicates):
            return None
        if any(condition.of_none for condition in known):  # the candidates would miss elements
            return None
        rest = "".join(f"[{predicate}]" for predicate in predicates)
        return cls(expression.path, tags=tags, conditions=known, rest=rest, first=first)

    def __call__(self, tree: _Element) -> list[_Element]:
        """Return the elements below `tree` that the expression selects, in document order."""
        found: list[_Element] = []
        parents: set[_Element | None] = set()
        for element in tree.iterdescendants(*self._tags):
            items = element.items()
            if not items or not self._holds(items) or (self._rest is not None and not self._rest(element)):
                continue
            if self._first == "parent":
                parent = element.getparent()
                if parent in parents:
                    continue
                parents.add(parent)
            found.append(element)
            if self._first == "document":
                break
        return found

    def _holds(self, items: list[tuple[str, str]]) -> bool:
        alone = self._alone
        for name, value in items:
            if name in alone and alone[name][value]:
                return True
        for names, memory in self._unions:
            for name, value in items:
                if name in names:
                    if memory[value]:
                        return True
                    break  # of "@a|@b" XPath takes the one that is written first
        return False


class _Memory(dict[str, bool]):
    """Whether any of the tests holds for a value, remembered: a site's class names recur on every page."""

    def __init__(self, tests: tuple[Test, ...]) -> None:
        super().__init__()
        self._tests = tests

    def __missing__(self, value: str) -> bool:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        verdict = self[value] = any(test(value) for test in self._tests)
        return verdict


def replace_in(lists: Iterable[list[Any]]) -> None:
    """Put stand-ins in the place of those expressions in the lists that call re:test(); one that has none stays as it is."""
    for expressions in lists:
        for place, expression in enumerate(expressions):
            if isinstance(expression, XPath) and "re:test(" in expression.path:
                expressions[place] = AttributeXPath.of(expression) or expression


def _predicates(text: str) -> list[str] | None:
    """Split "[a][b]" at the brackets that no quote and no other bracket holds."""
    parts: list[str] = []
    depth = start = end = 0
    for token in _TOKEN.finditer(text):
        if token[0] == "[":
            if depth == 0:
                if text[end : token.start()].strip():
                    return None
                start = token.end()
            depth += 1
        elif token[0] == "]":
            depth -= 1
            if depth == 0:
                parts.append(text[start : token.start()])
                end = token.end()
    return parts if depth == 0 and not text[end:].strip() else None


def _alternatives(predicate: str) -> list[str]:
    """Split "a or b" at every `or` outside quotes and parentheses."""
    parts = [""]
    depth = 0
    for token in _TOKEN.findall(predicate):
        depth += (token == "(") - (token == ")")
        if token == "or" and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def _condition(text: str) -> Condition | None:
    """Turn one condition into a test of an attribute's value; None if it is of no known form."""
    if found := _PRESENT.fullmatch(text):
        return Condition(frozenset({found[1]}), lambda value: True)
    if found := _EQUAL.fullmatch(text):
        literal = found[2]
        return Condition(frozenset({found[1]}), lambda value: value == literal)
    if found := _CONTAINS.fullmatch(text):
        literal = found[2]
        return _on_text(found[1], lambda value: literal in value)
    if (found := _FOLDED.fullmatch(text)) and len(found[2]) == len(found[3]):
        table, literal = str.maketrans(found[2], found[3]), found[4]
        return _on_text(found[1], lambda value: literal in value.translate(table))
    if found := _STARTS.fullmatch(text):
        literal = found[2]
        return _on_text(found[1], lambda value: value.startswith(literal))
    if found := _TEST.fullmatch(text):
        pattern = re.compile(found[2], re.IGNORECASE if found[3] else 0)
        return _on_text(found[1], lambda value: pattern.search(value) is not None)
    return None


def _on_text(union: str, test: Test) -> Condition:
    """Test the string value of "@a|@b"; of an element with neither it is the empty string."""
    return Condition(frozenset(name.strip().removeprefix("@") for name in union.split("|")), test, of_none=test(""))
