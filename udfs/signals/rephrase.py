"""The gates of rephrasing: what a model wrote, measured against the page that it was given. Rules decide; nothing is dropped here."""

from collections.abc import Callable, Mapping
from typing import Any

from udfs.gates.asides import LEAK_WORDS, has_preamble, is_refusal, leaked_runs
from udfs.gates.form import claims, form_of
from udfs.gates.grounding import kept, names, new_links, new_names, numbers, quantities, spelled, stems
from udfs.gates.plain_words import runs, words
from udfs.signals.definition import Signal
from udfs.words.normal_forms import composed

COPIED_WORDS = 8
REPEATED_WORDS = 4
_SOURCE = "gristmill; docs/rephrase.md"

SIGNALS = (
    Signal("rephrase_style", "string", "name", _SOURCE, "the style that the recipe asked for"),
    Signal("rephrase_finish_reason", "string", "name", "OpenAI's chat completions", "stop, length, content_filter, …; of several segments the first that is not stop"),
    Signal("rephrase_length_ratio", "float", "words a word", _SOURCE, "words of the answer over words of the page"),
    Signal("rephrase_refusal", "bool", "yes or no", _SOURCE, "the answer declines, in words that the page does not have"),
    Signal("rephrase_preamble", "bool", "yes or no", _SOURCE, "the answer begins or ends with words to whoever asked"),
    Signal("rephrase_prompt_leak", "int", "runs of words", _SOURCE, f"distinct runs of {LEAK_WORDS} words, and marks, that the answer has from the prompt and not from the page"),
    Signal("rephrase_language_kept", "bool", "yes or no", _SOURCE, "page and answer have the same most probable language"),
    Signal("rephrase_new_numbers", "int", "numbers", _SOURCE, "distinct numbers in digits that the page has neither in digits nor in English words; choices that are offered do not count"),
    Signal("rephrase_numbers_kept", "float", "fraction of numbers", _SOURCE, "distinct numbers of the page that the answer has; 1 if it has none"),
    Signal("rephrase_new_quantities", "int", "quantities", _SOURCE, "distinct pairs of number and unit that the page does not have, likewise"),
    Signal("rephrase_new_names", "int", "names", _SOURCE, "distinct capitalised words within sentences that are no word of the page; all nouns in German"),
    Signal("rephrase_names_kept", "float", "fraction of names", _SOURCE, "distinct capitalised words within sentences of the page that are words of the answer; 1 if it has none"),
    Signal("rephrase_parent_copied", "float", "fraction of runs", _SOURCE, f"runs of {COPIED_WORDS} words of the page that stand in the answer"),
    Signal("rephrase_answer_copied", "float", "fraction of runs", _SOURCE, f"runs of {COPIED_WORDS} words of the answer that stand in the page"),
    Signal("rephrase_repetition", "float", "fraction of runs", _SOURCE, f"runs of {REPEATED_WORDS} words of the answer that stood in it before"),
    Signal("rephrase_new_links", "int", "links and tags", _SOURCE, "distinct links, addresses and HTML tags that the page does not have"),
    Signal("rephrase_form", "string", "name", _SOURCE, "the form that was found: prose, questions, choices, table, list, dialogue, none"),
    Signal("rephrase_form_kept", "bool", "yes or no", _SOURCE, "that is the form which the prompt asks for"),
)  # fmt: skip


def measure(answer: str, carried: Mapping[str, str], identify: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the gates of an answer; all are None for a document that no model wrote. `identify` tells a text's language."""
    parent = carried.get("parent_text")
    if parent is None:
        return {signal.name: None for signal in SIGNALS}
    answer, parent, form = composed(answer), composed(parent), form_of(answer)
    in_parent, in_answer, claimed = numbers(parent), numbers(answer), claims(answer)
    runs_of_answer = runs(answer, REPEATED_WORDS)
    return {
        "rephrase_style": carried.get("style"),
        "rephrase_finish_reason": carried.get("finish_reason"),
        "rephrase_length_ratio": len(words(answer)) / max(1, len(words(parent))),
        "rephrase_refusal": is_refusal(answer, parent),
        "rephrase_preamble": has_preamble(answer, parent),
        "rephrase_prompt_leak": leaked_runs(answer, parent, carried.get("instructions", "")),
        "rephrase_language_kept": identify(answer) == identify(parent),
        "rephrase_new_numbers": len(numbers(claimed) - in_parent - spelled(parent)),
        "rephrase_numbers_kept": kept(in_parent, in_answer | spelled(answer)),
        "rephrase_new_quantities": len(quantities(claimed) - quantities(parent)),
        "rephrase_new_names": new_names(claimed, parent),
        "rephrase_names_kept": kept(names(parent), stems(answer)),
        "rephrase_parent_copied": _shared(parent, answer),
        "rephrase_answer_copied": _shared(answer, parent),
        "rephrase_repetition": 1 - len(set(runs_of_answer)) / len(runs_of_answer) if runs_of_answer else 0.0,
        "rephrase_new_links": new_links(answer, parent),
        "rephrase_form": form,
        "rephrase_form_kept": form == carried["form"] if "form" in carried else None,
    }


def _shared(text: str, other: str) -> float:
    """Return the part of a text's runs of words that another text has."""
    mine, theirs = runs(text, COPIED_WORDS), set(runs(other, COPIED_WORDS))
    return sum(run in theirs for run in mine) / len(mine) if mine else 0.0
