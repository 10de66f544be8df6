"""From a document to those that it was made of, in other roots, and on to the captures."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyspark.sql import functions as F

from jobs.contexts import stored_context
from jobs.engine.documents import documents
from jobs.engine.errors import GristmillError
from jobs.engine.job import Context
from jobs.engine.shell_words import argument
from jobs.recipe.chain import folder_of

Row = dict[str, Any]
Name = tuple[str, str]  # a root, and the id of a document there
Tell = Callable[[Context, Row], Iterable[str]]
MAX_DEPTH = 8  # roots behind each other
MAX_TOLD = 6  # documents of one root whose whole stories are told, for each step back
PUBLISHED = re.compile(r"(?P<root>.+)/corpus/dump=[^/]*/language=")  # a file of a root's corpus


def parts(row: Row) -> Iterator[str]:
    """Yield a line for each document that stands in this one's text, or that it was made of."""
    for parent in row.get("parents") or ():
        where = "" if parent.get("start") is None else f", here characters {parent['start']}-{parent['end']}"
        yield f"  {'parent':<20}{parent['id']} in {parent['root']}{where}"


def origins(row: Row) -> list[Name]:
    """Return the documents that one was made of, each once; of a row that was read from a root's corpus, the document there.

    >>> origins({"parents": None, "id": "a", "file_path": "/out/first/corpus/dump=D/language=en/chunk=00000/x.parquet"})
    [('/out/first', 'a')]
    """
    if row.get("parents"):
        return list(dict.fromkeys((str(parent["root"]), str(parent["id"])) for parent in row["parents"]))
    read = PUBLISHED.match(row.get("file_path") or "")
    return [(read["root"], str(row["id"]))] if read is not None else []


def lineage(context: Context, rows: Iterable[Row], *, tell: Tell) -> Iterator[str]:
    """Yield the stories of all that these documents were made of, root by root, each document once."""
    seen: set[Name] = set()
    beside, waiting = folder_of(context.root.path), list(rows)
    for _ in range(MAX_DEPTH):
        names = [name for name in dict.fromkeys(one for row in waiting for one in origins(row)) if name not in seen]
        seen.update(names)
        waiting = []
        for root in dict.fromkeys(root for root, _ in names):
            ids = [id for where, id in names if where == root]
            found, lines = _of_root(context, root, ids, beside=beside, tell=tell)
            waiting += found
            yield from lines
        if not waiting:
            return
    if any(origins(row) for row in waiting):
        yield f"more roots lie behind these {MAX_DEPTH}: gristmill explain goes on from the last one"


def _of_root(context: Context, root: str, ids: list[str], *, beside: str, tell: Tell) -> tuple[list[Row], list[str]]:
    """Return the documents with these ids in another root, and the lines that tell of them."""
    other = _opened(context, root, beside=beside)
    if other is None:
        shown = ", ".join(ids[:MAX_TOLD])
        return [], [f"from {root}: no run is there any more, so the story of {shown} cannot be told further", ""]
    wanted = F.col("id").isin(ids)
    chunks = sorted({str(row["chunk"]) for row in documents(other.root).where(wanted).select("chunk").collect()})
    whole = documents(other.root, chunks).where(wanted).collect() if chunks else []  # text is read of these chunks alone
    rows = {str(row["id"]): row.asDict(recursive=True) for row in whole}
    found = [rows[id] for id in ids if id in rows]
    lines = [f"from {other.root.path}"]
    for row in found[:MAX_TOLD]:
        lines += tell(other, row)
    more = found[MAX_TOLD:]
    if more:
        last = f"gristmill explain {argument(other.root.path)} {argument(str(more[0]['id']))}"
        lines += [f"… and {len(more)} more documents of that root: {last}", ""]
    lost = [id for id in ids if id not in rows]
    if lost:
        lines += [f"{other.root.path} holds no document {', '.join(lost[:MAX_TOLD])}", ""]
    return found, lines


def _opened(context: Context, root: str, *, beside: str) -> Context | None:
    """Open another root where it was, or beside the one that is explained, if all of a chain was moved; None if it is gone."""
    for place in dict.fromkeys((root, f"{beside}/{root.rstrip('/').rpartition('/')[2]}")):
        try:
            return stored_context(context.root.spark, place)
        except (GristmillError, OSError):
            continue
    return None
