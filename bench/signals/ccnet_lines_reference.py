"""Run cc_net's dedup.py over texts, as its authors wrote it and mine.py calls it: the oracle of bench/signals/ccnet_lines.py.

Make its Python once, and a checkout of the repository beside it:

    python3.11 -m venv reference
    reference/bin/python -m pip install numpy requests typing_extensions psutil func_argparse
    git clone https://github.com/facebookresearch/cc_net
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Dedup the lines of all texts of the second argument as one group; the first is the checkout, the third the file to write."""
    code, source, target = map(Path, sys.argv[1:])
    sys.path.insert(0, str(code))
    from cc_net import jsonql  # type: ignore[import-not-found, unused-ignore]
    from cc_net.dedup import DuplicatesRemover, HashesCollector  # type: ignore[import-not-found, unused-ignore]

    documents, hashes = target.with_suffix(".raw.json"), target.with_suffix(".hashes.bin")
    with source.open(encoding="utf-8") as texts, documents.open("w", encoding="utf-8") as file:
        for row in map(json.loads, texts):
            file.write(json.dumps({"id": row["id"], "raw_content": row["text"]}) + "\n")
    jsonql.run_pipes(jsonql.JsonReader(), HashesCollector("raw_content", output=hashes), file=documents)
    remover = DuplicatesRemover("raw_content", [hashes])
    with target.open("w", encoding="utf-8") as file:
        for found in remover.map(jsonql.read_jsons(documents)):
            if found is not None:
                file.write(json.dumps({"id": found["id"], "raw_content": found["raw_content"]}) + "\n")


if __name__ == "__main__":
    main()
