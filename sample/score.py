"""Score a run on the sample against the truth: its decisions, the duplicates it found, what it let into the product."""

import json
import re
import sys
from codecs import lookup
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sample.duplicates import THRESHOLD, jaccard
from sample.outcomes import Got, read_run

Truth = Mapping[str, Any]

# A page without prose may give no text, no certain language or a broken rule; which of them depends on the extractor.
NO_PROSE = frozenset({"empty_text", "language", "quality_rules"})
OTHER_REASONS = frozenset({"http_status", "not_html", "empty_text", "language", "exact_url", "exact_text", "near_duplicate"})
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Score:
    """Counts as (right, all); `kinds` holds (kind, captures, right, what the others became), rates are in [0, 1]."""

    kinds: tuple[tuple[str, int, int, str], ...]
    decisions: tuple[int, int]
    reasons: tuple[int, int]
    duplicate_recall: tuple[int, int]
    duplicate_precision: tuple[int, int]
    languages: tuple[int, int]
    charsets: tuple[int, int]
    pii_left: int
    unwanted_left: int
    text_f1: float

    @property
    def accuracy(self) -> float:
        """Return the share of captures decided as expected."""
        return self.decisions[0] / max(1, self.decisions[1])


def score(truth: Sequence[Truth], rows: Sequence[Got]) -> Score:
    """Judge the rows of a run by the truth; a capture without a row counts as unreadable.

    Which of several duplicates survives depends on the recipe, so a group of captures that stem from one article is
    judged as a whole: it is right if every dropped copy resembles a kept one, and no two kept ones are duplicates.
    """
    got = {row.id: row for row in rows}
    valid = _valid_groups(truth, got)
    right = {row["record_id"]: _right(row, got.get(row["record_id"]), valid) for row in truth}
    expected_kept = [(row, got[row["record_id"]]) for row in truth if row["expected"] == "kept" and row["record_id"] in got]
    dropped = [row for row in truth if row["expected"] == "dropped" and got.get(row["record_id"], _LOST).outcome == "dropped"]
    with_text = [(row, found.text) for row, found in expected_kept if found.text]
    named = [(row, found.language) for row, found in expected_kept if found.language]
    decoded = [(row["charset"], got.get(row["record_id"], _LOST).charset) for row in truth if row["charset"]]
    charsets = [(_charset(wanted), _charset(found)) for wanted, found in decoded if found]
    products = [row.product for row in rows if row.product]
    return Score(
        kinds=_by_kind(truth, got, right),
        decisions=(sum(right.values()), len(truth)),
        reasons=(sum(_same_reason(row, got[row["record_id"]]) for row in dropped), len(dropped)),
        duplicate_recall=_recall(truth, got, valid),
        duplicate_precision=_precision(truth, got),
        languages=(sum(row["language"] == found for row, found in named), len(named)),
        charsets=(sum(wanted == found for wanted, found in charsets), len(charsets)),
        pii_left=_left(truth, products, "pii"),
        unwanted_left=_left(truth, products, "unwanted"),
        text_f1=sum(token_f1(text, row["main_text"]) for row, text in with_text) / max(1, len(with_text)),
    )


_LOST = Got("", "unreadable")


def token_f1(found: str, wanted: str) -> float:
    """Return the F1 of two texts as bags of words; Kana and Han count by character."""
    left, right = (Counter(_WORD.findall(text.lower())) for text in (found, wanted))
    common = (left & right).total()
    return 2 * common / (left.total() + right.total()) if common else 0.0


def _valid_groups(truth: Sequence[Truth], got: Mapping[str, Got]) -> frozenset[str]:
    """Return the ids of the groups (by their first capture) that were deduplicated as they may be."""
    groups: dict[str, list[Truth]] = {}
    for row in truth:
        groups.setdefault(row["group"] or row["record_id"], []).append(row)
    valid = []
    for group, members in groups.items():
        kept = [row for row in members if got.get(row["record_id"], _LOST).outcome == "kept"]
        others = [row for row in members if got.get(row["record_id"], _LOST).duplicate_of]
        if len(members) > 1 and len(kept) + len(others) == len(members):
            distinct = all(not _duplicates(a, b) for n, a in enumerate(kept) for b in kept[:n])
            if distinct and all(any(_duplicates(row, witness) for witness in kept) for row in others):
                valid.append(group)
    return frozenset(valid)


