"""The evaluation sets of the measurements: which fields of each are question and answer, as llm-foundry writes them."""

from pathlib import Path
from typing import Any

from jobs.decontaminate.settings import Decontaminate

QUERY = {"question": "query", "answer": "choices[gold]"}
CONTEXT = {"question": "context", "answer": "continuation"}
OPTIONS = {"question": "context_options[gold]", "answer": "continuation"}
ASKED = {"pattern": r"(?s)Question: (.*?)(?:\nChoices:|\nAnswer:|\s*$)"}
FIELDS: dict[str, dict[str, Any]] = {
    "arc_easy": QUERY | ASKED,
    "arc_challenge": QUERY | ASKED,
    "piqa": QUERY | ASKED,
    "openbook_qa": QUERY,
    "copa": QUERY,
    "commonsense_qa": {"question": "query"} | ASKED,
    "siqa": {"question": "query", "pattern": r"(?s)Context: (.*?)\nChoices:"},
    "boolq": {"question": "query"},
    "agi_eval_lsat_ar": {"question": "query"},
    "bigbench_language_identification": {"question": "query", "pattern": r"(?s)Sentence: (.*?)(?:\nChoices:|\nAnswer:|\s*$)"},
    "winograd_wsc": OPTIONS,
    "winogrande": OPTIONS,
    "lambada_openai": CONTEXT,
    "jeopardy_all": CONTEXT | {"pattern": r"(?s)^[A-Z0-9 ,&'\"!?.()-]+: (.*)"},
    "bigbench_qa_wikidata": CONTEXT,
    "bigbench_cs_algorithms": CONTEXT,
    "gsm8k": {"question": "context", "answer": "chain_of_thought"},
    "human_eval": {"question": "prompt", "answer": "canonical_solution"},
}


def settings(folder: Path, **keys: Any) -> Decontaminate:
    """Return the section that protects these sets of a folder."""
    sets = [{"name": name, "uri": str(folder / f"{name}.jsonl.gz"), **fields} for name, fields in FIELDS.items()]
    return Decontaminate.model_validate({"set": sets, **keys})
