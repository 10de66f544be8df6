"""The form of a text: prose, questions with answers, choices, a table, a list, a dialogue. Told by its lines alone."""

import re
from collections.abc import Sequence
from itertools import pairwise

_CHOICE = re.compile(r"^\W{0,3}[A-Da-d][).:]\s*\S")
_ITEM = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+\S")
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_TURN = re.compile(r"^\W{0,4}([^\W\d_][\w.'’-]*(?:\s[\w.'’-]+){0,2})\W{0,3}[:：]\W{0,3}\S")
_ASKED = re.compile(r"[?？؟]\W*$")
QUESTION, ANSWER = (
    re.compile(r"^\W{0,4}(?:question|q|frage|pregunta)\b", re.I),
    re.compile(r"^\W{0,4}(?:answer|a|r[eé]ponse|antwort|respuesta)\b", re.I),
)
MOST_SPEAKERS = 4


def form_of(text: str) -> str:
    """Return the form: table, choices, questions, dialogue, list, prose; "none" of a text without words.

    >>> form_of("Who ran it?\\nAnna did.\\n\\nWhen?\\nIn May."), form_of("- One.\\n- Two."), form_of("Anna ran it.")
    ('questions', 'list', 'prose')
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not any(character.isalnum() for character in text):
        return "none"
    for name, holds in (
        ("table", _is_table),
        ("choices", _has_choices),
        ("questions", _is_questions),
        ("dialogue", _is_dialogue),
    ):
        if holds(lines):
            return name
    items = sum(_ITEM.match(line) is not None for line in lines)
    return "list" if items >= 2 and 2 * items >= len(lines) else "prose"


def claims(text: str) -> str:
    """Return what a text claims: all of it, but of choices the wrong ones, which are to say what the page does not."""
    return (
        "\n".join(line for line in text.split("\n") if not _CHOICE.match(line.strip())) if form_of(text) == "choices" else text
    )


def _is_table(lines: Sequence[str]) -> bool:
    """Want a row of headings, the rule below it, and a row of cells."""
    return any(
        _RULE.match(line) and "|" in lines[place - 1] and "|" in lines[place + 1]
        for place, line in enumerate(lines[:-1])
        if place and "-" in line
    )


def _has_choices(lines: Sequence[str]) -> bool:
    """Want three choices in a row below a question."""
    for place, line in enumerate(lines):
        if _ASKED.search(line) and all(_CHOICE.match(one) for one in lines[place + 1 : place + 4]) and len(lines) > place + 3:
            return True
    return False


def _is_questions(lines: Sequence[str]) -> bool:
    """Want questions, each with an answer below it, to be what most of the text is; turns of speakers are none."""
    pairs = sum(
        bool(_ASKED.search(line)) and not _ASKED.search(after) and not _other_speaker(line) for line, after in pairwise(lines)
    )
    return pairs >= 1 and 2 * pairs >= len(lines) * 0.6


def _other_speaker(line: str) -> bool:
    return _TURN.match(line) is not None and QUESTION.match(line) is None


def _is_dialogue(lines: Sequence[str]) -> bool:
    """Want turns of a few speakers, at least two for one of them."""
    turns = [found[1].casefold() for line in lines if (found := _TURN.match(line)) is not None]
    return len(turns) >= 3 and 10 * len(turns) >= 7 * len(lines) and 2 <= len(set(turns)) <= MOST_SPEAKERS
