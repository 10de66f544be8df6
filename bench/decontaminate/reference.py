"""Runs datatrove's own n-gram decontamination over the same documents, by a Python that has datatrove.

Make that Python once, outside of the checkout:

    python3.11 -m venv reference
    reference/bin/python -m pip install datatrove==0.10.1 spacy==3.8.18 regex lxml_html_clean nltk

    reference/bin/python bench/decontaminate/reference.py ITEMS LEAKS PAGES FIELD

ITEMS has a JSON line {"question", "answer"} an item (bench/decontaminate/items.py writes them), LEAKS what measure.py --leaks wrote,
PAGES is a JSONL.gz file with real pages in FIELD. Its settings are its defaults: 12 words, of the answer and across question and answer;
then with find_query_ngrams too.
"""

import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from datatrove.data import Document  # type: ignore[import-not-found, unused-ignore]
from datatrove.pipeline.decont.n_grams import (  # type: ignore[import-not-found, unused-ignore]
    NGramsDecontConfig,
    NGramsDecontFilter,
    NGramsDecontIndexer,
)


def indexed(items: Path, *, query: bool) -> Any:
    """Return datatrove's filter with the hashes that its indexer computes of the items."""
    step = NGramsDecontFilter("/nowhere", config=NGramsDecontConfig(find_query_ngrams=query))
    hashes: dict[int, str] = {}
    for line in items.read_text("utf-8").splitlines():
        item = json.loads(line)
        hashes |= dict.fromkeys(NGramsDecontIndexer.compute_hashes(step, item["answer"], item["question"]), "items")
    step._index_hashes = hashes
    return step


def found(step: Any, text: str) -> bool:
    """Return whether datatrove drops the text."""
    return step.filter(Document(text=text, id="")) is not True


def main(items: Path, leaks: Path, pages: Path, field: str) -> None:
    """Print what datatrove finds of each kind of leak, its alarms on real pages, and its time."""
    planted = [json.loads(line) for line in leaks.read_text("utf-8").splitlines()]
    with gzip.open(pages, "rt", encoding="utf-8") as lines:
        real = [text for line in lines if (text := json.loads(line).get(field) or "").strip()]
    for query in (False, True):
        step = indexed(items, query=query)
        counts: Counter[tuple[str, bool]] = Counter((leak["kind"], found(step, leak["text"])) for leak in planted)
        print(f"\nfind_query_ngrams={query}: {len(step._index_hashes):,} hashes")
        for kind in dict.fromkeys(leak["kind"] for leak in planted):
            print(f"  {kind}: {counts[kind, True]:,} of {counts[kind, True] + counts[kind, False]:,}")
        began = time.process_time()
        alarms = sum(found(step, text) for text in real)
        print(f"  real pages: {alarms} of {len(real):,}; {(time.process_time() - began) / len(real) * 1e6:,.0f} µs a document")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
