"""Perplexity of a text by a KenLM model of its language, over SentencePiece's pieces, as CCNet measures it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from udfs.models.model_file import found_path
from udfs.signals.definition import Signal
from udfs.words.normal_forms import decomposed

_SOURCE = "CCNet (arXiv 1911.00359), section 4.2; facebookresearch/cc_net cc_net/perplexity.py, text_normalizer.py, mine.py"

SIGNALS = (
    Signal(
        "perplexity",
        "float",
        "10^(-log10 probability per piece)",
        _SOURCE,
        "perplexity by the model of the document's language; null where the recipe names none for it, which CCNet calls 'all'",
    ),
)

_DIGIT = re.compile(r"\d")
_DELETED = dict.fromkeys((*range(32), *range(127, 160)))
# CCNet's table has the full-width digit one too, as a quotation mark; digits are 0 by then, so that entry never applies
_MARKS = str.maketrans(
    {
        **dict.fromkeys("，、", ","),
        **dict.fromkeys("„”“«»」「《》", '"'),
        **dict.fromkeys("´’", "'"),
        **dict.fromkeys("∶：", ":"),
        **dict.fromkeys("–━►", "-"),
        **dict(zip("。？！（）；～〈〉【】％", ".?!();~<>[]%", strict=True)),
        "—": " - ",
        "．": ". ",
        "…": "...",
    }
)


@dataclass(frozen=True)
class LanguageFiles:
    """Name the two models of a language: SentencePiece's and KenLM's, paths on the worker with their sha256."""

    language: str
    pieces: str
    pieces_sha256: str
    lm: str
    lm_sha256: str


def normalised(text: str) -> str:
    r"""Return a text as the models read it: stripped, lower case, without accents, digits as 0, ASCII marks, no control characters.

    >>> normalised("  Café – 25 °C…\n")
    'cafe - 00 °c...'
    """
    text = decomposed(text.strip().lower())
    text = "".join(char for char in text if unicodedata.category(char) != "Mn") if not text.isascii() else text
    return _DIGIT.sub("0", text).translate(_MARKS).translate(_DELETED)


def lines_of(text: str, *, faithful: bool) -> Iterator[str]:
    """Yield what is scored as a sentence each: normalised lines that are not blank.

    With `faithful` that is the whole text, as cc_net's pipeline has it. It normalises before it cuts lines, and normalising deletes line
    breaks. So the last word of a line and the first of the next are one word there.
    """
    for line in (text,) if faithful else text.split("\n"):
        if found := normalised(line):
            yield found


def perplexity(lines: Iterable[list[str]], lm: Any) -> float | None:
    """Return the perplexity of sentences given as pieces, the end of each counted as a piece; None without a sentence."""
    score, length = 0.0, 0
    for pieces in lines:
        score += lm.score(" ".join(pieces))
        length += len(pieces) + 1
    return float(10 ** (-score / length)) if length else None


class PerplexityModels:
    """Hold the models of some languages by path and sha256, loaded at first use in each process."""

    def __init__(self, files: Iterable[LanguageFiles], *, faithful: bool) -> None:
        self.files = {one.language: one for one in files}
        self.faithful = faithful

    def load(self) -> None:
        """Load all models now, so that a bad file stops the task instead of failing every document."""
        for one in self.files.values():
            loaded(one)

    def measure(self, text: str, language: str | None) -> float | None:
        """Return the perplexity of a text by its language's model; None without a model, and for blank text."""
        files = self.files.get(language or "")
        if files is None:
            return None
        pieces, lm = loaded(files)
        return perplexity((pieces.encode(line, out_type=str) for line in lines_of(text, faithful=self.faithful)), lm)


@lru_cache(maxsize=256)
def loaded(files: LanguageFiles) -> tuple[Any, Any]:
    """Load a language's models once per process. KenLM's file is mapped, so that all workers of a machine share its memory.

    Raises ModelError for a file that is missing or not the pinned one.
    """
    import kenlm
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(found_path(files.pieces, files.pieces_sha256)))
    config = kenlm.Config()
    config.load_method = kenlm.LoadMethod.LAZY
    return pieces, kenlm.Model(str(found_path(files.lm, files.lm_sha256)), config)
