"""A finished run's root, written by hand with pyarrow: twelve captures of which five are published."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.dedup.small_root import write_json, write_signals, write_table
from udfs.documents.schema import DOCUMENT_FIELDS, FILE_FIELDS
from udfs.signals.sets import BY_NAME

NAN = float("nan")
# id, domain, language, outcome, reason, words, score, broken; d8 repeats the text of d1 nearly, d9 exactly
DOCUMENTS: tuple[tuple[str, str, str | None, str, str | None, int | None, float | None, tuple[str, ...]], ...] = (
    ("d1", "a.org", "en", "kept", None, 100, 0.9, ()),
    ("d2", "a.org", "en", "kept", None, 200, 0.8, ()),
    ("d3", "b.org", "en", "dropped", "few_words", 10, 0.7, ("few_words",)),
    ("d4", "b.org", "de", "dropped", "few_words", 20, 0.2, ("few_words", "unsure")),
    ("d5", "b.org", "de", "dropped", "unsure", 300, 0.1, ("unsure",)),
    ("d6", "b.org", "de", "failed", "unmeasured", 400, None, ()),
    ("d7", "b.org", "de", "failed", "annotate_error", None, NAN, ()),
    ("d8", "a.org", "en", "kept", None, 101, 0.9, ()),
    ("d9", "c.org", "en", "kept", None, 100, 0.9, ()),
    ("d10", "c.org", "en", "kept", None, 150, 0.85, ()),
)
DUPLICATES = {"d8": ("near_duplicate", "d1", 0.875), "d9": ("exact_text", "d1", 1.0)}
PUBLISHED = ("d1", "d2", "d10")


def write_report_root(folder: Path, *, stages: tuple[str, ...] = ("annotate", "filter", "dedup", "publish")) -> None:
    """Write a root as far as the stages say; extract is always there."""
    write_json(folder / "plan/00000.json", {"files": []})
    write_json(folder / "documents/_chunks/00000.json", {"fingerprint": "x", "failed_files": []})
    _write_extract(folder)
    if "annotate" in stages:
        _write_signals(folder)
    if "filter" in stages:
        rows = [
            {
                "id": id,
                "outcome": outcome,
                "reason": reason,
                "broken": list(broken),
                "unmeasured": ["unsure"] if score is None or score != score else [],
            }
            for id, _, _, outcome, reason, _, score, broken in DOCUMENTS
            if reason != "annotate_error"
        ]
        write_table(folder / "decisions/filter/chunk=00000", pa.Table.from_pylist(rows))
        dropped, failed = {"few_words": 2, "unsure": 1}, {"unmeasured": 1}
        _marker(folder / "decisions/filter", "filter", {"in": 9, "kept": 5, "dropped": dropped, "failed": failed})
    if "dedup" in stages:
        write_table(folder / "decisions/dedup/chunk=00000", _dedup())
        dropped = {"exact_text": 1, "near_duplicate": 1}
        _marker(folder / "decisions/dedup", "dedup", {"in": 5, "kept": 3, "dropped": dropped, "failed": {}})
    if "publish" in stages:
        table = pa.table({"id": list(PUBLISHED), "token_count": [130, 260, 195]})
        write_table(folder / "corpus/dump=TEST/language=en/chunk=00000", table)
        _marker(folder / "corpus", "publish", {"in": 3, "kept": 3, "dropped": {}, "failed": {}})


def _marker(folder: Path, stage: str, ledger: dict[str, object], **more: object) -> None:
    facts = {
        "fingerprint": f"{stage}0",
        "seconds": 2.0,
        "chunks": 1,
        "models": {"lid": "ab"},
        "versions": {"spark": "4"},
    }
    write_json(folder / "_stage.json", {"stage": stage, "ledger": ledger, **facts, **more})


def _write_extract(folder: Path) -> None:
    rows: list[dict[str, Any]] = [_document(id, domain=domain, text=f"text of {id} " * 300) for id, domain, *_ in DOCUMENTS]
    rows.append(_document("d11", domain="c.org", outcome="dropped", reason="empty_text"))
    rows.append(_document("d12", domain="c.org", outcome="failed", reason="timeout"))
    file = pa.struct(list(FILE_FIELDS))
    schema = pa.schema([*DOCUMENT_FIELDS, ("file", file)])
    write_table(folder / "documents/chunk=00000/kind=document", pa.Table.from_pylist(rows, schema=schema))
    span = {"offset": 900, "length": 100, "why": "bad gzip"}
    read = {
        "file_path": "a.warc.gz",
        "start": 0,
        "records": [("response", 13)],
        "spans_skipped": [span],
        "outcome": "read",
    }
    lost = {"file_path": "b.warc.gz", "start": 0, "records": [], "spans_skipped": [], "outcome": "failed"}
    read |= {"bytes_records": 1900, "bytes_skipped": 100, "seconds": 3.0, "child_restarts": 1, "child_peak_mb": 300}
    lost |= {"bytes_records": 0, "bytes_skipped": 0, "seconds": 1.0, "reason": "unreadable", "error": "SlowDown"}
    files = pa.Table.from_pylist([{"file": read}, {"file": lost}], schema=schema)
    write_table(folder / "documents/chunk=00000/kind=file", files)
    write_table(
        folder / "duplicate_ids",
        pa.table(
            {"id": ["d1"], "chunk": ["00000"], "file_path": ["z.warc.gz"], "offset": [7], "nth": pa.array([0], pa.int32())}
        ),
    )
    write_json(folder / "duplicate_ids.json", {"records": 1})
    dropped, failed = {"empty_text": 1, "duplicate_id": 1}, {"timeout": 1}
    _marker(folder / "documents", "extract", {"in": 13, "kept": 10, "dropped": dropped, "failed": failed})


def _document(
    id: str, *, domain: str, text: str | None = None, outcome: str = "extracted", reason: str | None = None
) -> dict[str, Any]:
    row = {"id": id, "url": f"https://{domain}/{id}", "host": f"www.{domain}", "domain": domain, "date": "2026-01-01"}
    row |= {"file_path": "a.warc.gz", "charset": "utf-8", "charset_source": "header", "mime": "text/html"}
    opt_out = ["meta:noai"] if id == "d1" else []
    return {**row, "http_status": 200, "opt_out": opt_out, "text": text, "outcome": outcome, "reason": reason}


def _write_signals(folder: Path) -> None:
    columns = {
        "id": [row[0] for row in DOCUMENTS],
        "language": [row[2] for row in DOCUMENTS],
        "word_count": pa.array([row[5] for row in DOCUMENTS], pa.int64()),
        "quality_score": pa.array([row[6] for row in DOCUMENTS], pa.float64()),
        "c4_lorem_ipsum": [False] * 9 + [True],
        "token_count": pa.array([int(row[5] * 1.3) if row[5] else None for row in DOCUMENTS], pa.int64()),
        "error": ["raised" if row[4] == "annotate_error" else None for row in DOCUMENTS],
    }
    write_signals(folder, {"00000": pa.table(columns)})
    ledger: dict[str, object] = {"in": 10, "kept": 9, "dropped": {}, "failed": {"annotate_error": 1}}
    _marker(folder / "signals", "annotate", ledger, sets={name: name for name in BY_NAME})


def _dedup() -> pa.Table:
    rows = []
    for id in ("d1", "d2", "d8", "d9", "d10"):
        reason, witness, similarity = DUPLICATES.get(id, (None, None, None))
        grouped = id == "d1" or witness == "d1"
        row = {"id": id, "outcome": "dropped" if witness else "kept", "reason": reason, "duplicate_of": witness}
        rows.append({**row, "similarity": similarity, "group_id": witness or id, "group_size": 3 if grouped else 1})
    return pa.Table.from_pylist(rows)
