"""Run TFDS's c4_utils.py over texts, without TensorFlow and Beam: the oracle of bench/signals/c4_parity.py.

Make its Python once, and a folder of NLTK's data with tokenizers/punkt_tab/english (NLTK_DATA names it):

    python3.11 -m venv reference
    reference/bin/python -m pip install nltk langdetect

c4_utils.py is imported from the path of the first argument. What it imports beside Python's own modules is stood in for: `as_text`,
a counter that counts nothing, and the sentence tokenizer, which is NLTK's Punkt with the same tables. Two loops replace Beam.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any


def load(path: Path) -> Any:
    """Import c4_utils.py with stand-ins for TensorFlow, TFDS and absl."""
    import langdetect  # type: ignore[import-not-found, unused-ignore]
    from nltk.tokenize.punkt import PunktTokenizer  # type: ignore[import-not-found, unused-ignore]

    tensorflow = types.SimpleNamespace(compat=types.SimpleNamespace(as_text=str))
    lazy = types.SimpleNamespace(langdetect=langdetect)
    names: dict[str, dict[str, Any]] = {
        "absl": {"logging": None},
        "tensorflow_datasets": {},
        "tensorflow_datasets.core": {},
        "tensorflow_datasets.core.utils": {},
        "tensorflow_datasets.core.utils.lazy_imports_utils": {"tensorflow": tensorflow},
        "tensorflow_datasets.public_api": {"core": types.SimpleNamespace(lazy_imports=lazy)},
    }
    for name, content in names.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        sys.modules[name] = module
    spec = importlib.util.spec_from_file_location("c4_utils", path)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules["c4_utils"] = found
    spec.loader.exec_module(found)
    vars(found)["get_counter_inc_fn"] = lambda namespace: lambda counter, amt=1: None
    vars(found)["_SENTENCE_TOKENIZER"] = PunktTokenizer("english")
    return found


def judge(code: Any, clean: Any, page: Any) -> tuple[dict[str, Any], Any]:
    """Return the reason of a drop or None, the cleaned text, whether langdetect finds English; and the cleaned page."""
    if not code.is_valid_length(page):
        return {"reason": "too long", "text": None, "english": None}, None
    last = ["few sentences"]
    cleaned = list(clean(page, counter_inc_fn=lambda counter, amt=1: last.append(counter)))
    if not cleaned:
        return {"reason": last[-1], "text": None, "english": None}, None
    english = bool(list(code.detect_english(cleaned[0])))
    return {"reason": None, "text": cleaned[0].text, "english": english}, cleaned[0]


def deduped(code: Any, pages: dict[str, Any]) -> dict[str, str]:
    """Do what remove_duplicate_text does: a line stays at the page whose hashed address is least."""
    chosen: dict[str, str] = {}
    for page in pages.values():
        for line, url in code._emit_url_to_lines(page):
            chosen[line] = min(chosen.get(line, url), url, key=code._hash_text)
    kept: dict[str, list[str]] = {}
    for line, url in chosen.items():
        kept.setdefault(url, []).append(line)
    left = {}
    for url, page in pages.items():
        joined = (url, {"pages": [page], "lines": kept.get(url, [])})
        for found in code._remove_lines_from_text(joined, lambda counter, amt=1: None, code._MIN_NUM_SENTENCES):
            left[url] = found.text
    return left


def main() -> None:
    """Judge every text of the second argument and write to the third; the fourth is a list of bad words."""
    path, source, target, *words = map(Path, sys.argv[1:])
    code = load(path)
    clean = code.get_clean_page_fn()
    bad = {"en": [word.strip() for word in words[0].read_text("utf-8").splitlines() if word.strip()]} if words else {}
    keeps = code.get_badwords_filter_fn(bad)
    found, pages = {}, {}
    for row in map(json.loads, source.read_text("utf-8").splitlines()):
        page = code.PageFeatures(url=row["id"], normalized_url=row["id"], text=row["text"], language="en")
        found[row["id"]], cleaned = judge(code, clean, page)
        if cleaned is not None:
            pages[row["id"]] = cleaned
            found[row["id"]]["bad_word"] = not keeps(cleaned)
    left = deduped(code, pages)
    with target.open("w", encoding="utf-8") as lines:
        for id, row in found.items():
            lines.write(json.dumps({"id": id, **row, "deduped": left.get(id)}) + "\n")


if __name__ == "__main__":
    main()
