"""Plants runs of words across the end of questions and the beginning of their answers, and finds them by `ngrams_of`.

    python -m bench.decontaminate.overlap ITEMS LEAKS

ITEMS has a JSON line {"question", "answer"} an item (bench/decontaminate/items.py writes them). LEAKS is written, for
bench/decontaminate/reference.py, which has datatrove find the same. Both look for 12 words, datatrove's default.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from jobs.decontaminate.evaluation_sets import index_of, read_set
from jobs.decontaminate.settings import Decontaminate, EvaluationSet, NgramsOf
from udfs.grams.shared_runs import held_texts

NGRAM = 12
ITEMS = 200
FILLER = [
    "nothing",
    "of",
    "this",
    "stands",
    "in",
    "a",
    "test",
    "and",
    "the",
    "miller",
    "of",
    "the",
    "old",
    "town",
    "knew",
    "that",
    "well",
]
MODES: tuple[tuple[NgramsOf, ...], ...] = (("question", "answer"), ("answer", "overlap"), ("question", "answer", "overlap"))
ANY = 1e-6  # of a text: one n-gram is enough, as it is to datatrove


def leaks(question: list[str], answer: list[str], chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Yield what is planted of an item: a kind, and the words."""
    last = chance.randint(1, NGRAM - 1)
    yield "across question and answer, 12 words", [*question[-last:], *answer[: NGRAM - last]]
    yield "the same, one word changed", [*question[-last:], "mill", *answer[1 : NGRAM - last]]
    yield "the same, 11 words", [*question[-last:], *answer[: NGRAM - last - 1]]
    yield "12 words of the answer", answer[-NGRAM:]
    yield "12 words of the question", question[:NGRAM]


def main(items: Path, out: Path) -> None:
    """Write the leaks, and print how many of each kind are found."""
    chance, planted = random.Random(1), []
    rows = [json.loads(line) for line in items.read_text("utf-8").splitlines()]
    plain = [row for row in rows if all(len(text.split()) >= 2 * NGRAM and text.isascii() for text in row.values())]
    chosen = chance.sample(plain, ITEMS)
    for row in chosen:
        for kind, words in leaks(row["question"].split(), row["answer"].split(), chance):
            planted.append({"kind": kind, "text": " ".join([*FILLER, *words, *FILLER])})
    out.write_text("".join(json.dumps(one) + "\n" for one in planted), "utf-8")
    mine = out.with_suffix(".items.jsonl")
    mine.write_text("".join(json.dumps(row) + "\n" for row in chosen), "utf-8")
    for mode in MODES:
        one = EvaluationSet(name="s", uri=str(mine), question="question", answer="answer", ngrams_of=mode)
        for share in (ANY, 0.5):
            settings = Decontaminate(set=(one,), ngram=NGRAM, min_share=share)
            index = index_of([read_set(one, ngram=NGRAM)], settings)
            counts = Counter(leak["kind"] for leak in planted if held_texts(leak["text"], index))
            print(f"\n{', '.join(mode)}; min_share {share:g}")
            for kind in dict.fromkeys(leak["kind"] for leak in planted):
                print(f"  {kind}: {counts[kind]} of {ITEMS}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
