"""Runs datatrove's own n-gram decontamination over the same documents, by a Python that has datatrove.

Make that Python once, outside of the checkout:

    python3.11 -m venv reference
    reference/bin/python -m pip install datatrove==0.10.1 spacy==3.8.18 xxhash==3.5.0 regex lxml_html_clean nltk

    reference/bin/python bench/decontaminate/reference.py ITEMS LEAKS PAGES FIELD

ITEMS has a JSON line {"question", "answer"} an item (bench/decontaminate/items.py writes them), LEAKS what measure.py --leaks wrote,
PAGES is a JSONL.gz file with real pages in FIELD. Its settings are its defaults: 12 words, of the answer and across question and answer;
then with find_query_ngrams too. Most of the time goes into spaCy's words. So both settings share the words of one text.
"""

import gzip
import json
import sys
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from datatrove.data import Document  # type: ignore[import-not-found, unused-ignore]
from datatrove.pipeline.decont.n_grams import (  # type: ignore[import-not-found, unused-ignore]
    NGramsDecontConfig,
    NGramsDecontFilter,
    NGramsDecontIndexer,
)


def indexed(items: Path) -> dict[str, Any]:
    """Return datatrove's filters, with the hashes that its indexer computes of the items: by its defaults, and with find_query_ngrams."""
    steps = {
        str(query): NGramsDecontFilter("/nowhere", config=NGramsDecontConfig(find_query_ngrams=query))
        for query in (False, True)
    }
    words = lru_cache(maxsize=2)(next(iter(steps.values())).tokenizer.word_tokenize)
    for step in steps.values():
        step._index_hashes = {}
        step.tokenizer.word_tokenize = words
    for line in items.read_text("utf-8").splitlines():
        item = json.loads(line)
        for step in steps.values():
            hashes = NGramsDecontIndexer.compute_hashes(step, item["answer"], item["question"])
            step._index_hashes |= dict.fromkeys(hashes, "items")
    return steps


def found(step: Any, text: str) -> bool:
    """Return whether datatrove drops the text."""
    return step.filter(Document(text=text, id="")) is not True


def main(items: Path, leaks: Path, pages: Path, field: str) -> None:
    """Print what datatrove finds of each kind of leak, its alarms on real pages, and its time."""
    with gzip.open(pages, "rt", encoding="utf-8") as lines:
        real = [text for line in lines if (text := json.loads(line).get(field) or "").strip()]
    steps = indexed(items)
    for query, step in steps.items():
        print(f"find_query_ngrams={query}: {len(step._index_hashes):,} hashes", flush=True)
    began = time.process_time()
    for query, step in steps.items():
        print(
            f"find_query_ngrams={query}: alarms on {sum(found(step, text) for text in real)} of {len(real):,} real pages",
            flush=True,
        )
    print(f"{(time.process_time() - began) / len(real) / len(steps) * 1e6:,.0f} µs a page")
    planted: Counter[tuple[str, bool]] = Counter()
    dropped: Counter[tuple[str, bool, str]] = Counter()
    for leak in map(json.loads, leaks.read_text("utf-8").splitlines()):
        kind, claimed = str(leak["kind"]), bool(leak.get("claimed", True))
        planted[kind, claimed] += 1
        for query, step in steps.items():
            dropped[kind, claimed, query] += found(step, leak["text"])
    for kind, claimed in planted:
        counts = ", ".join(f"{dropped[kind, claimed, query]:,} with find_query_ngrams={query}" for query in steps)
        print(f"{kind}, {'claimed' if claimed else 'not claimed'}: {planted[kind, claimed]:,}; {counts}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
