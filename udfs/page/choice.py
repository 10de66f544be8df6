"""Choose between the texts that trafilatura and Resiliparse propose for a page, by what the learned blocks expect of it.

No extractor is best on every kind of page: trafilatura on articles and documentation, Resiliparse on services, and each fails on many
shops, forums and listings. The blocks are right more often than either. So the proposal that agrees most with their text is taken, with
or without the lines that they leave out. docs/extraction.md has the measurements.
"""

from collections.abc import Callable
from dataclasses import dataclass

from udfs.page.agreed_lines import agreed_lines
from udfs.page.line_layout import lay_out
from udfs.page.word_bags import WordBag, agreement, word_bag

ENOUGH = 0.9  # agreement above which no other proposal is made: trafilatura costs more than all else
TRAFILATURA = "trafilatura"


@dataclass(frozen=True)
class Choice:
    """The text taken, the name of its proposal, and how many lines of an extractor's text it lacks."""

    text: str
    proposal: str
    lines_cut: int = 0


def choose(expected: str, *, resiliparse: dict[str, str], trafilatura: Callable[[], dict[str, str]]) -> Choice:
    """Take the proposal that agrees most with the expected text, by F1 of bags of words; an empty one only if all are.

    Each extractor's texts are given by name: "resiliparse", "resiliparse_comments" and their like. trafilatura is asked only if
    Resiliparse's best proposal agrees too little. Where nothing is expected, trafilatura's own text is taken.
    """
    bag = word_bag(expected)
    found = _best(_proposals(resiliparse, expected, bag), bag) if expected else None
    if found is not None and found[0] >= ENOUGH:
        return found[1]
    texts = trafilatura()
    if expected:
        laid = {name: lay_out(text, expected).whole for name, text in texts.items()}
        others = _best(_proposals(laid, expected, bag), bag)
        best = max((one for one in (others, found) if one is not None), key=lambda one: one[0], default=None)
        if best is not None:
            return best[1]
    return next((Choice(text, name) for name, text in (texts | resiliparse).items() if text), Choice("", TRAFILATURA))


def _proposals(texts: dict[str, str], expected: str, bag: WordBag) -> list[Choice]:
    """Return each text as it is, and the last, which is the longest, without the lines that nobody expects."""
    made = [Choice(text, name) for name, text in texts.items() if text]
    if made:
        last = made[-1]
        agreed = agreed_lines(last.text, expected, bag)
        if agreed:
            made.append(Choice(agreed, f"{next(iter(texts))}_agreed", _lines(last.text) - _lines(agreed)))
    return made


def _best(proposals: list[Choice], bag: WordBag) -> tuple[float, Choice] | None:
    scored = [(agreement(word_bag(one.text), bag), one) for one in proposals]
    return max(scored, key=lambda pair: pair[0], default=None)


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.split("\n"))
