"""Print the gold's rows, code, items, paragraphs or headings that a text lost or broke, and the unwanted snippets that it has.

    python -m bench.extraction.misses DATA --texts FOLDER --extractor blocks --what tr

FOLDER holds texts that bench/extraction/held_out.py or bench/extraction/quality.py kept. Below each block of the gold stand the text's
lines that have most of its words. A block is lost if its words stand nowhere in the text in a row, and broken if on no line of their own.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.extraction.gold_page import COLUMNS, IN_DATA, GoldPage
from bench.extraction.gold_sources import load_gold
from bench.extraction.score import BLOCK_TAGS, Block, blocks_kept, read_blocks, snippets_found, tokens
from bench.extraction.variants import read_texts, texts_file

SNIPPETS = "unwanted"
SHOWN = 160  # characters of a line
LINES = 2


def main() -> None:
    """Print every miss, the pages with the largest share of misses first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="the folder of shared data")
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--extractor", default="blocks")
    parser.add_argument("--what", choices=(*BLOCK_TAGS, SNIPPETS), default="tr")
    parser.add_argument("--column", action="append", choices=tuple(COLUMNS), help="only this source of gold; repeatable")
    chosen = parser.parse_args()
    found = read_texts(texts_file(chosen.texts, chosen.extractor))
    pages = []
    for page in load_gold(chosen.data, chosen.column or IN_DATA):
        text = found[page.id].text
        missed = list(unwanted(page, text) if chosen.what == SNIPPETS else misses(page, text, chosen.what))
        pages.append((page, missed))
    for page, missed in sorted(pages, key=lambda pair: -len(pair[1])):
        if missed:
            print(f"\n{page.id} {page.column} {page.kind} {found[page.id].extractor} {page.url}\n" + "\n".join(missed))


def unwanted(page: GoldPage, text: str) -> Iterator[str]:
    """Yield the unwanted snippets that a text has, each with its line."""
    for snippet in page.must_not_contain:
        if snippets_found(text, [snippet]):
            words = " ".join(snippet.split())
            lines = [line for line in text.split("\n") if words in " ".join(line.split())]
            yield f"  {words[:SHOWN]!r}" + "".join(f"\n      in: {line[: 2 * SHOWN]!r}" for line in lines[:1])


def misses(page: GoldPage, text: str, tag: str) -> Iterator[str]:
    """Yield how many of the gold's blocks of a tag have no line of their own, and each of them with the lines nearest to it."""
    if not page.gold or page.column == "prefix":
        return
    blocks = [block for block in read_blocks(page) if block.tag == tag]
    kept = [(block, state) for block in blocks if (state := blocks_kept(text, page.gold, [block]).get(tag))]
    missed = [(block, state.kept) for block, state in kept if not state.own_lines]
    if missed:
        yield f"  {len(missed)} of {len(kept)}"
    for block, there in missed:
        yield f"  {'broken' if there else 'lost  '} {' / '.join(block.lines)[: 2 * SHOWN]!r}"
        yield from (f"      ours: {line[:SHOWN]!r}" for line in _nearest(block, text))


def _nearest(block: Block, text: str) -> list[str]:
    wanted = Counter(tokens(" ".join(block.lines)))
    shared = [((Counter(tokens(line)) & wanted).total(), line) for line in text.split("\n")]
    best = sorted((pair for pair in shared if pair[0]), key=lambda pair: -pair[0])[:LINES]
    return [line for count, line in best if 3 * count >= min(wanted.total(), 12)]


if __name__ == "__main__":
    main()
