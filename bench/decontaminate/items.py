"""Write the items of the evaluation sets as JSON lines of question and answer, for bench/decontaminate/reference.py.

python -m bench.decontaminate.items FOLDER items.jsonl
"""

import json
import sys
from pathlib import Path

from bench.decontaminate.sets import settings
from jobs.decontaminate.evaluation_sets import read_set


def main(folder: Path, target: Path) -> None:
    """Write a line for each item that has a question."""
    with target.open("w", encoding="utf-8") as file:
        for one in settings(folder).set:
            first = {text.item: text for text in reversed(read_set(one).texts)}
            for text in reversed(first.values()):
                if text.field == one.question:
                    file.write(json.dumps({"question": text.text, "answer": text.answer or ""}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
