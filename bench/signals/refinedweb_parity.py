"""Compare our reading of RefinedWeb's steps with DCLM's own code, and the three readings of Gopher's repetition with one another.

    python -m bench.signals.refinedweb_parity --jsonl texts.jsonl --verdicts verdicts.jsonl

bench/signals/refinedweb_reference.py makes the verdicts. Prints Markdown: a table of decisions by step, one of the readings of Gopher,
the speed, then every disagreement.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.signals.parity import RULES, read_jsonl
from udfs.signals import gopher, gopher_dclm, gopher_dolma, refinedweb
from udfs.words.split import split_words

Signals = Mapping[str, float]
Rule = Callable[[Signals], bool]

STEPS: dict[str, Rule] = {
    "8 length": lambda s: 50 <= s["refinedweb_word_count"] <= 100_000,
    "9 word length": lambda s: 3 <= s["refinedweb_mean_word_length"] <= 10,
    "10 symbols": lambda s: s["refinedweb_symbol_ratio"] <= 0.1,
    "11 bullets": lambda s: s["refinedweb_bullet_line_ratio"] <= 0.9,
    "12 ellipses": lambda s: s["refinedweb_ellipsis_line_ratio"] <= 0.3,
    "13 letters": lambda s: s["refinedweb_letterless_word_ratio"] <= 0.2,
    "14 stop words": lambda s: s["refinedweb_stop_word_count"] >= 2,
    "15 repetition": lambda s: repeats_little(s, "dclm_"),
    "24 removed": lambda s: s["refinedweb_removed_word_ratio"] <= 0.05,
}
BOUNDS = {
    "dup_line_ratio": 0.3, "dup_paragraph_ratio": 0.3, "dup_line_char_ratio": 0.2, "dup_paragraph_char_ratio": 0.2,
    "top_2gram_char_ratio": 0.20, "top_3gram_char_ratio": 0.18, "top_4gram_char_ratio": 0.16,
    **{f"dup_{n}gram_char_ratio": round(0.2 - n / 100, 2) for n in range(5, 11)},
}  # fmt: skip


def repeats_little(signals: Signals, prefix: str) -> bool:
    """Tell whether a page stays within the bounds that the three readings share; a statistic that a reading lacks is no bound."""
    return all(signals.get(prefix + name, 0.0) <= most for name, most in BOUNDS.items())


def main() -> None:
    """Read texts and verdicts, and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jsonl", type=Path, action="append", required=True, help='lines of {"id", "text"}')
    parser.add_argument(
        "--verdicts", type=Path, required=True, help="what bench/signals/refinedweb_reference.py wrote about them"
    )
    arguments = parser.parse_args()
    texts = dict(read_jsonl(arguments.jsonl))
    verdicts = {row["id"]: row for row in map(json.loads, arguments.verdicts.read_text("utf-8").splitlines())}
    english = {id for id, row in verdicts.items() if row["language"]}
    print(f"{len(texts)} texts, {len(english)} of them English to DCLM.\n")
    for mode in ("corrected", "faithful"):
        print(steps(texts, verdicts, mode, english), "\n")
    print(readings(texts, verdicts, english), "\n")
    print(speed(texts))


def decide(text: str, faithful: bool) -> tuple[dict[str, bool], str]:
    """Return our verdict by step, and the text that we leave."""
    refined = refinedweb.measure(text, faithful=faithful)
    signals = refined.signals | gopher_dclm.repetition(refined.without_urls)
    return {name: rule(signals) for name, rule in STEPS.items()}, refined.text


