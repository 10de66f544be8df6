"""Trains a fastText quality classifier from labelled rows or from two corpora, and measures it on held-out text.

After DCLM (arXiv 2406.11794, section 4.4): positives such as instructions and explanations, negatives such as random
crawl pages, word bigrams, and the probability of the positive label as quality_score.
"""

import json
import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import fasttext
import xxhash

from jobs.classifier.examples import Example, TrainError, corpus_examples, labelled_examples
from jobs.classifier.held_out import Metrics, measure, middle
from udfs.models.model_file import sha256_of
from udfs.signals.quality import POSITIVE_LABEL, probability_of

NEGATIVE_LABEL = "__label__cc"
LR_TRIES = 4  # a NaN halves the learning rate
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainSettings:
    """Say how to train: fastText's defaults with DCLM's word bigrams, and a smaller `bucket`.

    A model takes 4 * dim * (bucket + distinct words) bytes, in every Python worker. fastText's bucket of 2,000,000
    makes 800 MB at dim 100; 200,000 makes 80 MB, at the price of more bigrams that share a vector.
    """

    positive_label: str = POSITIVE_LABEL
    dim: int = 100
    epoch: int = 5
    lr: float = 0.1
    word_ngrams: int = 2
    min_count: int = 1
    bucket: int = 200_000
    holdout: float = 0.1  # fraction of distinct texts
    seed: int = 1


@dataclass(frozen=True)
class TrainReport:
    """Say what was trained, from what, and how well it does. `settings.lr` is the rate used, lower after a NaN."""

    path: str
    sha256: str
    settings: TrainSettings
    trained: dict[str, int]  # examples by label
    empty: int  # left out: no text
    repeated: int  # left out: the text came before
    contradictory: int  # left out: texts that came with two labels
    held_out: Metrics
    middle: tuple[float, float] | None  # between which nine of ten held-out scores lie; None without held-out texts
    min_score: float | None = None  # of texts that an LLM scored: from where they are positive


def train(
    output: Path,
    *,
    labelled: Sequence[Path] = (),
    positives: Sequence[Path] = (),
    negatives: Sequence[Path] = (),
    settings: TrainSettings | None = None,
) -> TrainReport:
    """Train a model into the file `output`, write its report beside it as .json, and return the report.

    `labelled` and the two corpora may be given together; jobs/classifier/examples.py says which files they may be. The same
    examples and settings make the same bytes, whatever the order of files and rows. Raises TrainError.

    1. Each distinct text goes to training or hold-out by a hash of it, so copies never sit on both sides.
    2. Training lines are sorted by another hash: one pass of SGD must not see all positives first.
    3. fastText trains in one thread, the only way it repeats itself, and with half the rate after a NaN.
    4. Held-out texts are scored by the function that scores pages.
    """
    settings = settings or TrainSettings()
    examples = chain(
        labelled_examples(labelled),
        corpus_examples(positives, label=settings.positive_label),
        corpus_examples(negatives, label=NEGATIVE_LABEL),
    )
    return train_on(output, examples, settings=settings)


