"""Ask DCLM's own functions and Dolma's own tagger about texts: the oracle of bench/signals/refinedweb_parity.py.

Make their Python once, and have DCLM's repository beside it (mlfoundations/dclm):

    python3.11 -m venv reference
    reference/bin/python -m pip install uniseg retrie nltk Unidecode fasttext-community blingfire langdetect
    reference/bin/python -m pip install --no-deps dolma==1.2.1 && reference/bin/python -m pip install msgspec smart-open anyascii

Run in the folder of DCLM's repository, since it opens its lists by relative paths. Reads JSON lines {"id", "text"} from the first
argument and writes one JSON line a text to the second. The third names a fastText model of languages. Modules that the two import and
that no function here calls are stood in for: transformers, boto3 and so on.
"""

import importlib.util
import json
import sys
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

UNUSED = (
    "transformers", "kenlm", "sentencepiece", "justext", "bs4", "lxml", "lxml.etree", "zstandard", "jsonlines", "pandas", "boto3", "cloudpathlib",
    "s3fs", "loguru", "moto", "simdjson", "yaml", "necessary", "smart_open", "omegaconf", "botocore", "botocore.exceptions", "tqdm",
)  # fmt: skip
Page = dict[str, Any]


def stand_in() -> None:
    """Put empty modules where those that nothing here calls are not installed."""
    for name in UNUSED:
        try:
            found = importlib.util.find_spec(name) is not None
        except (ImportError, ValueError):
            found = False
        if not found:
            sys.modules[name] = MagicMock(__spec__=ModuleSpec(name, None))


def dolma_tagger() -> Any:
    """Return Dolma's module of the Gopher tagger alone: its package would import every tagger and what each needs."""
    for name in ("dolma.core.data_types", "dolma.core.registry", "dolma.core.taggers"):
        sys.modules[name] = MagicMock(__spec__=ModuleSpec(name, None))
    found = importlib.util.find_spec("dolma")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("the package dolma is not installed; the docstring of this script says how")
    folder = found.submodule_search_locations[0]
    for name in ("dolma", "dolma.core", "dolma.taggers"):
        sys.modules[name] = module = ModuleType(name)
        module.__path__ = [str(Path(folder, *name.split(".")[1:]))]
    return importlib.import_module("dolma.taggers.gopher")


def steps(modifiers: Any, filters: Any, faithful: bool) -> list[tuple[str, Any, dict[str, Any]]]:
    """Return DCLM's steps 5 to 24 by name, from its configuration; without `faithful` its two slips are mended from outside."""
    urls = modifiers.url_removal_modifier()
    more = "Read more..." if faithful else r"Read more(?:\.\.\.|…)"
    if not faithful:
        cells = dict(zip(urls.__code__.co_freevars, urls.__closure__, strict=True))
        cells["tlds_regex"].cell_contents = MagicMock(match=lambda text: True)
    line = {"max_length": 10, "remove_substring_only": True}
    return [
        ("5 urls", urls, {}),
        ("6 newlines", modifiers.newline_removal_modifier(max_consecutive=2), {}),
        ("8 length", filters.page_length_filter, {"length_type": "word", "min_length": 50, "max_length": 100000, "ignore_punctuation": True}),
        ("9 word length", filters.word_length_filter, {"min_length": 3, "max_length": 10}),
        ("10 symbols", filters.symbol_ratio_filter, {"max_symbol_to_word_ratio": 0.1}),
        ("11 bullets", filters.bullet_count_filter, {"max_bullet_start_ratio": 0.9}),
        ("12 ellipses", filters.ellipsis_count_filter, {"max_ellipsis_end_ratio": 0.3}),
        ("13 letters", filters.alphabetic_word_ratio_filter, {"max_ratio": 0.2}),
        ("14 stop words", filters.stop_word_filter, {"count_unique": False, "min_stop_word": 2}),
        ("15 repetition", filters.massive_web_repetition_filters, {}),
        ("16 count", None, {}),
        ("17 capitals", modifiers.uppercase_ratio_line_modifier, {"max_ratio": 0.5}),
        ("18 digits", modifiers.numeric_ratio_line_modifier, {"max_ratio": 0.999999}),
        ("19 counters", modifiers.counter_line_modifier(), {}),
        ("20 short lines", modifiers.line_length_modifier, {"min_length": 2}),
        ("21 cart", modifiers.substring_line_modifier(banlist="items in cart", **line), {}),
        ("22 read more", modifiers.substring_line_modifier(banlist=more, location="suffix", **line), {}),
        ("23 sign-in", modifiers.substring_line_modifier(banlist="Sign-in", location="prefix", **line), {}),
        ("24 removed", filters.word_removal_ratio_filter, {"prev_word_count_key": "previous_word_count", "max_removed_ratio": 0.05}),
    ]  # fmt: skip


