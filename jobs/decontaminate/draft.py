"""Prints a [[decontaminate.set]] for each evaluation set of a folder, to be looked at and pasted into a recipe.

python -m jobs.decontaminate.draft FOLDER
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jobs.decontaminate.evaluation_sets import read_items
from jobs.decontaminate.item_fields import texts_of
from jobs.engine.errors import RecipeError
from udfs.corpus.formats import DATA_NAMES, is_named

QUESTIONS = ("question", "query", "prompt", "context", "problem", "input", "sentence", "goal")
ANSWERS = ("answer", "continuation", "canonical_solution", "solution", "target", "output", "label")
CHOICES = ("choices", "options", "endings")
NUMBERS = ("gold", "answer", "label", "answer_idx", "gold_index")


def drafts(folder: Path) -> Iterator[str]:
    """Yield a section for each data file of the folder; a comment for one that is no evaluation set."""
    for path in sorted(folder.iterdir()):
        if is_named(path.name, DATA_NAMES):
            yield _draft(path)


def _draft(path: Path) -> str:
    name = path.name.partition(".")[0]
    try:
        sha256, rows = read_items(str(path), where=path.name)
    except RecipeError as error:
        return f"# {error}"
    fields = guessed(rows[0])
    lines = [f'name     = "{name}"', f'uri      = "{path}"', f'sha256   = "{sha256}"']
    lines += [f'{key:<8} = "{value}"' for key, value in fields.items()]
    there = ", ".join(dict.fromkeys(key for row in rows[:100] for key in row))
    return "\n".join(["[[decontaminate.set]]", *lines, f"# {len(rows):,} items; fields: {there}"])


def guessed(row: Mapping[str, Any]) -> dict[str, str]:
    """Guess which fields are question and answer by their names.

    >>> guessed({"query": "Why?", "choices": ["so", "not so"], "gold": 1})
    {'question': 'query', 'answer': 'choices[gold]'}
    """
    chosen = {"question": next((name for name in QUESTIONS if texts_of(row, name)), "?")}
    element = next((f"{one}[{number}]" for one in CHOICES for number in NUMBERS if texts_of(row, f"{one}[{number}]")), None)
    answer = element or next((name for name in ANSWERS if texts_of(row, name)), None)
    return chosen | ({"answer": answer} if answer is not None else {})


if __name__ == "__main__":
    print("\n\n".join(drafts(Path(sys.argv[1]))))
