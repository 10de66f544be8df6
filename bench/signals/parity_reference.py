"""Ask datatrove's own filters about texts: the oracle of bench/signals/parity.py, run by a Python that has datatrove.

Make that Python once (about 150 MB; regex and spacy are needed and not pulled in by datatrove alone):

    python3.11 -m venv reference
    reference/bin/python -m pip install datatrove==0.10.1 spacy==3.8.18 regex lxml_html_clean

Reads JSON lines {"id", "text"} from the first argument and writes one JSON line a text to the second: by filter the reason of
the drop or null, each alone on the text and then all in sequence, and the text as C4 rewrites it.
"""

import json
import sys
from pathlib import Path
from typing import Any

from datatrove.data import Document  # type: ignore[import-not-found, unused-ignore]
from datatrove.pipeline.filters import (  # type: ignore[import-not-found, unused-ignore]
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)


def reason_of(verdict: Any) -> str | None:
    """Return the reason of a drop ("dropped" where datatrove names none), or None for a text that stays."""
    if isinstance(verdict, tuple):
        return None if verdict[0] else str(verdict[1])
    return None if verdict else "dropped"


def judge(text: str, filters: dict[str, Any]) -> dict[str, Any]:
    """Return the verdict of each filter alone, of all in sequence, and C4's text (null where C4 drops)."""
    alone: dict[str, str | None] = {}
    rewritten: str | None = None
    for name, step in filters.items():
        document = Document(text=text, id="")
        alone[name] = reason_of(step.filter(document))
        if name == "c4" and alone[name] is None:
            rewritten = document.text
    document, sequence = Document(text=text, id=""), None
    for name, step in filters.items():
        reason = reason_of(step.filter(document))
        if reason:
            sequence = f"{name}: {reason}"
            break
    return {"alone": alone, "sequence": sequence, "rewritten": rewritten}


def main() -> None:
    """Judge every text of the first argument, in FineWeb's order of filters."""
    filters = {
        "gopher_repetition": GopherRepetitionFilter(),
        "gopher_quality": GopherQualityFilter(),
        "c4": C4QualityFilter(filter_no_terminal_punct=False),
        "fineweb": FineWebQualityFilter(),
    }
    source, target = map(Path, sys.argv[1:3])
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as verdicts:
        for line in lines:
            row = json.loads(line)
            verdicts.write(json.dumps({"id": row["id"], **judge(row["text"], filters)}) + "\n")


if __name__ == "__main__":
    main()