def steps(texts: Mapping[str, str], verdicts: Mapping[str, Any], mode: str, english: set[str]) -> str:
    """Return the table of one mode, over all texts and over the English ones, and the disagreements."""
    counts = {name: [0] * 6 for name in (*STEPS, "all", "text left")}
    found: list[str] = []
    for id, text in texts.items():
        ours, left = decide(text, mode == "faithful")
        theirs = verdicts[id][mode]
        pairs = {name: (ours[name], theirs["alone"][name]) for name in STEPS if name in theirs["alone"]}
        pairs["all"] = (all(ours.values()), theirs["first"] is None)
        pairs["text left"] = (True, left == theirs["text"])
        for name, (our, their) in pairs.items():
            row = counts[name]
            for place, hit in enumerate((True, our, their, our == their, our == their and id in english, id in english)):
                row[place] += int(hit)
            if our != their:
                found.append(f"| {id} | {mode} | {name} | {'English' if id in english else 'other'} | {our} | {their} |")
    table = [
        f"| step, {mode} | texts | kept by gristmill | kept by DCLM | same decision | of the English |",
        "|---|---|---|---|---|---|",
    ]
    for name, (total, we, they, same, same_english, total_english) in counts.items():
        table.append(f"| {name} | {total} | {we} | {they} | {share(same, total)} | {share(same_english, total_english)} |")
    head = ["", "| id | mode | step | language | gristmill | DCLM |", "|---|---|---|---|---|---|"]
    return "\n".join([*table, *head, *(found or ["| none | | | | | |"])])


def readings(texts: Mapping[str, str], verdicts: Mapping[str, Any], english: set[str]) -> str:
    """Return how often the readings of Gopher's repetition rules agree, how far ours are from the references', and on what."""
    rows: list[dict[str, bool]] = []
    far = {"dclm": 0, "dolma v1": 0, "value": 0}
    for id, text in texts.items():
        if id not in english:
            continue
        ours = gopher_dclm.repetition(text) | gopher_dolma.repetition(text)
        filled = {"dolma_dup_line_ratio": ours["dolma_dup_filled_line_ratio"]}
        rows.append({
            "datatrove": all(keeps(gopher.repetition(text, split_words(text))) for _, keeps in RULES["gopher_repetition"]),
            "DCLM": repeats_little(ours, "dclm_"),
            "Dolma v1": repeats_little(ours, "dolma_"),
            "Dolma v2": repeats_little({**ours, **filled}, "dolma_"),
        })  # fmt: skip
        theirs = {f"dolma_{name}": value for name, value in verdicts[id]["dolma"]["v1"].items()}
        theirs["dolma_dup_filled_line_ratio"] = verdicts[id]["dolma"]["v2"]["dup_line_ratio"]
        far["dclm"] += rows[-1]["DCLM"] != verdicts[id]["dclm"]
        far["dolma v1"] += rows[-1]["Dolma v1"] != repeats_little(theirs, "dolma_")
        far["value"] += any(abs(ours[name] - value) > 1e-9 for name, value in theirs.items())
    return "\n".join([*matrix(rows), "", f"Texts decided otherwise than by the reference, or with another value: {far}."])


def matrix(rows: Iterable[Mapping[str, bool]]) -> list[str]:
    """Return the table of agreement: on the diagonal what each drops; beside it the share of same decisions, and both's drops."""
    all_rows = list(rows)
    names = list(all_rows[0])
    cell = {(name, name): f"drops {share(sum(not row[name] for row in all_rows), len(all_rows))}" for name in names}
    for a, b in combinations(names, 2):
        same = sum(row[a] == row[b] for row in all_rows)
        both = sum(not row[a] and not row[b] for row in all_rows)
        either = sum(not (row[a] and row[b]) for row in all_rows)
        cell[a, b] = cell[b, a] = f"{share(same, len(all_rows))}; drops {both} of {either} alike"
    head = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    return [*head, *(f"| {a} | " + " | ".join(cell[a, b] for b in names) + " |" for a in names)]


def share(part: int, whole: int) -> str:
    """Write a part with its percentage."""
    return f"{part} = {100 * part / max(1, whole):.2f} %"


def speed(texts: Mapping[str, str]) -> str:
    """Return what measuring costs, by set, on one busy core."""
    kilobytes = sum(len(text.encode()) for text in texts.values()) / 1000
    said = []
    sets = {"refinedweb": refinedweb.measure, "gopher_dclm": gopher_dclm.repetition, "gopher_dolma": gopher_dolma.repetition}
    for name, measure in sets.items():
        started = time.process_time()
        for text in texts.values():
            measure(text)  # type: ignore[operator]
        said.append(f"{name} {1e6 * (time.process_time() - started) / kilobytes:.0f}")
    return f"µs per KB of text on one busy core: {', '.join(said)}."


if __name__ == "__main__":
    main()
