"""Prints a [[decontaminate.set]] for each evaluation set of a folder, to be looked at and pasted into a recipe.

python -m jobs.decontaminate.draft FOLDER
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from jobs.decontaminate.evaluation_sets import index_of, read_set
from jobs.decontaminate.item_fields import texts_of
from jobs.decontaminate.item_files import SET_NAMES, Row, open_items
from jobs.decontaminate.settings import Decontaminate, EvaluationSet
from jobs.engine.errors import RecipeError
from udfs.corpus.formats import is_named
from udfs.grams.folded_text import folded
from udfs.grams.gram_index import LEAST_QUESTION

QUESTIONS = (
    *("question", "question_stem", "query", "prompt", "context", "problem", "input", "sentence", "goal"),
    *("ctx", "premise", "sentence1", "text"),
)
ANSWERS = (
    "answer.value",
    "answer",
    "correct_answer",
    "continuation",
    "canonical_solution",
    "solution",
    "target",
    "output",
    "code",
)
CHOICES = ("choices", "options", "endings", "choices.text")
NUMBERS = ("gold", "answer", "label", "answer_idx", "gold_index", "answerKey")
OUTER = ("", "doc.")  # where a file has the item itself: in the row, or in a field of it
NO_SETS = ("dataset_info.json", "dataset_dict.json", "state.json")  # which Hugging Face's datasets puts beside its data
_LOOKED_AT = 100
_SHARD = re.compile(r"data-\d+-of-\d+|requests|-00000-of-00001")


def drafts(folder: Path) -> Iterator[str]:
    """Yield a section for each data file in the folder and those below it; a comment for one that is no evaluation set."""
    taken: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if is_named(path.name, SET_NAMES) and path.name not in NO_SETS and path.is_file():
            yield _draft(path, name=_name(path.relative_to(folder), taken))


def _name(path: Path, taken: set[str]) -> str:
    """Return a name that no other set has: the folders and the file's own name, if that says more than that it has the data.

    >>> _name(Path("arc/easy/data-00000-of-00001.arrow"), set()), _name(Path("my sets/gsm8k.jsonl.gz"), {"my_sets.gsm8k"})
    ('arc.easy', 'my_sets.gsm8k-2')
    """
    parts = [*path.parent.parts, _SHARD.sub("", path.name.partition(".")[0])]
    name = ".".join(re.sub(r"[^A-Za-z0-9_:-]+", "_", part) for part in parts if part)[-90:].lstrip("._:-") or "set"
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    free = next(one for one in names if one not in taken)
    taken.add(free)
    return free


def _draft(path: Path, *, name: str) -> str:
    try:
        with open_items(str(path), where=str(path)) as items:
            head = list(islice(items.rows, _LOOKED_AT))
            count = len(head) + sum(1 for _ in items.rows)
    except RecipeError as error:
        return f"# {error}"
    fields = guessed(head)
    there = f"fields: {', '.join(dict.fromkeys(key for row in head for key in row))}"
    if "question" not in fields:
        return f"# {path}: {count:,} items, and no field that looks like a question; {there}"
    given = {"name": name, "uri": str(path), "sha256": items.sha256, **fields}
    lines = [f"{key:<8} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()]
    return "\n".join(["[[decontaminate.set]]", *lines, f"# {count:,} items, {_protected(given):,} can be protected; {there}"])


def _protected(given: dict[str, str]) -> int:
    """Count the items that can be protected with the defaults of [decontaminate]."""
    one = EvaluationSet.model_validate(given)
    try:
        index = index_of([read_set(one)], Decontaminate(set=(one,)))
    except RecipeError:
        return 0
    return len(set(index.items[index.sought].tolist()))


def guessed(rows: Sequence[Row]) -> dict[str, str]:
    """Guess which fields of the items are question and answer, by their names: no key for what none looks like.

    >>> guessed([{"query": "Why is it so?", "choices": ["so", "not so"], "gold": 1}])
    {'question': 'query', 'answer': 'choices[gold]'}
    """
    outer = next((one for one in reversed(OUTER) if any(texts_of(row, one.removesuffix(".")) for row in rows if one)), "")
    asked = [outer + name for name in QUESTIONS if _is_there(rows, outer + name)]
    question = next((path for path in asked if _is_question(rows, path)), asked[0] if asked else None)
    elements = (f"{outer}{one}[{outer}{number}]" for one in CHOICES for number in NUMBERS)
    answer = next((path for path in (*elements, *(outer + name for name in ANSWERS)) if _is_there(rows, path)), None)
    return {key: path for key, path in (("question", question), ("answer", answer)) if path is not None}


def _is_there(rows: Sequence[Row], path: str) -> bool:
    """Say whether half of the items or more have a text there: an answer "1" chooses from some list by chance."""
    return 2 * sum(any(text.strip() for text in texts_of(row, path)) for row in rows) >= len(rows)


def _is_question(rows: Sequence[Row], path: str) -> bool:
    """Say whether an item has enough words there: "effect" is the kind of a question, and none."""
    return any(len(folded(text).split()) >= LEAST_QUESTION for row in rows for text in texts_of(row, path))


def main(arguments: Sequence[str]) -> None:
    """Print the drafts of the folder that is named."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        raise SystemExit(
            f"{' '.join(arguments) or 'nothing'}: name one folder that is there, with the files of evaluation sets"
        )
    for number, section in enumerate(drafts(Path(arguments[0]))):
        print(f"\n{section}" if number else section)


if __name__ == "__main__":
    main(sys.argv[1:])
