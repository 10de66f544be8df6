"""Writes judgement.json and index.html below a comparison's folder, and says on a terminal what they say."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from jobs.testbed.judgement import Judgement, judged
from jobs.testbed.outcome import Outcome, read_outcome
from jobs.testbed.page import UNITS, cautions, ordered, rank, render, verdicts
from udfs.testbed.statistics import Mean, ranks
from udfs.whole_file import write_json, write_whole

JUDGEMENT, PAGE = "judgement.json", "index.html"


def write_judgement(folder: Path) -> Iterator[str]:
    """Judge the finished runs of a comparison; yield the lines that a terminal shows, the last of them the page's path.

    Raises OutcomeError if the folder holds no comparison.
    """
    outcome = read_outcome(folder)
    judgement = judged(outcome)
    write_json(folder / JUDGEMENT, _document(outcome, judgement))
    write_whole(folder / PAGE, render(outcome, judgement))
    yield from _lines(outcome, judgement)
    yield str(folder / PAGE)


def _lines(outcome: Outcome, judgement: Judgement) -> Iterator[str]:
    if outcome.missing:
        runs = len(outcome.missing)
        yield f"{runs} of {runs + len(outcome.runs)} runs are not finished; what follows is of the others"
    for measure in judgement.measures:
        decides = " (decides)" if measure is judgement.deciding else " (web: misleads, ranks nothing)" if measure.web else ""
        yield f"{UNITS[measure.kind]}, {measure.name}{decides}"
        places = ranks(measure.comparison)
        for arm, mean in ordered(measure):
            place = "–" if measure.web or measure.comparison.refusal else rank(places[arm])
            yield f"  {place:>5}  {arm:<28}{_written(mean)}"
        if measure.comparison.detectable is not None:
            yield f"         minimum detectable effect {measure.comparison.detectable:.4f}"
    yield from verdicts(judgement)
    yield from cautions(outcome)


def _written(mean: Mean) -> str:
    return f"{mean.value:.4f}" + ("" if mean.low is None or mean.high is None else f"  {mean.low:.4f} to {mean.high:.4f}")


def _document(outcome: Outcome, judgement: Judgement) -> dict[str, object]:
    return {
        "name": outcome.facts.name,
        "ranked": judgement.ranked,
        "refusal": judgement.refusal,
        "deciding": None if judgement.deciding is None else judgement.deciding.name,
        "missing": [{"arm": arm, "seed": seed} for arm, seed in outcome.missing],
        "measures": [
            {
                **dataclasses.asdict(measure),
                "ranks": {} if measure.web else ranks(measure.comparison),
                "pairs": []
                if measure.web
                else [dataclasses.asdict(p) | {"told_apart": p.told_apart} for p in measure.comparison.pairs],
            }
            for measure in judgement.measures
        ],
    }
