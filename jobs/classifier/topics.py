"""Trains a model of many labels, such as topics or formats, from example texts, and measures each label on held-out text.

The model is fastText's on the text, or ridge regression on vectors.

WebOrganizer (arXiv 2502.10341) names 24 topics and 24 formats of the web, and balances a corpus by them.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jobs.classifier.examples import TrainError, labelled_examples
from jobs.classifier.train import Split, TrainSettings, fitted
from jobs.classifier.vector_ridge import fitted_to_vectors
from udfs.models.model_file import PREFIX, sha256_of
from udfs.signals.text_labels import Labeller
from udfs.vectors.embedder import Embedder
from udfs.vectors.scheme import LABELS

MIN_LABELS = 2


@dataclass(frozen=True)
class LabelMetrics:
    """Say how a label does on held-out text: how many texts have it, how many get it, and how many of those rightly."""

    trained: int
    held_out: int
    named: int
    right: int

    @property
    def precision(self) -> float | None:
        """Return the share of the texts named so that are so; None if no text is named so."""
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        """Return the share of the texts that are so that are named so; None if there is none."""
        return self.right / self.held_out if self.held_out else None


@dataclass(frozen=True)
class TopicReport:
    """Say what was trained, from what, and how each label does. `settings.lr` is the rate used, lower after a NaN."""

    path: str
    sha256: str
    settings: TrainSettings
    empty: int
    repeated: int
    contradictory: int
    labels: dict[str, LabelMetrics]

    @property
    def accuracy(self) -> float | None:
        """Return the share of held-out texts that get their label; None without any."""
        count = sum(one.held_out for one in self.labels.values())
        return sum(one.right for one in self.labels.values()) / count if count else None


def train_topics(
    output: Path, labelled: Sequence[Path], *, settings: TrainSettings, embedder: Embedder | None = None
) -> TopicReport:
    """Train a model into the file `output` from rows of label and text, and write its report beside it as .json.

    With an embedder it is ridge regression on the texts' vectors, in a file named LABELS; otherwise fastText. What is held out, and what
    is left out, is as for a classifier of quality. Raises TrainError.
    """
    if output.name.endswith(LABELS) != (embedder is not None):
        raise TrainError(
            f"{output}: a model on vectors, and no other, has a name that ends in {LABELS}, by which a recipe knows it; nothing was trained. "
            f"Rename it, or give --embedding"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".train-") as scratch:
        split = Split(Path(scratch), settings=settings)
        split.add(labelled_examples(labelled))
        lines = split.write_training_file()
        trained = Counter({label.removeprefix(PREFIX): count for label, count in split.trained.items()})
        if len(trained) < MIN_LABELS:
            found = ", ".join(sorted(trained)) or "none"
            raise TrainError(
                f"topics need texts of two labels at least, found {found}: nothing was trained. Give more examples"
            )
        part, used = Path(scratch) / output.name, settings
        if embedder is None:
            model, used = fitted(lines, settings)
            model.save_model(str(part))
        else:
            fitted_to_vectors(split.training(), embedder).save(part)
        told = _measured(Labeller("label_topic", str(part), None), embedder, split, trained)
        report = TopicReport(str(output), sha256_of(part), used, split.empty, split.repeated, len(split.contradictory), told)
        part.replace(output)
    output.with_suffix(".json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    return report


def _measured(model: Labeller, embedder: Embedder | None, split: Split, trained: Counter[str]) -> dict[str, LabelMetrics]:
    """Name the held-out texts by the function that names pages, and count."""
    there: Counter[str] = Counter()
    named: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for label, text in split.held_out():
        truth = label.removeprefix(PREFIX)
        found = model.label(text) if embedder is None else model.of_vector(embedder.stored([text])[0])
        there[truth] += 1
        if found is not None:
            named[found] += 1
            right[found] += found == truth
    every = sorted(trained.keys() | there.keys())
    return {one: LabelMetrics(trained[one], there[one], named[one], right[one]) for one in every}
