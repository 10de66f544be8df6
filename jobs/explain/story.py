"""Explain: one page's whole story, and samples of what was kept or went for a reason."""

from collections.abc import Iterator
from typing import Any
from unicodedata import category

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine import signal_sets
from jobs.engine.documents import documents
from jobs.engine.job import Context
from jobs.engine.small_table import small_table
from jobs.explain.lineage import lineage, parts
from udfs.rephrase.document import BULKY, PARENT_TEXT

TEXT_SHOWN = 600
CAPTURE = "<urn:"  # how the ids of WARC records begin, and no URL
FACTS = (
    "url",
    "date",
    "file_path",
    "offset",
    "length",
    "http_status",
    "mime",
    "charset",
    "charset_source",
    "truncated",
    "opt_out",
    "licence",
    "title",
    "published",
    "page_language",
    "extractor",
    "lines_cut",
    "tags_cut",
    "page_kind",
    "gate_language",
    "gate_language_score",
    "gate_words",
    "corpus",
    "copies",
)


def explain(context: Context, page: str) -> list[str]:
    """Return the lines of a document's story: its facts, and what each stage tells of it; none if no document has that URL or id.

    Addresses and ids of all chunks are read to find it, and then its chunk alone. A stage may know the name as a place in what it wrote,
    such as shard:sequence; then its lines are all. Otherwise the stories follow of the documents that it was made of, in their roots,
    back to the capture.
    """
    for stage in context.stages:
        if stage.at is not None and (told := stage.at(context, page)):
            return told
    there = places(context, page).collect()
    if not there:
        return []
    chunks, ids = sorted({str(row["chunk"]) for row in there}), sorted({str(row["id"]) for row in there})
    rows = documents(context.root, chunks).where(F.col("id").isin(ids)).orderBy("date", "id").collect()
    found = [row.asDict(recursive=True) for row in rows]
    lines = [line for row in found for line in story(context, row)]
    return lines + list(lineage(context, found, tell=story))


def story(context: Context, row: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one document's story in one root."""
    yield from _document(row, source=context.source.name)
    for stage in context.stages:
        if stage.story is not None and context.root.markers.stage(stage.folder) is not None:
            yield from stage.story(context, str(row["id"]), str(row["chunk"]))
    yield ""


def places(context: Context, page: str) -> DataFrame:
    """Return id and chunk of the documents that have a URL or an id; no text is read, and no URL for the id of a capture."""
    named = F.col("id") == page
    found = named if page.startswith(CAPTURE) else (F.col("url") == page) | named
    return documents(context.root).where(found).select("id", "chunk")


def _document(row: dict[str, Any], *, source: str) -> Iterator[str]:
    yield row["id"]
    for name in FACTS:
        if row.get(name) not in (None, "", []):
            yield f"  {name:<20}{row[name]}"
    yield from parts(row)
    for name, value in sorted((row.get("carried") or {}).items()):
        if name not in BULKY:
            yield f"  {name:<20}{shorten(value)}"
    reason = f", {row['reason']}" if row["reason"] else ""
    yield f"{source:<10}{row['outcome']}{reason}{': ' + row['error'] if row.get('error') else ''}"
    if row["text"]:
        yield "  " + shorten(row["text"]).replace("\n", "\n  ")


def outcomes(context: Context) -> DataFrame:
    """Return id, chunk, outcome, reason of the last decision on every document, of the stages that are finished."""
    root = context.root
    rows = documents(root).select("id", "chunk", "outcome", "reason").where("outcome != 'extracted'")
    if root.markers.stage(signal_sets.FOLDER) is None:
        return rows
    unmeasured = signal_sets.signals(root, ()).where("error IS NOT NULL")
    rows = rows.unionByName(unmeasured.selectExpr("id", "chunk", "'failed' AS outcome", "'annotate_error' AS reason"))
    deciding = [
        stage for stage in context.stages if stage.decisions is not None and root.markers.stage(stage.folder) is not None
    ]
    for stage in deciding:
        assert stage.decisions is not None
        decided = root.read(stage.decisions).select("id", "chunk", "outcome", "reason")
        last = stage is deciding[-1]
        rows = rows.unionByName(decided if last else decided.where(F.col("outcome") != stage.kept))
    return rows


def reasons(context: Context) -> list[str]:
    """List the reasons for which documents of a run went."""
    rows = outcomes(context).where("reason IS NOT NULL").select("reason").distinct().collect()
    return sorted(str(row["reason"]) for row in rows)


def sample(context: Context, *, reason: str | None, n: int) -> Iterator[str]:
    """Yield the lines of up to n documents that were kept (no reason) or went for a reason, chosen by hash of id.

    Only the chunks that hold them are read for their text.
    """
    chosen = outcomes(context).where("outcome = 'kept'" if reason is None else F.col("reason") == reason)
    few = chosen.orderBy(F.xxhash64("id"), "id").limit(n).collect()
    if not few:
        return
    spark, chunks = context.root.spark, sorted({str(row["chunk"]) for row in few})
    wanted = small_table(
        spark, [(row["id"], row["outcome"], row["reason"]) for row in few], "id string, outcome string, reason string"
    )
    texts = documents(context.root, chunks).drop("outcome", "reason").join(F.broadcast(wanted), on="id", how="inner")
    for row in texts.orderBy(F.xxhash64("id")).collect():
        yield f"{row['id']}  {row['outcome']}{', ' + row['reason'] if row['reason'] else ''}"
        yield "  ".join(str(row[name]) for name in ("url", "date") if row[name]) or "(no address)"
        yield from _texts(row.asDict(recursive=True))
        yield ""


def _texts(row: dict[str, Any]) -> Iterator[str]:
    """Yield a document's text; that of the page which a model rewrote stands before it."""
    text = shorten(row["text"] or row["error"] or "(no text)")
    parent = (row.get("carried") or {}).get(PARENT_TEXT)
    if parent is None:
        yield "  " + text.replace("\n", "\n  ")
        return
    yield f"  what a model was given, style {row['carried'].get('style')}"
    yield "  | " + shorten(parent).replace("\n", "\n  | ")
    yield f"  what it wrote, finish reason {row['carried'].get('finish_reason')}"
    yield "  | " + text.replace("\n", "\n  | ")


def shorten(text: str) -> str:
    r"""Cut a text for a terminal, and make control characters visible, since the text is a stranger's. Spaces of any width are none.

    >>> shorten("a\u3000b\u00a0c\u001bd\u202ee")
    'a\u3000b\xa0c\\x1bd\\x202ee'
    """
    cut = text[:TEXT_SHOWN] + (" […]" if len(text) > TEXT_SHOWN else "")
    return "".join(c if c.isprintable() or c == "\n" or category(c) == "Zs" else f"\\x{ord(c):02x}" for c in cut)
