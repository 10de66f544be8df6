"""Five arms whose answer is known: raw pages, the rules' corpus, the same in another order, its words shuffled, and its letters.

    gristmill run conf/dclm-arms --input 'my-crawl/*.warc.gz' --root out/dclm-arms
    python -m bench.testbed.showing out/dclm-arms/raw/corpus out/dclm-arms/rules/corpus --held-out books.jsonl --out out/showing

trains them, writes the comparison's page, and prints a verdict for each pair. It ends with 1 if a pair that must differ is not told
apart, one of the same corpus is, or what was shuffled is better than its corpus. The same command goes on where it was killed.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.process_usage import machine
from jobs.commands import session
from jobs.testbed.compare import compare
from jobs.testbed.judge import JUDGEMENT, write_judgement
from jobs.testbed.settings import Compare
from jobs.testbed.texts import corpus_texts
from jobs.tokenizer.settings import TokenizerSettings
from jobs.tokenizer.train import train

RULES, PAGES = "rules", "pages"
SPOILED = {"shuffled": "words", "letters": "letters"}  # arms of the rules' corpus, and what was shuffled in them
SAME = (RULES, "rules-order-1")  # one corpus; another order is another draw
# 658 thousand parameters with a vocabulary of 2,048. A step has 128 tokens: a small budget needs many steps more than large ones
MODEL = {"layers": 2, "width": 128, "heads": 4, "hidden": 344, "sequence_length": 64}
BATCH_SEQUENCES = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison, and return 0 if every pair is judged as it must be."""
    given = _parser().parse_args(arguments)
    began = time.monotonic()
    out = Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    settings = Compare.model_validate_json(json.dumps(recipe(given, out)), strict=True)
    compare(settings, str(out), say=print)
    for line in write_judgement(out):
        print(line)
    wrong = [*verdicts(json.loads((out / JUDGEMENT).read_text("utf-8")))]
    for line in wrong:
        print(f"WRONG    {line}")
    print(f"machine  {json.dumps(machine())}")
    print(f"spent    {time.monotonic() - began:.0f} s by the clock, {_cpu_seconds():.0f} CPU seconds")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", help="corpus of raw pages: a folder, glob or file of Parquet or JSONL")
    parser.add_argument("rules", help="corpus of the pages that rules keep")
    parser.add_argument("--held-out", required=True, help="Parquet or JSONL of text that is not web")
    parser.add_argument("--held-out-bytes", type=int, default=100_000, help="measure no more of it")
    parser.add_argument("--out", required=True, help="folder of the comparison")
    parser.add_argument("--tokens", type=int, default=150_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--vocabulary", type=int, default=2048)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    return parser


def _cpu_seconds() -> float:
    """Return what this command and the processes that it has started used."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def recipe(given: argparse.Namespace, out: Path) -> dict[str, Any]:
    """Make the tokenizer and the spoiled corpora, once, and return the recipe's table."""
    corpus, tokenizer = given.rules, out / "tokenizer.json"
    if not tokenizer.exists():
        with session("local[2]") as spark:
            train(spark, str(tokenizer), corpus=[corpus], settings=TokenizerSettings(vocabulary=given.vocabulary))
    arms: list[dict[str, Any]] = [{"name": name, "corpus": [corpus], "order": order} for order, name in enumerate(SAME)]
    for name, spoil in (("shuffled", shuffled_words), ("letters", shuffled_letters)):
        file = out / f"{name}.jsonl"
        if not file.exists():
            rows = (json.dumps({"text": text}) + "\n" for text in spoil(corpus_texts((corpus,), "text", where="corpus")))
            file.write_text("".join(rows), "utf-8")
        arms.append({"name": name, "corpus": [str(file)]})
    arms.append({"name": PAGES, "corpus": [given.pages]})
    return {
        "name": "showing",
        "tokenizer": str(tokenizer),
        "seeds": given.seeds,
        "model": MODEL,
        "training": {"tokens": given.tokens, "batch_sequences": BATCH_SEQUENCES, "learning_rate": given.learning_rate},
        "arms": arms,
        "held_out": [{"name": "held_out", "uri": given.held_out, "web": False, "max_bytes": given.held_out_bytes}],
    }


def shuffled_words(texts: Iterator[str]) -> Iterator[str]:
    """Yield each text with its words in another order, by a seed of the text's own.

    >>> sorted(next(shuffled_words(iter(["so are these words"]))).split())
    ['are', 'so', 'these', 'words']
    """
    for text in texts:
        words = text.split()
        random.Random(text).shuffle(words)
        yield " ".join(words)


def shuffled_letters(texts: Iterator[str]) -> Iterator[str]:
    """Yield each text with the letters of each word in another order, by a seed of the text's own.

    >>> [sorted(word) for word in next(shuffled_letters(iter(["ab cd"]))).split()]
    [['a', 'b'], ['c', 'd']]
    """
    for text in texts:
        draws = random.Random(text)
        yield " ".join("".join(draws.sample(word, len(word))) for word in text.split())


def verdicts(judgement: dict[str, Any]) -> Iterator[str]:
    """Yield the pairs that are not judged as they must be by the measure that decides."""
    deciding = next(one for one in judgement["measures"] if one["name"] == judgement["deciding"])
    pairs = {frozenset((pair["better"], pair["worse"])): pair for pair in deciding["pairs"]}
    for one, other in combinations((*SAME, PAGES, *SPOILED), 2):
        pair = pairs[frozenset((one, other))]
        is_one_corpus = {one, other} <= set(SAME)
        if pair["told_apart"] == is_one_corpus:
            yield f"{one} and {other} are {'one corpus and told apart' if is_one_corpus else 'not told apart'}"
        elif pair["told_apart"] and one in SAME and other in SPOILED and pair["better"] == other:
            yield f"shuffled {SPOILED[other]} are better than {one}, whose {SPOILED[other]} they are"


if __name__ == "__main__":
    sys.exit(main())
