"""Train on texts that an LLM has scored from 0 to 5, as FineWeb-Edu does: a classifier of what reaches a score, or a regression.

FineWeb-Edu (arXiv:2406.17557, section 4) has an LLM score 460,000 pages, regresses the scores, rounds what the regression says, and
reports F1 at a threshold of 3.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from jobs.classifier.examples import MAX_SCORE, Example, TrainError, scored_examples
from jobs.classifier.held_out import Metrics, measure
from jobs.classifier.ridge import fitted
from jobs.classifier.train import NEGATIVE_LABEL, Split, TrainReport, TrainSettings, train_on
from udfs.models.model_file import sha256_of
from udfs.models.ridge import SUFFIX

Method = Literal["fasttext", "ridge"]


@dataclass(frozen=True)
class ScoredReport:
    """Say what a regression was trained on, and how well it does: F1 of predictions above `threshold`, of scores of `min_score` and more."""

    path: str
    sha256: str
    method: Method
    min_score: float
    threshold: float
    trained: dict[str, int]  # texts by rounded score
    empty: int
    repeated: int
    contradictory: int
    held_out: Metrics
    mean_error: float | None  # mean distance of held-out predictions from their scores


def check_min_score(min_score: float) -> None:
    """Raise TrainError for a score that every text reaches, or none: it would tell nothing apart."""
    if not 0 < min_score <= MAX_SCORE:
        raise TrainError(
            f"--min-score {min_score:g} tells no text from another, since scores go from 0 to {MAX_SCORE}: nothing was trained. "
            f"Give one above 0, such as 3"
        )


def train_labelled(output: Path, scored: Sequence[Path], *, min_score: float, settings: TrainSettings) -> TrainReport:
    """Train fastText to tell texts whose score is `min_score` or more from the others. Raises TrainError."""

    check_min_score(min_score)

    def examples() -> Iterator[Example]:
        for score, text in scored_examples(scored):
            yield settings.positive_label if score >= min_score else NEGATIVE_LABEL, text

    return train_on(output, examples(), settings=settings, min_score=min_score)


def train_ridge(output: Path, scored: Sequence[Path], *, min_score: float, settings: TrainSettings) -> ScoredReport:
    """Train ridge regression into the file `output`, which ends in .npz, and write its card beside it as .json.

    What is held out, and what is left out, is as for fastText. Raises TrainError.
    """
    check_min_score(min_score)
    if output.suffix != SUFFIX:
        raise TrainError(
            f"{output} should end in {SUFFIX}, by which a recipe knows a regression: nothing was trained. Rename it"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".train-") as scratch:
        split = Split(Path(scratch), settings=settings)
        split.add((repr(score), text) for score, text in scored_examples(scored))
        counted: Counter[str] = Counter()
        try:
            model = fitted(_counted(split.training(), counted))
        except ValueError:
            raise TrainError("there is no text with a score to learn from: nothing was trained. Give more texts") from None
        part = Path(scratch) / "model.npz"
        model.save(part)
        held = [(float(score), model.score(text)) for score, text in split.held_out()]
        threshold = min_score - 0.5  # what is rounded to min_score
        report = ScoredReport(
            path=str(output),
            sha256=sha256_of(part),
            method="ridge",
            min_score=min_score,
            threshold=threshold,
            trained=dict(sorted(counted.items())),
            empty=split.empty,
            repeated=split.repeated,
            contradictory=len(split.contradictory),
            held_out=measure([score >= min_score for score, _ in held], [found for _, found in held], above=threshold),
            mean_error=sum(abs(score - found) for score, found in held) / len(held) if held else None,
        )
        part.replace(output)
    output.with_suffix(".json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    return report


def _counted(examples: Iterable[Example], counted: Counter[str]) -> Iterator[tuple[float, str]]:
    for score, text in examples:
        counted[str(round(float(score)))] += 1
        yield float(score), text
