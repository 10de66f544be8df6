"""Make what the choice of a text is learned from: for every page with gold, its proposals, their features and their scores."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.extraction.gold_page import GoldPage
from bench.extraction.score import score, wcxb_score
from udfs.page.charset import decode_page
from udfs.page.choice import features, propose
from udfs.page.main_text import resiliparse_text
from udfs.page.parsable_html import parse_page


@dataclass(frozen=True)
class Example:
    """One page: its site, where its gold is from, its kind and language, the features, and each proposal's score."""

    id: str
    site: str
    column: str
    kind: str | None
    language: str | None
    features: dict[str, float]
    scores: dict[str, float]


def examples(pages: Iterable[GoldPage], kept: Path) -> list[Example]:
    """Return an example for every page that has one; the file `kept` spares the extraction of those that it holds already.

    The file is not told apart by what made it: remove it after a change of proposals or features.
    """
    known = {example.id: example for example in _read(kept)}
    made = (known.get(page.id) or example_of(page) for page in pages)
    found = [example for example in made if example is not None]
    kept.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(kept, "wt", encoding="utf-8", compresslevel=3) as lines:
        lines.writelines(json.dumps(asdict(example)) + "\n" for example in found)
    return found


def example_of(page: GoldPage) -> Example | None:
    """Extract the proposals of a page and score them; None if its text is not known, or trafilatura cannot read it."""
    if page.gold is None or page.column == "prefix":
        return None
    parsed = parse_page(decode_page(page.request.body, header=page.request.charset).text, mime=page.request.mime)
    bare, whole = (resiliparse_text(parsed.tree, whole=whole) for whole in (False, True))
    proposed = propose(parsed.html, bare=bare, whole=whole)
    if proposed is None:
        return None
    scores = {name: _score(page, text) for name, text in proposed.texts.items()}
    return Example(page.id, page.site, page.column, page.kind, page.language, features(proposed), scores)


def _score(page: GoldPage, text: str) -> float:
    gold = page.gold or ""
    return wcxb_score(text, gold) if page.column == "wcxb" else score(text, gold).f1


def _read(kept: Path) -> Iterator[Example]:
    if kept.exists():
        with gzip.open(kept, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield Example(**json.loads(line))
