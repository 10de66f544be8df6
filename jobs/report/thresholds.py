"""Reads the thresholds out of a rule's SQL, so that the report can draw them into the distribution they cut."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from jobs.report.data import RuleLike

Comparison = Literal["<", "<=", ">", ">="]

_TOKEN = re.compile(
    r"""(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYDF])?(?![\w.]))
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<name>`[^`]+`|[A-Za-z_]\w*)
      | (?P<compare><=>|<=|>=|<>|!=|==|<|>|=)
      | (?P<mark>\S)""",
    re.VERBOSE | re.IGNORECASE,
)
_FLIPPED: dict[str, Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_KEPT_SIDE: dict[str, Comparison] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NEGATES_A_LIST = {"IN", "LIKE", "ILIKE", "RLIKE", "NULL", "EXISTS"}


@dataclass(frozen=True)
class Threshold:
    """A number a signal is compared with. `op` is the kept side; `conditional`: under an OR or a `where`, not for all documents."""

    signal: str
    op: Comparison
    value: float
    conditional: bool


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def thresholds_of(rule: RuleLike) -> tuple[Threshold, ...]:
    """Return the thresholds of a rule; those of a rule that is meant for some documents are conditional."""
    found = thresholds(rule.kept)
    return found if rule.meant is None else tuple(replace(one, conditional=True) for one in found)


def thresholds(keep: str) -> tuple[Threshold, ...]:
    """Return the plain comparisons of a signal with a number in a rule's `keep` SQL, in order.

    Knows <, <=, >, >= with the signal on either side, BETWEEN, AND, OR and parentheses. What it cannot read with
    certainty (arithmetic, functions, NOT, CASE) yields nothing: a missing line is better than a wrong one.
    """
    tokens = _tokens(keep)
    words = [token.text.upper() if token.kind == "name" else "" for token in tokens]
    if "CASE" in words or _negates_a_comparison(words):
        return ()
    conditional = "OR" in words
    found: list[Threshold] = []
    for start in range(len(tokens)):
        for end, comparisons in _comparisons_at(tokens, start):
            if _opens(tokens, start) and _closes(tokens, end):
                found += [Threshold(signal, op, value, conditional) for signal, op, value in comparisons]
    return tuple(found)


def words(keep: str) -> set[str]:
    """Return the bare names in a rule's SQL: its signals, and SQL's own words."""
    return {_signal(token.text) for token in _tokens(keep) if token.kind == "name"}


def _tokens(sql: str) -> list[_Token]:
    """Split SQL into tokens, with a sign folded into the number it belongs to."""
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(sql):
        token = _Token(str(match.lastgroup), match.group())
        signed = tokens and token.kind == "number" and tokens[-1].text in "+-"
        if signed and (len(tokens) == 1 or _before_a_sign(tokens[-2])):
            sign = tokens.pop().text
            token = _Token("number", sign + token.text)
        tokens.append(token)
    return tokens


def _before_a_sign(token: _Token) -> bool:
    return token.kind == "compare" or token.text == "(" or token.text.upper() in {"AND", "OR", "BETWEEN"}


def _negates_a_comparison(words: list[str]) -> bool:
    """Tell whether a NOT may turn a comparison round (IS NOT NULL, NOT IN and their like do not)."""
    for position, word in enumerate(words):
        previous = words[position - 1] if position else ""
        following = words[position + 1] if position + 1 < len(words) else ""
        if word == "NOT" and previous != "IS" and following not in _NEGATES_A_LIST:
            return True
    return False


def _comparisons_at(tokens: list[_Token], start: int) -> list[tuple[int, list[tuple[str, Comparison, float]]]]:
    """Return (index after it, comparisons) for the comparison that begins at `start`, if one does."""
    kinds = [token.kind for token in tokens[start : start + 5]]
    texts = [token.text for token in tokens[start : start + 5]]
    if kinds[:3] == ["name", "compare", "number"] and texts[1] in _KEPT_SIDE:
        return [(start + 3, [(_signal(texts[0]), _KEPT_SIDE[texts[1]], _value(texts[2]))])]
    if kinds[:3] == ["number", "compare", "name"] and texts[1] in _FLIPPED:
        return [(start + 3, [(_signal(texts[2]), _FLIPPED[texts[1]], _value(texts[0]))])]
    if kinds == ["name", "name", "number", "name", "number"] and (texts[1] + texts[3]).upper() == "BETWEENAND":
        signal = _signal(texts[0])
        return [(start + 5, [(signal, ">=", _value(texts[2])), (signal, "<=", _value(texts[4]))])]
    return []


def _opens(tokens: list[_Token], start: int) -> bool:
    """Tell whether a condition may begin here: at the start, after AND or OR, or after a parenthesis that groups."""
    position = start - 1
    while position >= 0 and tokens[position].text == "(":
        position -= 1
    return position < 0 or tokens[position].text.upper() in {"AND", "OR"}


def _closes(tokens: list[_Token], end: int) -> bool:
    return end >= len(tokens) or tokens[end].text == ")" or tokens[end].text.upper() in {"AND", "OR"}


def _signal(text: str) -> str:
    return text.strip("`")


def _value(text: str) -> float:
    return float(re.sub(r"(?i)(BD|[LSYDF])$", "", text))
