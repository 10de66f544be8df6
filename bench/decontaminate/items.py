"""Write the items of the evaluation sets as JSON lines of question and answer, for bench/decontaminate/reference.py.

python -m bench.decontaminate.items FOLDER items.jsonl
"""

import json
import sys
from pathlib import Path

from bench.decontaminate.sets import settings
from jobs.decontaminate.evaluation_sets import read_set
from jobs.decontaminate.item_fields import protected_texts


def main(folder: Path, target: Path) -> None:
    """Write a line for each item that has a question."""
    with target.open("w", encoding="utf-8") as file:
        for one in settings(folder).set:
            for row in read_set(one).rows:
                texts = list(protected_texts(row, one, item=0))
                if texts and texts[0].field == one.question:
                    file.write(json.dumps({"question": texts[0].text, "answer": texts[0].answer or ""}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
