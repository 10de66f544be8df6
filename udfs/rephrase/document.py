"""The document row of a rephrase: its text, what made it, and the parent that it was made of."""

import json
import re
from typing import Any

from udfs.documents.file_row import MAX_ERROR_CHARS, Row
from udfs.endpoint.question import Failure
from udfs.page.extractor import storable
from udfs.rephrase.rewriting import Rewritten
from udfs.rephrase.style import Style

OF_THE_PARENT = ("host", "domain", "date", "page_language", "title", "opt_out", "licence", "file_path", "offset")
PARENT_TEXT, INSTRUCTIONS = "parent_text", "instructions"
BULKY = (PARENT_TEXT, INSTRUCTIONS)  # too long for whoever lists what is carried
_CORPUS = re.compile(r"^(.*)/corpus/dump=[^/]*/")


def rephrased(parent: Row, style: Style, nth: int, found: Rewritten | Failure, *, dump: str) -> Row:
    """Make the row; a failure becomes its outcome.

    The URL stays the parent's alone, and so does the dump: a rephrase is no capture, and a mix tells the two by their dumps.
    """
    row: Row = {name: parent.get(name) for name in OF_THE_PARENT} | {
        "id": child_id(str(parent["id"]), style.name, nth),
        "dump": dump,
        "nth": nth,
        "parents": [{"root": root_of(str(parent["file_path"])), "id": parent["id"], "start": None, "end": None}],
        "carried": sorted(_carried(parent, style, found).items()),
    }
    if isinstance(found, Failure):
        return row | {"outcome": "failed", "reason": found.reason, "error": storable(found.what)[:MAX_ERROR_CHARS]}
    text = storable(found.text)
    return row | ({"outcome": "extracted", "text": text} if text.strip() else {"outcome": "dropped", "reason": "empty_answer"})


def child_id(parent: str, style: str, nth: int) -> str:
    """Name a rephrase after its parent, its style and its number among those."""
    return f"{parent}#{style}.{nth}"


def root_of(file_path: str) -> str:
    """Return the root of the run whose corpus a file belongs to, else the folder that holds it.

    >>> root_of("out/a/corpus/dump=X/language=en/chunk=00000/part-0.parquet"), root_of("/data/my/part-0.parquet")
    ('out/a', '/data/my')
    """
    found = _CORPUS.match(file_path)
    return found[1] if found else file_path.rpartition("/")[0]


def _carried(parent: Row, style: Style, found: Rewritten | Failure) -> dict[str, str]:
    """Return what is known of the rephrase beside its text; numbers are written as JSON writes them."""
    known: dict[str, Any] = {
        "style": style.name,
        "form": style.prompt.form,
        "prompt": style.prompt.name,
        "prompt_sha256": style.prompt.sha256,
        "parameters": dict(style.parameters),
        PARENT_TEXT: parent["text"],
        INSTRUCTIONS: style.prompt.instructions,
    }
    if style.gaps:
        known["gaps"] = style.gaps
    if isinstance(found, Rewritten):
        known |= {
            "model": found.model,
            "finish_reason": found.finish,
            "tokens_in": found.tokens_in,
            "tokens_out": found.tokens_out,
            "segments": found.segments,
        }
    return {
        **dict(parent.get("carried") or ()),
        **{
            name: storable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True))
            for name, value in known.items()
        },
    }
