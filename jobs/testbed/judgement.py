"""What a comparison's runs say: each measure over arms and seeds, and which measure decides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jobs.testbed.outcome import Outcome, Run
from udfs.testbed.centred import centred
from udfs.testbed.statistics import Comparison, compared

ONLY_WEB = (
    "only web text was measured, and a corpus that is chosen well gets worse on it (D4): nothing is ranked. Add [[compare.held_out]] "
    "with text that is not web, or [[compare.tasks]]"
)


@dataclass(frozen=True)
class Measure:
    """Hold a measure of the models, and what it says; `parts` counts what it is a mean of. Web text misleads, so it ranks nothing."""

    name: str
    kind: str  # text, answers or accuracy
    lower_is_better: bool
    web: bool
    parts: int
    comparison: Comparison


@dataclass(frozen=True)
class Judgement:
    """Hold all measures, and the one that decides, which is None if none may; then `refusal` says why."""

    measures: tuple[Measure, ...]
    deciding: Measure | None
    refusal: str | None

    @property
    def ranked(self) -> bool:
        """Tell whether at least two arms are told apart by the measure that decides."""
        return self.deciding is not None and any(pair.told_apart for pair in self.deciding.comparison.pairs)


def judged(outcome: Outcome) -> Judgement:
    """Judge a comparison by the runs that are finished.

    What decides is the mean bits a byte of the texts that are not web, else the mean bits a byte of right answers.
    """
    measures = tuple(_measures(outcome)) if outcome.runs else ()
    deciding = next((measure for measure in measures if not measure.web), None)
    if not outcome.runs:
        return Judgement((), None, "no run is finished")
    refusal = ONLY_WEB if deciding is None else deciding.comparison.refusal
    return Judgement(measures, deciding, refusal)


def _measures(outcome: Outcome) -> Iterator[Measure]:
    """Yield the measures that all runs have, those that may decide first."""
    runs = outcome.runs
    texts = [name for name in runs[0].bits_per_byte if all(name in run.bits_per_byte for run in runs)]
    tasks = [name for name in runs[0].tasks if all(name in run.tasks for run in runs)]
    is_web = {name: runs[0].bits_per_byte[name].web for name in texts}
    plain = [name for name in texts if not is_web[name]]
    if len(plain) > 1:
        yield _measure(
            runs, "text that is not web", "text", _mean(plain, lambda run, name: run.bits_per_byte[name].value), len(plain)
        )
    for name in sorted(texts, key=is_web.__getitem__):
        yield _measure(runs, name, "text", _mean([name], lambda run, name: run.bits_per_byte[name].value), web=is_web[name])
    if len(tasks) > 1:
        yield _measure(
            runs, "right answers", "answers", _mean(tasks, lambda run, name: run.tasks[name].bits_per_byte), len(tasks)
        )
    for name in tasks:
        yield _measure(runs, name, "answers", _mean([name], lambda run, name: run.tasks[name].bits_per_byte))
    if len(tasks) > 1:
        yield _measure(runs, "centred accuracy", "accuracy", _mean(tasks, _centred), len(tasks))
    for name in tasks:
        yield _measure(runs, name, "accuracy", _mean([name], lambda run, name: run.tasks[name].accuracy))


def _measure(
    runs: tuple[Run, ...], name: str, kind: str, value: Callable[[Run], float], parts: int = 1, *, web: bool = False
) -> Measure:
    values: dict[str, dict[int, float]] = {}
    for run in runs:
        values.setdefault(run.arm, {})[run.seed] = value(run)
    lower = kind != "accuracy"
    return Measure(name, kind, lower, web, parts, compared(values, lower_is_better=lower))


def _mean(names: list[str], value: Callable[[Run, str], float]) -> Callable[[Run], float]:
    return lambda run: sum(value(run, name) for name in names) / len(names)


def _centred(run: Run, name: str) -> float:
    return centred(run.tasks[name].accuracy, baseline=run.tasks[name].baseline)


def by_arm(runs: tuple[Run, ...]) -> Mapping[str, list[Run]]:
    """Return the runs of each arm, in the order of the runs."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.arm, []).append(run)
    return found
