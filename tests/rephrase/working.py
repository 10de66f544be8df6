"""Make a corpus file and rephrase it by a worker, without Spark."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.endpoint.asking import QUICK
from udfs.documents.file_row import FileRange
from udfs.endpoint.client import Endpoint
from udfs.rephrase.prompt import read_prompt
from udfs.rephrase.settings import Rephrase
from udfs.rephrase.style import Style
from udfs.rephrase.worker import RephraseFiles

PROMPT = read_prompt(b'form = "prose"\nsystem = "Add nothing."\nuser = "Rewrite <page>{page}</page>"', name="plain")
PLAIN = Style("plain", PROMPT)
LISTED = Style("listed", replace(PROMPT, name="listed", form="list", sha256="other"), copies=2, parameters={"seed": 1})


def corpus(path: Path, texts: Iterable[str | None]) -> FileRange:
    """Write a corpus of texts, the ids of which are p0, p1, …"""
    rows = ({"id": f"p{n}", "text": text, "url": f"https://example.org/{n}", "language": "en"} for n, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return FileRange(str(path), 0)


def work(url: str, folder: Path, *styles: Style, **others: Any) -> Rephrase:
    endpoint = Endpoint((url,), concurrency=4, patience=others.pop("patience", QUICK), key_env=others.pop("key_env", ""))
    made = Rephrase(model="small-1b", styles=styles or (PLAIN,), endpoint=endpoint, answers=f"{folder}/answers", dump="D")
    return replace(made, **others)


def rephrase(
    planned: FileRange, work: Rephrase, *, allowance: float | None = None, isolate: bool = False
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the document rows and the file row that a worker makes of one range."""
    worker = RephraseFiles((planned,), work, None if allowance is None else (allowance,), isolate=isolate)
    rows = [row for batch in worker(iter([pa.record_batch({"id": [0]})])) for row in batch.to_pylist()]
    files = [row["file"] for row in rows if row["file"]]
    assert len(files) == 1
    return [row["document"] for row in rows if row["document"]], files[0]
