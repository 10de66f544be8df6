"""What a model says to whoever asked instead of writing the text: refusals, opening and closing words, its instructions."""

import re

from udfs.gates.plain_words import runs

LEAK_WORDS = 6
_REFUSALS = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:ai|(?:large )?language model)\b"
    r"|^\W*(?:i'm|i am) (?:very |so )?(?:sorry|afraid),? (?:but |that )?(?:i|as|this|there)\b"
    r"|\bi (?:cannot|can't|can not|am unable to|am not able to|won't|will not|do not have|don't have)"
    r" (?:be able to |the ability to )?(?:help|assist|comply|fulfil|provide|rewrite|generate|create|process|complete|access|answer|summari[sz]e)"
    r"|\b(?:ich kann|je ne peux|no puedo) (?:ihnen |dir |pas |ayudar|dabei|leider)",
    re.I,
)
_OPENINGS = re.compile(
    r"^\W*(?:(?:sure|certainly|of course|absolutely|okay|ok|great)\b\W+(?:here|i|let|the|this|below)\b"
    r"|(?:sure|certainly|of course|absolutely)[!,.:]"
    r"|(?:here(?:'s| is| are)|below (?:is|are)|the following (?:is|are)|this is|i(?:'ve| have)|let me|i will|i'll)\b"
    r"[^\n.]{0,80}\b(?:re-?writ\w+|re-?phras\w+|paraphras\w+|summar\w+|version|questions?|article|table|list|dialog\w*|explanation|tutorial|text|page)\b"
    r"[^\n]{0,60}(?::|\.|,|\n|$)"
    r"|this (?:page|text|article|version) (?:is|was|has been) (?:edited|re-?writ\w+|re-?phras\w+|shortened|condensed|simplified)\b"
    r"|what you(?:'ve|'re| have| are)\b"
    r"|the \w+ (?:of|about|from) (?:the|this) (?:page|text) (?:is|are)\b[^\n]{0,40}:"
    r"|hier ist|voici|aquí (?:está|tienes))",
    re.I,
)
_CLOSINGS = re.compile(
    r"(?:i hope (?:this|that|it) (?:helps|is helpful|meets)|let me know if|feel free to (?:ask|reach|let)|is there anything else"
    r"|would you like me to|please note that i|note: (?:i|this (?:text|version|article|summary)|the (?:text|above|page))|do you want me to)"
    r"[^\n]*\W*$",
    re.I,
)
_MARKS = re.compile(r"</?\s?page>|<\|[a-z_]+\|>|\[/?INST\]|\{page\}", re.I)


def is_refusal(answer: str, parent: str) -> bool:
    """Say whether the model declines; words that the page has itself are no refusal."""
    answer, parent = _plain(answer), _plain(parent)
    return any(found[0].casefold() not in parent.casefold() for found in _REFUSALS.finditer(answer))


def has_preamble(answer: str, parent: str) -> bool:
    """Say whether the model speaks to the one who asked, before its text or behind it."""
    answer, parent = _plain(answer).strip(), _plain(parent).strip()
    opening, closing = _OPENINGS.match(answer), _CLOSINGS.search(answer)
    return any(found is not None and found[0].strip().casefold() not in parent.casefold() for found in (opening, closing))


def leaked_runs(answer: str, parent: str, instructions: str) -> int:
    """Count the distinct runs of LEAK_WORDS words, and the marks, that the answer has from its instructions and not from the page."""
    told = set(runs(instructions, LEAK_WORDS)) - set(runs(parent, LEAK_WORDS))
    marks = {mark.casefold() for mark in _MARKS.findall(answer)} - {mark.casefold() for mark in _MARKS.findall(parent)}
    return len(told & set(runs(answer, LEAK_WORDS))) + len(marks)


def _plain(text: str) -> str:
    return text.replace("’", "'")