def _duplicates(a: Truth, b: Truth) -> bool:
    return bool(a["url"] == b["url"]) or jaccard(a["main_text"], b["main_text"]) >= THRESHOLD


def _right(row: Truth, found: Got | None, valid: frozenset[str]) -> bool:
    return (row["group"] or row["record_id"]) in valid or (found or _LOST).outcome == row["expected"]


def _same_reason(row: Truth, found: Got) -> bool:
    wanted = row["expected_reason"]
    reason = found.reason if found.reason in OTHER_REASONS else "quality_rules"
    return reason == wanted or (wanted == "quality_rules" and reason in NO_PROSE)


def _recall(truth: Sequence[Truth], got: Mapping[str, Got], valid: frozenset[str]) -> tuple[int, int]:
    copies = [row for row in truth if row["duplicate_of"]]
    found = [row for row in copies if row["group"] in valid or got.get(row["record_id"], _LOST).duplicate_of]
    return len(found), len(copies)


def _precision(truth: Sequence[Truth], got: Mapping[str, Got]) -> tuple[int, int]:
    rows = {row["record_id"]: row for row in truth}
    claimed = [(row.id, row.duplicate_of) for row in got.values() if row.duplicate_of and row.id in rows]
    true = [pair for pair in claimed if pair[1] in rows and _duplicates(rows[pair[0]], rows[pair[1]])]
    return len(true), len(claimed)


def _by_kind(
    truth: Sequence[Truth], got: Mapping[str, Got], right: Mapping[str, bool]
) -> tuple[tuple[str, int, int, str], ...]:
    found = []
    for kind in sorted({row["kind"] for row in truth}):
        rows = [row for row in truth if row["kind"] == kind]
        wrong = Counter(_story(got.get(row["record_id"], _LOST)) for row in rows if not right[row["record_id"]])
        story = ", ".join(f"{count} {name}" for name, count in sorted(wrong.items()))
        found.append((kind, len(rows), sum(right[row["record_id"]] for row in rows), story))
    return tuple(found)


def _story(found: Got) -> str:
    return found.outcome + (f" ({found.reason})" if found.reason else "")


def _left(truth: Sequence[Truth], products: Sequence[str], column: str) -> int:
    """Count the forbidden strings that stand somewhere in the product, each product counting apart."""
    forbidden = {text for row in truth for text in row[column]}
    return sum(text in product for product in products for text in forbidden)


def _charset(name: str) -> str:
    try:
        return lookup(name).name
    except LookupError:
        return name.lower()


def lines(result: Score) -> list[str]:
    """Return the score as a table of at most 30 lines; kinds decided wholly as expected share one line."""
    whole = [kind for kind in result.kinds if kind[1] == kind[2]]
    found = [f"{'kind':<18}{'right':>6}{'all':>6}  the others became"]
    partly = sorted((kind for kind in result.kinds if kind[2] < kind[1]), key=lambda kind: kind[2] - kind[1])
    found += [f"{kind:<18}{right:>6}{count:>6}  {story}" for kind, count, right, story in partly[:18]]
    as_expected = sum(kind[2] for kind in whole)
    found.append(f"{'wholly as expected':<18}{as_expected:>6}{as_expected:>6}  ({len(whole)} kinds)")
    named = (
        ("decided as expected", result.decisions),
        ("reasons as expected", result.reasons),
        ("duplicates found", result.duplicate_recall),
        ("duplicates rightly", result.duplicate_precision),
        ("languages right", result.languages),
        ("charsets right", result.charsets),
    )
    found += [f"{name:<24}{right:>5} of {count:<5}{100 * right / max(1, count):6.1f} %" for name, (right, count) in named]
    found.append(f"{'token F1 of the text':<24}{result.text_f1:.4f}")
    found.append(f"{'personal data left':<24}{result.pii_left:>5}")
    return [*found, f"{'policy lines left':<24}{result.unwanted_left:>5}"]


def main(arguments: list[str]) -> int:
    """Run the command line: python -m sample.score TRUTH ROOT; 2 for bad usage."""
    if len(arguments) != 2 or not Path(arguments[0]).is_file() or not (Path(arguments[1]) / "documents").is_dir():
        print(
            "usage: python -m sample.score TRUTH ROOT: a truth.jsonl and a run's folder with documents/",
            file=sys.stderr,
        )
        return 2
    with Path(arguments[0]).open(encoding="utf-8") as file:
        truth = [json.loads(line) for line in file]
    print("\n".join(lines(score(truth, read_run(Path(arguments[1]))))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
