"""Run RedPajama-Data's own quality signals over texts: the oracle of bench/signals/redpajama_parity.py.

Make its Python once. NLTK of 2023, as the data was made: the word characters of 3.10 are others:

    python3.11 -m venv reference
    reference/bin/python -m pip install nltk==3.8.1 numpy msgspec typing_extensions

Signals of lines are averaged over lines, as ours are. Lists of words are small ones, put where the code would load its own.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


def signals(folder: Path, words: dict[str, list[str]]) -> list[Any]:
    """Import the code below a folder and return its rule-based signals."""
    sys.path.insert(0, str(folder))
    from core.quality_signals import (  # type: ignore[import-not-found, unused-ignore]
        content,
        lines,
        natural_language,
        repetitions,
    )

    bad = set(words["bad"])
    ldnoobw = content.RPS_Doc_LDNOOBW_Words.__new__(content.RPS_Doc_LDNOOBW_Words)
    content.RPSBase.__init__(ldnoobw)
    ldnoobw._block_words, ldnoobw._gram_vals = bad, {1 + word.count(" ") for word in bad}
    stop = content.RPS_Doc_Stop_Word_Fraction.__new__(content.RPS_Doc_Stop_Word_Fraction)
    content.RPSBase.__init__(stop)
    stop._stop_words = set(words["stop"])
    return [
        ldnoobw,
        stop,
        content.RPS_Doc_Lorem_Ipsum(),
        content.RPS_Doc_Curly_Bracket(),
        *natural_language.register_natural_language_callables(),
        *repetitions.register_repetitions_callables(),
        *lines.register_lines_callables(),
    ]


def averaged(values: list[tuple[int, int, float | None]]) -> float | None:
    """Return the one value of a document, or the mean of those of its lines."""
    found = [value for _, _, value in values if value is not None]
    return sum(found) / len(found) if found else None


def main() -> None:
    """Measure every text of the second argument and write to the third; the fourth has the words."""
    folder, source, target, words = map(Path, sys.argv[1:])
    every = signals(folder, json.loads(words.read_text()))
    from core.document import Document  # type: ignore[import-not-found, unused-ignore]

    with target.open("w", encoding="utf-8") as lines:
        for row in map(json.loads, source.read_text("utf-8").splitlines()):
            started = time.process_time()
            document = Document(row["text"], domain=None)
            found = {one.field_name: averaged(one(document)) for one in every}
            lines.write(json.dumps({"id": row["id"], **found, "seconds": time.process_time() - started}) + "\n")


if __name__ == "__main__":
    main()
