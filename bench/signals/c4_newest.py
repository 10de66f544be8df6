"""Compare which captures of one address stay: by C4's own normalize_url and select_newest_page, and by gristmill's key and texts.

    python -m bench.signals.c4_newest texts.jsonl --c4-utils c4_utils.py

The lines are {"id", "url", "date", "text"}. Of c4_utils.py the two functions run alone, so nothing needs to be installed.
"""

import argparse
import ast
import json
import re
import types
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from jobs.dedup.settings import Dedup
from udfs.page.urls import url_key
from udfs.similarity.minhash import jaccard, shingle_hashes, text_hash

NGRAM = 5  # words of a shingle where a recipe makes no signatures, as conf/c4.toml does
Rows = Mapping[str, Mapping[str, Any]]


def reference(code: Path) -> dict[str, Any]:
    """Return the two functions of c4_utils.py, with stand-ins for TensorFlow's text and for Beam's counters."""
    wanted = ("normalize_url", "select_newest_page")
    tree = ast.parse(code.read_text("utf-8"))
    tree.body = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name in wanted]
    found: dict[str, Any] = {
        "re": re,
        "tf": types.SimpleNamespace(compat=types.SimpleNamespace(as_text=str)),
        "get_counter_inc_fn": lambda _: lambda *_: None,
    }
    exec(compile(tree, str(code), "exec"), found)  # the file is the one that the user names
    return found


def groups(rows: Rows, key: Callable[[str], str | None]) -> list[list[str]]:
    """Return the ids of captures that share a key; those without a key are alone."""
    found: dict[str, list[str]] = defaultdict(list)
    for id, row in rows.items():
        if (mine := key(row["url"])) is not None:
            found[mine].append(id)
    return [ids for ids in found.values() if len(ids) > 1]


def similarity(one: str, other: str) -> float:
    """Return what dedup measures of two captures."""
    if text_hash(one) == text_hash(other):
        return 1.0
    return jaccard(shingle_hashes(one, NGRAM), shingle_hashes(other, NGRAM))


def main() -> None:
    """Print how many captures go on either side, and each page that is decided otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("jsonl", type=Path)
    parser.add_argument("--c4-utils", type=Path, required=True, help="tensorflow_datasets/text/c4_utils.py")
    given = parser.parse_args()
    with given.jsonl.open(encoding="utf-8") as lines:
        rows: Rows = {row["id"]: row for row in map(json.loads, lines)}
    code = reference(given.c4_utils)
    least = Dedup().min_url_similarity
    theirs, ours = groups(rows, code["normalize_url"]), groups(rows, url_key)
    gone_there: set[str] = set()
    gone_here: set[str] = set()
    unlike: set[str] = set()
    for ids in theirs:
        pages = [types.SimpleNamespace(id=id, timestamp=rows[id]["date"]) for id in ids]
        gone_there |= set(ids) - {code["select_newest_page"](pages).id}
    for ids in ours:
        newest = max(ids, key=lambda id: rows[id]["date"])
        for id in set(ids) - {newest}:
            (gone_here if similarity(rows[id]["text"], rows[newest]["text"]) >= least else unlike).add(id)
    print(f"{len(rows):,} captures; groups of one address: {len(theirs)} by C4's rule, {len(ours)} by gristmill's key")
    print(f"captures that go: {len(gone_there)} by C4's code; {len(gone_here)} here, and {len(unlike)} stay for another text")
    same_keys = [{frozenset(pair) for ids in some for pair in combinations(ids, 2)} for some in (theirs, ours)]
    for name, pairs in (("C4's rule", same_keys[0] - same_keys[1]), ("gristmill's key", same_keys[1] - same_keys[0])):
        print(f"\npairs that only {name} unites: {len(pairs)}")
        for one, other in map(sorted, pairs):
            alike = similarity(rows[one]["text"], rows[other]["text"])
            print(f"  {alike:.2f} {rows[one]['url']} {rows[other]['url']}")
    print(f"\ndecided otherwise: {len(gone_there ^ gone_here)} of {len(rows):,}")
    print(f"of them stay only for their text: {len(gone_there & unlike)}; go only here: {len(gone_here - gone_there)}")


if __name__ == "__main__":
    main()
