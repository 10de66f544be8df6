"""Compare our reading of C4 with the code that made it, page by page: the cleaned text, the decision, and the lines that dedup leaves.

    python -m bench.signals.c4_parity texts.jsonl --reference-python reference/bin/python --c4-utils c4_utils.py [--bad-words en]

bench/signals/c4_reference_run.py says how to make the reference Python. Prints Markdown: the table, then every disagreement.
"""

import argparse
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.signals.parity import read_jsonl
from udfs.edits.edit import apply
from udfs.models.list_file import ListFile
from udfs.passages.c4_line import line_key
from udfs.signals import c4_reference
from udfs.signals.language import LanguageModel
from udfs.signals.word_lists import found_words, words_of
from udfs.words.split import count_sentences

MIN_SENTENCES, MAX_CHARACTERS = 3, 190_000
CUT = 0.5  # of conf/c4.toml
ENGLISH = (0.3, 0.5, 0.65, 0.8, 0.9, 0.99)  # cuts of lid.176's probability beside langdetect's 0.99
Rows = Mapping[str, Mapping[str, Any]]


def main() -> None:
    """Read the texts, ask both sides, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("jsonl", type=Path, nargs="+", help='lines of {"id", "text"}')
    parser.add_argument("--reference-python", type=Path, required=True, help="a Python as c4_reference_run.py asks for")
    parser.add_argument("--c4-utils", type=Path, required=True, help="tensorflow_datasets/text/c4_utils.py")
    parser.add_argument("--bad-words", type=Path, help="a word a line")
    parser.add_argument("--language-model", type=Path, required=True, help="lid.176.ftz")
    given = parser.parse_args()
    texts = dict(read_jsonl(given.jsonl))
    with tempfile.TemporaryDirectory() as folder:
        theirs = ask(texts, given.reference_python, given.c4_utils, given.bad_words, Path(folder))
    print(compare(texts, theirs, words=_words(given.bad_words), model=LanguageModel(str(given.language_model), sha256=None)))


def ask(texts: Mapping[str, str], python: Path, code: Path, words: Path | None, folder: Path) -> Rows:
    """Return by id what the reference code says."""
    source, target = folder / "texts.jsonl", folder / "found.jsonl"
    source.write_text("".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items()))
    script = Path(__file__).with_name("c4_reference_run.py")
    subprocess.run(
        [str(python), str(script), str(code), str(source), str(target), *([str(words)] if words else [])], check=True
    )
    return {row["id"]: row for row in map(json.loads, target.read_text().splitlines())}


def _words(path: Path | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    return words_of(ListFile("bad", "bad_words", str(path), hashlib.sha256(path.read_bytes()).hexdigest()))


def decide(text: str) -> tuple[str | None, str]:
    """Return our reason to drop a page, or None, and the text that the edits leave."""
    found, edits = c4_reference.measure(text)
    if found["c4_reference_character_count"] > MAX_CHARACTERS:
        reason: str | None = "too_long"
    elif found["c4_reference_lorem_ipsum"] or found["c4_reference_curly_bracket"]:
        reason = "lorem_ipsum or curly_bracket"
    else:
        count = found["c4_reference_sentence_count"]
        reason = f"few_sentences ({count})" if count < MIN_SENTENCES else None
    return reason, apply(text, edits)


def compare(texts: Mapping[str, str], theirs: Rows, *, words: frozenset[str], model: LanguageModel) -> str:
    """Return the comparison as Markdown."""
    ours = {id: decide(text) for id, text in texts.items()}
    both = [id for id in texts if ours[id][0] is None and theirs[id]["reason"] is None]
    listed = [
        f"| {id} | {ours[id][0] or 'kept'} | {theirs[id]['reason'] or 'kept'} |"
        for id in texts
        if (ours[id][0] is None) != (theirs[id]["reason"] is None)
    ]
    same_text = [id for id in both if ours[id][1] == theirs[id]["text"]]
    listed += [f"| {id} | other characters | kept |" for id in both if id not in set(same_text)]
    rows = [
        ("page stays after its lines are cleaned", len(texts), len(texts) - sum("other" not in row for row in listed)),
        ("text of the pages that stay on both sides", len(both), len(same_text)),
    ]
    if words:
        hits = {id: found_words(theirs[id]["text"].lower(), words, language="en") > 0 for id in both}
        rows.append(("page has a bad word", len(both), sum(hits[id] == theirs[id]["bad_word"] for id in both)))
    rows += languages(both, theirs, model)
    listed += other_languages(both, theirs, model)
    table = ["| question | pages | same answer | |", "|---|---|---|---|"]
    table += [f"| {what} | {n} | {same} | {100 * same / max(1, n):.2f} % |" for what, n, same in rows]
    return "\n".join([*table, "", lines_left(both, theirs), "", "| id | gristmill | reference |", "|---|---|---|", *listed])


def languages(ids: Sequence[str], theirs: Rows, model: LanguageModel) -> list[tuple[str, int, int]]:
    """Compare lid.176 at some cuts with langdetect at 0.99, over the cleaned texts."""
    found: dict[str, dict[str, Any]] = {id: dict(model.measure(theirs[id]["text"])) for id in ids}
    rows = []
    for cut in ENGLISH:
        ours = {id: found[id]["language"] == "en" and (found[id]["language_score"] or 0) >= cut for id in ids}
        rows.append((f"page is English (lid.176 at {cut})", len(ids), sum(ours[id] == theirs[id]["english"] for id in ids)))
    return rows


def other_languages(ids: Sequence[str], theirs: Rows, model: LanguageModel) -> Iterator[str]:
    """Yield the pages on whose language the two differ, at the recipe's cut."""
    for id in ids:
        found: dict[str, Any] = dict(model.measure(theirs[id]["text"]))
        ours = found["language"] == "en" and (found["language_score"] or 0) >= CUT
        if ours != theirs[id]["english"]:
            size = len(theirs[id]["text"])
            told = f"{found['language']} {found['language_score']:.2f}"
            yield f"| {id} | {told}, {size} characters | {'English' if theirs[id]['english'] else 'not English'} |"


def lines_left(ids: Sequence[str], theirs: Rows) -> str:
    """Compare what dedup of lines leaves when both sides go through the pages in the reference's order, by MD5 of the address."""
    seen: set[int] = set()
    same = 0
    for id in sorted(ids, key=lambda id: hashlib.md5(id.encode()).hexdigest()):
        lines = []
        for line in theirs[id]["text"].split("\n"):
            if line_key(line) not in seen:
                lines.append(line)
                seen.add(line_key(line))
        left = "\n".join(lines)
        stays = bool(left) and sum(map(count_sentences, filter(None, lines))) >= MIN_SENTENCES
        same += (left if stays else None) == theirs[id]["deduped"]
    dropped = sum(theirs[id]["deduped"] is None for id in ids)
    return (
        f"Dedup of lines over the {len(ids)} pages that stay: {same} = {100 * same / max(1, len(ids)):.2f} % have the same text or go "
        f"on both sides; the reference drops {dropped}."
    )


if __name__ == "__main__":
    main()
