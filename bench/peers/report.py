"""Print what was run and judged over one corpus as Markdown."""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

HEAD = "| side | runs | CPU s | wall s | peak MB | load | kept | like a kept one | like any one | pairs found | of the group kept |"


def table(out: Path) -> list[str]:
    """Return a table of OUT/*.json; what was not judged is told as such."""
    about = json.loads((out / "corpus.json").read_text())
    judged_file = out / "judged.json"
    judged = json.loads(judged_file.read_text()) if judged_file.is_file() else {}
    sides = {
        file.stem: json.loads(file.read_text()) for file in sorted(out.glob("*.json")) if "runs" in json.loads(file.read_text())
    }
    lines = [f"{about['documents']:,} documents, {about['characters'] / 1e6:,.0f} million characters.", "", HEAD]
    lines.append("|---" * (HEAD.count("|") - 1) + "|")
    return [*lines, *(row(side, judged.get(name)) for name, side in sides.items())]


def row(found: dict[str, Any], judged: dict[str, int] | None) -> str:
    """Return one side's row: medians of the runs that ended, or what had been used when the last was stopped."""
    ended = [one for one in found["runs"] if not one["stopped"]]
    runs = ended or found["runs"][-1:]
    about = f"{len(ended)}" if ended else "stopped"
    more = "" if ended else "more than "
    load = f"{min(one['load_before'] for one in runs):.0f} to {max(one['load_after'] for one in runs):.0f}"
    cells = [
        found["side"],
        about,
        f"{more}{middle(runs, 'cpu_seconds'):,.0f}",
        f"{more}{middle(runs, 'wall_seconds'):,.0f}",
        f"{max(one['java_peak_mb'] + one['python_peak_mb'] for one in runs):,}",
        load,
        f"{ended[-1]['kept']:,}" if ended else "–",
    ]
    return "| " + " | ".join([*cells, *(quality(judged) if judged else ["not judged"] * 4)]) + " |"


def middle(runs: Sequence[dict[str, Any]], key: str) -> float:
    """Return the median of one figure."""
    return median(float(one[key]) for one in runs)


def quality(judged: dict[str, int]) -> list[str]:
    """Return precision against kept documents and against all, recall, and what is left of the planted group."""
    return [
        share(judged["like_kept"], judged["dropped"]),
        share(judged["like_any"], judged["dropped"]),
        share(judged["found"], judged["pairs"]),
        f"{judged['group_kept']:,} of {judged['group']:,}" if judged["group"] else "–",
    ]


def share(part: int, whole: int) -> str:
    """Return a share with what it is of; all is 1 and nothing less is."""
    if part == whole:
        return f"1 ({part:,} of {whole:,})"
    return f"{min(part / whole, 0.9999):.4f} ({part:,} of {whole:,})" if whole else "none"
