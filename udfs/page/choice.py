"""Choose between the texts that trafilatura and Resiliparse propose for a page, by what the learned blocks expect of it.

No extractor is best on every kind of page: trafilatura on articles and documentation, Resiliparse on services and forums, and each fails
on many shops, listings and collections. The blocks are right more often than either. So the proposal that agrees most with their text is
taken, and their own text where no proposal comes near it. docs/extraction.md has the measurements.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from udfs.page.agreed_lines import agreed_lines
from udfs.page.line_layout import lay_out
from udfs.page.lost_lines import MIN_LETTERS, MIN_POST, restored
from udfs.page.word_bags import WordBag, agreement, shared_words, word_bag

ENOUGH = 0.9  # agreement above which trafilatura is not asked: it costs more than all else
MAX_MISSED = 0.01  # of the expected words, in a text that is taken so
NEAR = 0.5  # agreement below which the expected text itself is taken
CUT_KIND = "article"  # the kind of page on which lines that nobody expects may go; on others the blocks miss too much
_CODE = ("<pre", "<PRE")


@dataclass(frozen=True)
class Expected:
    """What is known of a page before an extractor is chosen: its source, the blocks' text, and its kind."""

    html: str
    text: str
    kind: str | None


@dataclass(frozen=True)
class Choice:
    """The text taken, the name of its proposal, and how many lines of an extractor's text it lacks."""

    text: str
    proposal: str
    lines_cut: int = 0


def choose(expected: Expected, *, resiliparse: dict[str, str], trafilatura: Callable[[], dict[str, str]]) -> Choice:
    """Take the proposal that agrees most with the expected text, by F1 of bags of words; an empty one only if all are.

    1. Resiliparse's best is taken if it agrees enough, has the expected words, and the page has no code or table, which it flattens.
    2. Otherwise trafilatura is asked. On articles each extractor also proposes its text without the lines that nobody expects.
    3. If the best agrees too little, the expected text is taken. If nothing is expected, trafilatura's own text is.
    4. What the taken text lost between its own lines comes back from the expected text.

    Texts are given by the names of their proposals, an extractor's longest as its last.
    """
    bag = word_bag(expected.text)
    found = _best(_proposals(resiliparse, expected, bag), bag) if expected.text else None
    if found is not None and _suffices(found, expected, bag):
        return _whole(found.choice, expected, resiliparse.values())
    texts = trafilatura()
    if not expected.text:
        return next((Choice(text, name) for name, text in (texts | resiliparse).items() if text), Choice("", "trafilatura"))
    laid = {name: lay_out(text, expected.text) for name, text in texts.items()}
    others = _best(_proposals(laid, expected, bag), bag)
    best = max((one for one in (others, found) if one is not None), key=lambda one: one.agreement, default=None)
    if best is None or best.agreement < NEAR:
        return Choice(expected.text, "blocks")
    return _whole(best.choice, expected, (*laid.values(), *resiliparse.values()))


def _whole(found: Choice, expected: Expected, others: Collection[str]) -> Choice:
    least = MIN_POST if expected.kind == "forum" else MIN_LETTERS
    return replace(found, text=restored(found.text, expected.text, others=others, least=least))


@dataclass(frozen=True)
class _Scored:
    choice: Choice
    bag: WordBag
    agreement: float


def _suffices(found: _Scored, expected: Expected, bag: WordBag) -> bool:
    if found.agreement < ENOUGH or bag.words - shared_words(found.bag, bag) > MAX_MISSED * bag.words:
        return False
    has_rows = any(line.startswith("|") for line in expected.text.split("\n"))
    return not has_rows and not any(tag in expected.html for tag in _CODE)


def _proposals(texts: dict[str, str], expected: Expected, bag: WordBag) -> list[Choice]:
    made = [Choice(text, name) for name, text in texts.items() if text]
    if made and expected.kind == CUT_KIND:
        last = made[-1]
        agreed = agreed_lines(last.text, expected.text, bag)
        made.append(Choice(agreed, f"{next(iter(texts))}_agreed", _lines(last.text) - _lines(agreed)))
    return [one for one in made if one.text]


def _best(proposals: list[Choice], bag: WordBag) -> _Scored | None:
    bags = [word_bag(one.text) for one in proposals]
    scored = [_Scored(one, own, agreement(own, bag)) for one, own in zip(proposals, bags, strict=True)]
    return max(scored, key=lambda one: one.agreement, default=None)


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.split("\n"))
