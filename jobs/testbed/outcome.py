"""Reads what a comparison has written below its folder: compare.json, and of each run curve.jsonl and result.json."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from udfs.errors import RefusedError

FACTS, RUNS, RESULT, CURVE = "compare.json", "runs", "result.json", "curve.jsonl"
_CONFIG = ConfigDict(frozen=True, extra="ignore")
_Share = Annotated[FiniteFloat, Field(ge=0, le=1)]

Model = TypeVar("Model", bound=BaseModel)


class OutcomeError(RefusedError):
    """A folder without a comparison, or with a file of it that cannot be read."""


class Text(BaseModel):
    """Hold bits a byte of a held-out text, those by the frequencies of the arm's tokens alone, its length, whether it is web text."""

    model_config = _CONFIG
    value: FiniteFloat
    unigram: FiniteFloat | None = None  # a run of an older version has none
    bytes: int
    web: bool


class TaskScore(BaseModel):
    """Hold what a model got in a task: accuracy and what guessing gets, from 0 to 1; bits a byte of the right answers."""

    model_config = _CONFIG
    accuracy: _Share
    items: int
    baseline: _Share
    bits_per_byte: FiniteFloat
    shots: int = 0


class Point(BaseModel):
    """Hold a line of a curve: the loss in nats a token after so many tokens."""

    model_config = _CONFIG
    step: int
    tokens: int
    loss: float  # a run that diverges may have any
    learning_rate: float


class Run(BaseModel):
    """Hold the result of one arm and seed. Positions are tokens from start to before end, with nats a token."""

    model_config = _CONFIG
    arm: str
    seed: int
    tokens: int
    documents: int
    seconds: FiniteFloat
    parameters: int
    bits_per_byte: Mapping[str, Text] = {}
    loss_by_position: Mapping[str, tuple[tuple[int, int, FiniteFloat], ...]] = {}
    tasks: Mapping[str, TaskScore] = {}
    curve: tuple[Point, ...] = ()


class ArmFacts(BaseModel):
    """Hold what an arm's training set is: its documents and tokens, and how many documents decontamination removed."""

    model_config = _CONFIG
    name: str
    documents: int
    tokens: int
    removed: int = 0
    epochs: float = 1.0
    order: int = 0
    corpus: tuple[str, ...] = ()
    packed: str | None = None

    @property
    def source(self) -> str:
        """Return where its text or tokens came from, and the order if it is not the first."""
        places = ", ".join(self.corpus) if self.packed is None else f"{self.packed}, packed"
        return f"{places}, order {self.order}" if self.order else places


class ModelFacts(BaseModel):
    """Hold the size of the model."""

    model_config = _CONFIG
    parameters: int


class TrainingFacts(BaseModel):
    """Hold what one run trains on."""

    model_config = _CONFIG
    tokens: int


class Facts(BaseModel):
    """Hold compare.json: the recipe as used, the arms, the model, one run's budget, and the operations of all runs."""

    model_config = _CONFIG
    recipe: Mapping[str, Any]
    arms: tuple[ArmFacts, ...]
    model: ModelFacts
    training: TrainingFacts
    flops: FiniteFloat
    machine: Mapping[str, Any] = {}

    @property
    def name(self) -> str:
        """Return the recipe's name."""
        return str(self.recipe.get("name", "comparison"))

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of every arm."""
        return tuple(self.recipe.get("seeds", ()))


class Outcome(BaseModel):
    """Hold a comparison as far as it is: its facts, the finished runs, and the arms and seeds that have none."""

    model_config = _CONFIG
    facts: Facts
    runs: tuple[Run, ...]
    missing: tuple[tuple[str, int], ...]


def read_outcome(folder: Path) -> Outcome:
    """Read a comparison's folder. Raises OutcomeError if there is none, or a file of it cannot be read.

    A run counts once its result.json is there, which is written last.
    """
    facts = _parsed(Facts, folder / FACTS)
    runs, missing = [], []
    for arm in facts.arms:
        for seed in facts.seeds:
            place = folder / RUNS / arm.name / f"seed-{seed}"
            if not (place / RESULT).is_file():
                missing.append((arm.name, seed))
                continue
            run = _parsed(Run, place / RESULT)
            if (run.arm, run.seed) != (arm.name, seed):
                raise OutcomeError(
                    f"{place / RESULT} is the result of {run.arm!r}, seed {run.seed}, so nothing was judged. Delete the folder and run again"
                )
            runs.append(run.model_copy(update={"curve": _curve(place / CURVE)}))
    return Outcome(facts=facts, runs=tuple(runs), missing=tuple(missing))


def _parsed(model: type[Model], path: Path) -> Model:
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise OutcomeError(
            f"{path} is not there, so there is nothing to judge. Give the folder of `gristmill compare`"
        ) from None
    except (OSError, ValidationError) as error:
        raise OutcomeError(
            f"{path} cannot be read, so nothing was judged: {error}. Delete that run's folder and run again"
        ) from None


def _curve(path: Path) -> tuple[Point, ...]:
    """Return the points of a curve by their steps; of a step that was done twice, after a resume, the later one."""
    try:
        points = (
            [Point.model_validate(json.loads(line)) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []
        )
    except (OSError, ValueError) as error:
        raise OutcomeError(
            f"{path} cannot be read, so nothing was judged: {error}. Delete that run's folder and run again"
        ) from None
    return tuple(point for _, point in sorted({point.step: point for point in points}.items()))
