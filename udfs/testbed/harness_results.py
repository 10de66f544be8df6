"""Reads the accuracies of a model from the JSON of a harness: lm-evaluation-harness, llm-foundry, DCLM, or `gristmill compare`."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from udfs.errors import RefusedError
from udfs.testbed.core_tasks import CORE_TASKS

# lm-evaluation-harness's names for tasks of CORE_TASKS; hellaswag and mmlu are two tasks each, by the number of examples
_LM_EVAL = {
    "agieval_lsat_ar": ("agi_eval_lsat_ar",),
    "agieval_lsat_lr": ("agi_eval_lsat_lr",),
    "agieval_lsat_rc": ("agi_eval_lsat_rc",),
    "agieval_sat_en": ("agi_eval_sat_en",),
    "gpqa_diamond_n_shot": ("gpqa_diamond",),
    "gpqa_main_n_shot": ("gpqa_main",),
    "gsm8k_cot": ("gsm8k_cot",),
    "hellaswag": ("hellaswag", "hellaswag_zeroshot"),
    "logiqa": ("logi_qa",),
    "mathqa": ("math_qa",),
    "mmlu": ("mmlu_fewshot", "mmlu_zeroshot"),
    "openbookqa": ("openbook_qa",),
    "pubmedqa": ("pubmed_qa_labeled",),
    "social_iqa": ("siqa",),
    "wsc273": ("winograd",),
}
# in this order: llm-foundry divides a choice's loss by its length, as acc_norm does
_LM_EVAL_METRICS = ("acc_norm", "acc", "exact_match")
_FOUNDRY = re.compile(r"metrics/(?P<task>[^/]+)/(?:(?P<part>[^/]+)/)?(?P<shots>\d+)-shot/\w*Accuracy")


class ResultsError(RefusedError):
    """A file that is no harness's result, or an accuracy that is none."""


@dataclass(frozen=True)
class Accuracies:
    """Hold a model's accuracies from 0 to 1 by the names of CORE_TASKS, and why other results of the file are not among them."""

    harness: str
    found: Mapping[str, float]
    others: Mapping[str, str]


def read_accuracies(document: Any, *, where: str) -> Accuracies:
    """Return the accuracies in a harness's JSON; `where` begins every message.

    A task that was asked with another number of examples than CORE's is another task, so it is among the others. Parts of a task,
    such as jeopardy's subjects, are averaged without weights, as llm-foundry does. Raises ResultsError for JSON of no known form, for
    two results of a task, and for a number that is no accuracy.
    """
    if not isinstance(document, Mapping):
        raise _unknown(where)
    within = document.get("eval_metrics")
    icl = (within if isinstance(within, Mapping) else document).get("icl")
    if isinstance(icl, Mapping):
        return _sorted("DCLM", ((name, _core_shots(name), value) for name, value in icl.items()), where)
    if isinstance(document.get("results"), Mapping):
        return _sorted("lm-evaluation-harness", _of_lm_eval(document, where), where)
    if foundry := [found for key in document if (found := _FOUNDRY.fullmatch(key))]:
        return _sorted("llm-foundry", _of_foundry(document, foundry, where), where)
    if isinstance(document.get("tasks"), Mapping):
        return _sorted("gristmill", _of_compare(document["tasks"], where), where)
    raise _unknown(where)


def together(parts: Iterable[Accuracies], *, where: str) -> Accuracies:
    """Return several files of one model as one. Raises ResultsError if two have the same task."""
    found: dict[str, float] = {}
    others: dict[str, str] = {}
    harnesses: dict[str, None] = {}
    for part in parts:
        if twice := sorted(found.keys() & part.found.keys()):
            raise ResultsError(f"{where}: two files have {twice[0]}, so it is not known which counts. Leave one out")
        found |= part.found
        others |= part.others
        harnesses[part.harness] = None
    return Accuracies(", ".join(harnesses), found, {name: why for name, why in others.items() if name not in found})


_Result = tuple[
    str, int | None, Any
]  # a task by the names of CORE_TASKS, the examples before an item if the file says, the accuracy


def _sorted(harness: str, results: Iterable[_Result], where: str) -> Accuracies:
    found: dict[str, float] = {}
    others: dict[str, str] = {}
    for name, shots, value in results:
        known = CORE_TASKS.get(name)
        if known is None:
            others[name] = "is no task of CORE or EXTENDED"
        elif value is None:
            others[name] = "has no accuracy"
        elif shots is None:
            others[name] = f"does not say how many examples stood before an item, and CORE asks with {known.shots}"
        elif shots != known.shots:
            others[name] = f"was asked with {shots} examples, and CORE asks with {known.shots}"
        elif name in found:
            raise ResultsError(f"{where} has two results of {name}, so it is not known which counts. Leave one out")
        else:
            found[name] = _accuracy(value, f"{where}: {name}")
    return Accuracies(harness, found, {name: why for name, why in others.items() if name not in found})


def _core_shots(name: str) -> int | None:
    """Return the examples that CORE asks a task with, as DCLM's own evaluation does."""
    return CORE_TASKS[name].shots if name in CORE_TASKS else None


def _accuracy(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ResultsError(
            f"{where} has the accuracy {value!r}, which is no share from 0 to 1, so no metric was made. Give shares, not per cent"
        )
    return float(value)


def _of_lm_eval(document: Mapping[str, Any], where: str) -> Iterator[_Result]:
    asked = document.get("n-shot")
    shots = asked if isinstance(asked, Mapping) else {}
    for name, row in document["results"].items():
        if not isinstance(row, Mapping):
            raise ResultsError(
                f"{where}: results of {name!r} are no table, so nothing was read. Give the file as the harness wrote it"
            )
        count = shots.get(name)
        count = count if isinstance(count, int) else None
        ours = _LM_EVAL.get(name, (name,))
        chosen = next((task for task in ours if task in CORE_TASKS and CORE_TASKS[task].shots == count), ours[0])
        yield chosen, count, _lm_eval_value(row)


def _lm_eval_value(row: Mapping[str, Any]) -> Any:
    """Return the first of the known metrics; a key is the metric, and a comma and a filter since 0.4."""
    keys = {key.partition(",")[0]: key for key in reversed(list(row))}
    return next((row[keys[metric]] for metric in _LM_EVAL_METRICS if metric in keys), None)


def _of_foundry(document: Mapping[str, Any], keys: list[re.Match[str]], where: str) -> Iterator[_Result]:
    parts: dict[tuple[str, int], list[float]] = defaultdict(list)
    for key in keys:
        parts[key["task"], int(key["shots"])].append(_accuracy(document[key[0]], f"{where}: {key[0]}"))
    for (name, shots), values in parts.items():
        yield name, shots, sum(values) / len(values)


def _of_compare(tasks: Mapping[str, Any], where: str) -> Iterator[_Result]:
    for name, row in tasks.items():
        if not isinstance(row, Mapping):
            raise _unknown(where)
        yield name, row.get("shots"), row.get("accuracy")


def _unknown(where: str) -> ResultsError:
    return ResultsError(
        f"{where} is no result that can be read, so no metric was made. Known are lm-evaluation-harness's results_….json, DCLM's "
        f"evaluations with eval_metrics.icl, llm-foundry's metrics/TASK/N-shot/…Accuracy, and a run's result.json of gristmill compare"
    )
