"""Small corpora of known sizes, and a recipe that mixes them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.recipe.load import recipe_of
from jobs.recipe.recipe import Recipe
from udfs.mix.draw import filled, key_of

WORDS = ("a", "mill", "grinds", "the", "grain", "of", "nine", "farms", "and", "water", "turns", "it")
Row = dict[str, Any]


def rows(name: str, count: int) -> list[Row]:
    """Make documents of 10 to 300 words; every seventh of them counts three times, and they have languages and addresses."""
    return [
        {
            "id": f"urn:{name}:{n}",
            "text": " ".join(WORDS[(n * 5 + place * place) % len(WORDS)] for place in range(10 + n * n % 291)),
            "url": f"https://{n % 3}.example/{name}/{n}",
            "language": "de" if n % 4 == 0 else "en",
            "copies": 3 if n % 7 == 0 else 1,
        }
        for n in range(count)
    ]


def write_parquet(folder: Path, found: Sequence[Row], *, files: int = 1) -> Path:
    """Write documents as so many Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in range(files):
        pq.write_table(pa.Table.from_pylist(list(found[file::files])), folder / f"part-{file}.parquet")
    return folder


def write_jsonl(path: Path, found: Sequence[Row]) -> Path:
    """Write documents as JSON lines, without the column of copies."""
    lines = [json.dumps({name: value for name, value in row.items() if name != "copies"}) for row in found]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def recipe(corpora: Sequence[Mapping[str, Any]], *, run: Mapping[str, Any] | None = None, **mix: Any) -> Recipe:
    """Return a recipe that mixes corpora, and changes no text."""
    return recipe_of(
        {
            "run": {"name": "mixed", "dump": "MIXED", "input": [], "chunk_files": 1, **(run or {})},
            "mix": {"corpora": list(corpora), **mix},
            "annotate": {"line_edits": "none", "pii": False},
            "dedup": {"exact_url": "off", "exact_text": False},
            "publish": {"columns": ["corpus", "domain"]},
            "pack": {"sequence_length": 256, "formats": ["parquet"]},
        }
    )


def oracle(found: Sequence[tuple[str, int, int]], tokens: int, *, seed: int, corpus: str) -> dict[str, int]:
    """Draw documents of id, tokens and copies one by one, in the order of their hashes: what Spark must do."""
    total = sum(n * copies for _, n, copies in found)
    whole, rest = divmod(tokens, total)
    ordered = sorted(found, key=lambda one: (key_of(one[0], seed=seed, corpus=corpus), one[0]))
    more = filled(ordered, gap=rest)
    return {name: whole * copies + more.get(name, 0) for name, _, copies in found}
