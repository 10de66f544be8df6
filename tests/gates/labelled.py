"""The labelled rephrases: 200 answers in ten styles to ten pages, all written for this set. One half is sound, the other has a fault."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jobs.engine.models import fetch
from tests.runs import MODELS
from udfs.rephrase.prompt import read_prompt
from udfs.signals.language import LanguageModel
from udfs.signals.rephrase import measure

FOLDER = Path(__file__).parent
PROMPTS = FOLDER.parent.parent / "conf/prompts"


@dataclass(frozen=True)
class Labelled:
    """An answer, the gates' measurements of it, and its fault, if it has one."""

    page: str
    style: str
    answer: str
    fault: str | None
    signals: Mapping[str, Any]


def pages() -> dict[str, str]:
    """Return the pages by their names."""
    return {row["id"]: row["text"] for row in _rows("pages.jsonl")}


@cache
def _model() -> LanguageModel:
    found = fetch("lid.176.ftz", folder=MODELS)
    return LanguageModel(found.path, sha256=found.sha256)


def language_of(text: str) -> str | None:
    """Return the language of a text by lid.176."""
    return _model().identify(text)[0]


@cache
def labelled() -> tuple[Labelled, ...]:
    """Read and measure the set."""
    texts, made = pages(), []
    for row in _rows("rephrases.jsonl"):
        prompt = read_prompt((PROMPTS / f"{row['prompt']}.toml").read_bytes(), name=row["prompt"])
        carried = {
            "style": row["style"],
            "form": row["form"],
            "finish_reason": row["finish"],
            "parent_text": texts[row["page"]],
            "instructions": prompt.instructions,
        }
        signals = measure(row["answer"], carried, language_of)
        made.append(Labelled(row["page"], row["style"], row["answer"], row["fault"], signals))
    return tuple(made)


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]
