"""Explain: one page's whole story, and samples of what was kept or went for a reason."""

from collections.abc import Iterator
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.engine.root import Root
from jobs.passages import stage as parts
from jobs.recipe.load import Recipe

TEXT_SHOWN = 600
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
    "gate_language",
    "gate_language_score",
    "gate_words",
)


def explain(root: Root, page: str) -> list[str]:
    """Return the lines of a page's story: capture, signals, rules, duplicates; none if no capture has that URL or id."""
    documents = root.documents().where((F.col("url") == page) | (F.col("id") == page)).orderBy("date", "id").collect()
    lines: list[str] = []
    for document in documents:
        lines += [*_capture(document.asDict()), *_decided(root, str(document["id"])), ""]
    return lines


def _capture(row: dict[str, Any]) -> Iterator[str]:
    yield row["id"]
    for name in FACTS:
        if row.get(name) not in (None, "", []):
            yield f"  {name:<20}{row[name]}"
    reason = f", {row['reason']}" if row["reason"] else ""
    yield f"extract   {row['outcome']}{reason}{': ' + row['error'] if row.get('error') else ''}"
    if row["text"]:
        yield "  " + shorten(row["text"]).replace("\n", "\n  ")


def _decided(root: Root, page: str) -> Iterator[str]:
    signals = _one(root, "signals", page)
    stored = root.read_json("recipe.json")
    if signals is None or stored is None:
        return
    yield "signals"
    for name, value in signals.items():
        if name not in ("id", "chunk", "minhash", "edits"):
            yield f"  {name:<28}{value:.4f}" if isinstance(value, float) else f"  {name:<28}{value}"
    yield f"  {'edits':<28}{len(signals['edits'] or ())}"
    decision = _one(root, "decisions/filter", page)
    if decision is None:
        return
    yield f"filter    {decision['outcome']}{', ' + decision['reason'] if decision['reason'] else ''}"
    for rule in Recipe.model_validate(stored).filter:
        state = "BROKEN" if rule.reason in decision["broken"] else "null" if rule.reason in decision["unmeasured"] else "ok"
        yield f"  {state:<8}{rule.reason:<28}{rule.keep}"
    yield from _duplicate(root, page)
    yield from _cut(root, page)


def _duplicate(root: Root, page: str) -> Iterator[str]:
    decision = _one(root, "decisions/dedup", page)
    if decision is None:
        return
    witness = decision["duplicate_of"]
    if witness is None:
        yield f"dedup     kept, in a group of {decision['group_size']:,}"
        return
    better = root.documents().where(F.col("id") == witness).select("url", "date").first()
    where = f"is published in {decision['duplicate_dump']}" if decision["duplicate_dump"] else "was kept"
    became = f"dropped, {decision['reason']}" if decision["outcome"] == "dropped" else "kept, a duplicate"
    yield f"dedup     {became}: similarity {decision['similarity']:.4f} to {witness}, which {where}"
    if better is not None:
        yield f"  {better['url']}  {better['date']}"


def _cut(root: Root, page: str) -> Iterator[str]:
    decision = _one(root, "decisions/parts", page)
    if decision is None:
        return
    seen = f", {decision['ngrams_seen']:,} of {decision['ngrams']:,} n-grams seen before" if decision["ngrams"] else ""
    reason = f", {decision['reason']}" if decision["reason"] else ""
    yield f"parts     {decision['outcome']}{reason}: {decision['removed_characters']:,} characters cut{seen}"
    cuts = root.table("edits/parts").where(F.col("id") == page).first()
    for edit in cuts["edits"] if cuts is not None else ():
        yield f"  {edit['kind']:<28}{edit['start']} to {edit['end']} of the extracted text"


def _one(root: Root, table: str, page: str) -> dict[str, Any] | None:
    """Fetch a document's row of a table, if that stage is finished."""
    if root.marker(table) is None:
        return None
    known = {"signals": root.signals, "decisions/dedup": root.deduped, "decisions/parts": lambda: parts.decisions(root)}
    rows = known.get(table, lambda: root.table(table))()
    row = rows.where(F.col("id") == page).first()
    return row.asDict() if row is not None else None


def outcomes(root: Root) -> DataFrame:
    """Return id, outcome, reason of the last decision on every capture."""
    rows = root.documents().select("id", "outcome", "reason").where("outcome != 'extracted'")
    if root.marker("decisions/filter") is not None:
        rows = rows.unionByName(root.table("decisions/filter").select("id", "outcome", "reason").where("outcome != 'kept'"))
    if root.marker("decisions/dedup") is not None:
        deduped = root.deduped().select("id", "outcome", "reason")
        rows = rows.unionByName(deduped if root.marker("decisions/parts") is None else deduped.where("outcome != 'kept'"))
    if root.marker("decisions/parts") is not None:
        rows = rows.unionByName(parts.decisions(root).select("id", "outcome", "reason"))
    return rows


def reasons(root: Root) -> list[str]:
    """List the reasons for which captures of a run went."""
    rows = outcomes(root).where("reason IS NOT NULL").select("reason").distinct().collect()
    return sorted(str(row["reason"]) for row in rows)


def sample(root: Root, *, reason: str | None, n: int) -> Iterator[str]:
    """Yield the lines of up to n documents that were kept (no reason) or went for a reason, chosen by hash of id."""
    chosen = outcomes(root).where("outcome = 'kept'" if reason is None else F.col("reason") == reason)
    few = chosen.orderBy(F.xxhash64("id"), "id").limit(n)
    for row in (
        root.documents()
        .drop("outcome", "reason")
        .join(F.broadcast(few), on="id", how="inner")
        .orderBy(F.xxhash64("id"))
        .collect()
    ):
        yield f"{row['id']}  {row['outcome']}{', ' + row['reason'] if row['reason'] else ''}"
        yield f"{row['url']}  {row['date']}"
        yield "  " + shorten(row["text"] or row["error"] or "(no text)").replace("\n", "\n  ")
        yield ""


def some_url(root: Root) -> str:
    """Return the URL of one document, one that was dropped if there is one, to try explain with."""
    first = outcomes(root).orderBy(F.col("reason").isNull(), F.xxhash64("id")).limit(1)
    row = root.documents().select("id", "url").join(F.broadcast(first.select("id")), on="id", how="inner").first()
    return str(row["url"] or row["id"]) if row is not None else "URL"


def shorten(text: str) -> str:
    """Cut a text for a terminal, and make control characters visible, since the text is a stranger's."""
    cut = text[:TEXT_SHOWN] + (" […]" if len(text) > TEXT_SHOWN else "")
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in cut)