def judge(text: str, run: list[tuple[str, Any, dict[str, Any]]], count: Any) -> dict[str, Any]:
    """Return by filter whether it alone keeps the page, the first step that drops it, and the text that the modifiers leave.

    A filter that drops is asked and passed over, so that all are asked about the text that their step would see; a modifier that
    drops has emptied the page.
    """
    page: Page = {"text": text}
    alone: dict[str, bool] = {}
    first: str | None = None
    for name, step, arguments in run:
        if step is None:
            count(page, key="previous_word_count")
            continue
        kept = bool(step(page, **arguments))
        if "filter" in getattr(step, "__name__", ""):
            alone[name] = kept
        elif not kept:
            alone["24 removed"], page["text"] = False, ""
        if not kept and first is None:
            first = name
        if page["text"] == "":
            first = first or name
            break
    return {"alone": alone, "first": first, "text": page["text"]}


def gopher(filters: Any, tagger: Any, text: str) -> dict[str, Any]:
    """Return DCLM's verdict on repetition about the text as it is, and Dolma's attributes of the first and second version."""
    dolma = {}
    for version, ignore in (("v1", False), ("v2", True)):
        found = tagger.get_attributes(text, ignore_empty_lines=ignore)
        dolma[version] = {
            "dup_line_ratio": found.fraction_of_duplicate_lines,
            "dup_line_char_ratio": found.fraction_of_characters_in_duplicate_lines,
            **{f"top_{n}gram_char_ratio": value for n, value in found.fraction_of_characters_in_most_common_ngram},
            **{f"dup_{n}gram_char_ratio": value for n, value in found.fraction_of_characters_in_duplicate_ngrams},
        }
    return {"dclm": bool(filters.massive_web_repetition_filters({"text": text})), "dolma": dolma}


def language(model: Any, text: str, enrichers: Any) -> bool:
    """Tell whether DCLM's step 7 keeps a text, with the model at hand."""
    if enrichers.is_space_or_punct(text):
        return False
    found = enrichers.get_fasttext_lang_prob(model, text.replace("\n", ""))
    return bool(found.get("en", 0.0) > 0.65)


def main() -> None:
    """Judge every text of the first argument."""
    stand_in()
    sys.path[:0] = [".", "baselines"]
    import fasttext  # type: ignore[import-not-found, import-untyped, unused-ignore]
    from baselines.mappers import core_utils, modifiers  # type: ignore[import-not-found, unused-ignore]
    from baselines.mappers.enrichers import enrichers, language_id_enrichers  # type: ignore[import-not-found, unused-ignore]
    from baselines.mappers.filters import content_filters  # type: ignore[import-not-found, unused-ignore]

    words = core_utils.words
    core_utils.words = lru_cache(8)(lambda text: list(words(text)))  # asked three times about nearly every text
    tagger = dolma_tagger()
    source, target, lid = map(Path, sys.argv[1:4])
    model = fasttext.load_model(str(lid))
    runs = {name: steps(modifiers, content_filters, name == "faithful") for name in ("faithful", "corrected")}
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as verdicts:
        for line in lines:
            row = json.loads(line)
            found: dict[str, Any] = {
                name: judge(row["text"], run, enrichers.word_counter_enricher) for name, run in runs.items()
            }
            found |= {"id": row["id"], "language": language(model, row["text"], language_id_enrichers)}
            verdicts.write(json.dumps(found | gopher(content_filters, tagger, row["text"])) + "\n")


if __name__ == "__main__":
    main()