def train_on(
    output: Path, examples: Iterable[Example], *, settings: TrainSettings, min_score: float | None = None
) -> TrainReport:
    """Train on labels and texts, as `train` says."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".train-") as scratch:
        split = Split(Path(scratch), settings=settings)
        split.add(examples)
        lines = split.write_training_file()
        _check_labels(split.trained, positive=settings.positive_label)
        model, used = fitted(lines, settings)
        part = Path(scratch) / "model.bin"
        model.save_model(str(part))
        label = settings.positive_label
        scored = [(found == label, probability_of(model, text, label=label)) for found, text in split.held_out()]
        scores = [score for _, score in scored]
        report = TrainReport(
            path=str(output),
            sha256=sha256_of(part),
            settings=used,
            trained=split.trained,
            empty=split.empty,
            repeated=split.repeated,
            contradictory=len(split.contradictory),
            held_out=measure([truth for truth, _ in scored], scores),
            middle=middle(scores),
            min_score=min_score,
        )
        part.replace(output)
    output.with_suffix(".json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    return report


def _check_labels(trained: Mapping[str, int], *, positive: str) -> None:
    """Raise TrainError if the texts have one label only."""
    if positive not in trained or len(trained) < 2:
        found = ", ".join(f"{label}: {count}" for label, count in trained.items()) or "none"
        raise TrainError(
            f"training needs texts labelled {positive} and texts of another label, found "
            f"{found}: a model of one label scores every page 1. Add the other side, or correct positive_label"
        )


class Split:
    """Hold the examples on disk and an index of them in memory: 100 bytes an example, whatever its length."""

    def __init__(self, folder: Path, *, settings: TrainSettings) -> None:
        self._all = folder / "all.txt"
        self._train = folder / "train.txt"
        self._settings = settings
        self._index: dict[int, tuple[str, int]] = {}  # hash of the text: its label, the offset of its line
        self.contradictory: set[int] = set()
        self.trained: dict[str, int] = {}
        self.empty = self.repeated = 0

    def add(self, examples: Iterable[Example]) -> None:
        """Take in labels and texts."""
        with self._all.open("wb") as file:
            for label, text in examples:
                line = text.strip(" ").encode()
                key = xxhash.xxh3_64_intdigest(line)
                if not text or text.isspace():
                    self.empty += 1
                elif key in self._index:
                    self.repeated += 1
                    if self._index[key][0] != label:
                        self.contradictory.add(key)
                else:
                    self._index[key] = (label, file.tell())
                    file.write(line + b"\n")

    def write_training_file(self) -> Path:
        """Write what is not held out as fastText reads it, and count the texts of each label in `trained`."""
        counted: Counter[str] = Counter()
        with self._train.open("wb") as file:
            for label, line in self._lines(held_out=False):
                counted[label] += 1
                file.write(label.encode() + b" " + line + b"\n")
        self.trained = dict(sorted(counted.items()))
        return self._train

    def training(self) -> Iterator[Example]:
        """Yield label and text of what is not held out."""
        for label, line in self._lines(held_out=False):
            yield label, line.decode()

    def held_out(self) -> Iterator[Example]:
        """Yield label and text of what is held out."""
        for label, line in self._lines(held_out=True):
            yield label, line.decode()

    def _lines(self, *, held_out: bool) -> Iterator[tuple[str, bytes]]:
        """Yield label and line of one side, in the order of a hash of the text."""
        side = [
            (self._hash("order", key), label, offset)
            for key, (label, offset) in self._index.items()
            if key not in self.contradictory and (self._hash("side", key) < self._settings.holdout * 2**64) == held_out
        ]
        with self._all.open("rb") as file:
            for _, label, offset in sorted(side):
                file.seek(offset)
                yield label, file.readline().rstrip(b"\n")

    def _hash(self, purpose: str, key: int) -> int:
        return xxhash.xxh3_64_intdigest(f"{purpose} {key}".encode(), seed=self._settings.seed)


def fitted(training: Path, settings: TrainSettings) -> tuple[Any, TrainSettings]:
    """Train on a file; return the model and the settings used, their lr halved after each NaN."""
    for _ in range(LR_TRIES):
        try:
            return _trained(training, settings), settings
        except RuntimeError as error:
            if "NaN" not in str(error):
                raise
        lr = settings.lr / 2
        _LOG.warning("training met a NaN at lr %g, too high for these texts: trying again at %g", settings.lr, lr)
        settings = replace(settings, lr=lr)
    raise TrainError(f"training met a NaN at every lr down to {settings.lr * 2:g}: no model was made. Give a lower lr")


def _trained(training: Path, settings: TrainSettings) -> Any:
    return fasttext.train_supervised(
        input=str(training),
        dim=settings.dim,
        epoch=settings.epoch,
        lr=settings.lr,
        wordNgrams=settings.word_ngrams,
        minCount=settings.min_count,
        bucket=settings.bucket,
        seed=settings.seed,
        thread=1,
        verbose=0,
    )
