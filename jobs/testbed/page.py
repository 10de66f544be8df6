"""Renders a comparison as one HTML page without scripts or anything fetched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from jobs.report import figures
from jobs.report.visible import cut, visible
from jobs.testbed import charts
from jobs.testbed.judgement import Judgement, Measure, by_arm
from jobs.testbed.outcome import Outcome
from udfs.testbed.statistics import LEVEL, POWER, Comparison, Mean, ranks

SHARED = "style.html"  # the report's
PREDICTS = 15_000_000  # parameters from which proxies rank mixes as a model of a billion does by 0.89 (Olmix, arXiv 2602.12237)
MOST_EPOCHS = 4  # times that tokens can be gone through at little loss (Muennighoff et al. 2023, arXiv 2305.16264)
UNITS = {"text": "bits a byte", "answers": "bits a byte of right answers", "accuracy": "accuracy"}


@dataclass(frozen=True)
class Row:
    """Hold a line of a measure's table: an arm, its mean, its ranks, the arms that it is told to be better than, and its chart."""

    arm: str
    colour: int
    mean: Mean
    places: str
    better_than: tuple[str, ...]
    chart: Markup


def render(outcome: Outcome, judgement: Judgement) -> str:
    """Return the whole page as HTML; same runs, same page."""
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": figures.number,
        "large": figures.large,
        "duration": figures.duration,
        "cut": cut,
        "measured": lambda value: f"{value:.4f}",
        "settings": lambda settings: list(_settings(settings, "")),
    }
    colours = {arm.name: place for place, arm in enumerate(outcome.facts.arms)}
    return environment.get_template("compare.html").render(
        facts=outcome.facts,
        machine=", ".join(f"{key} {value}" for key, value in outcome.facts.machine.items()),
        outcome=outcome,
        judgement=judgement,
        verdicts=list(verdicts(judgement)),
        cautions=list(cautions(outcome)),
        units=UNITS,
        colours=colours,
        rows=lambda measure: _rows(measure, colours),
        parts=[measure for measure in judgement.measures if measure is not judgement.deciding],
        curves=_curves(outcome, colours),
        positions=_positions(outcome, colours),
        hours=sum(run.seconds for run in outcome.runs),
        trained={arm: runs[0] for arm, runs in by_arm(outcome.runs).items()},
        level=LEVEL,
        power=POWER,
    )


def verdicts(judgement: Judgement) -> Iterator[str]:
    """Yield what the measure that decides says: who is better than whom, and who is not told apart."""
    if judgement.refusal is not None or judgement.deciding is None:
        yield f"Nothing is ranked: {judgement.refusal}."
        return
    comparison = judgement.deciding.comparison
    for arm, losers in better_than(comparison).items():
        if losers:
            yield f"{arm} is better than {_listed(losers)}."
    level = [pair for pair in comparison.pairs if not pair.told_apart]
    if level:
        yield f"Not told apart: {'; '.join(f'{pair.better} and {pair.worse}' for pair in level)}."


def cautions(outcome: Outcome) -> Iterator[str]:
    """Yield what a reader should know before a ranking is carried over to a large model."""
    facts = outcome.facts
    if facts.model.parameters < PREDICTS:
        yield (
            f"The model has {figures.large(facts.model.parameters)} parameters. Below {figures.large(PREDICTS)} a ranking says little of "
            f"large models."
        )
    often = tuple(arm.name for arm in facts.arms if arm.epochs > MOST_EPOCHS)
    if often:
        yield f"A run goes more than {MOST_EPOCHS} times through {_listed(often)}, so repetition is compared too."
    untaught = untaught_arms(outcome)
    if untaught:
        yield (
            f"Models of {_listed(untaught)} know no more of held-out text than how common each token is. They have not begun to learn an "
            f"order of words, so a ranking says nothing. Raise [compare.training] tokens, or lower batch_sequences for more steps."
        )


def untaught_arms(outcome: Outcome) -> tuple[str, ...]:
    """Return the arms whose models have, on average, no fewer bits a byte than the frequencies of the arm's tokens give."""
    gains: dict[str, list[float]] = {}
    for run in outcome.runs:
        texts = [text for text in run.bits_per_byte.values() if not text.web and text.unigram is not None]
        gains.setdefault(run.arm, []).extend(text.unigram - text.value for text in texts if text.unigram is not None)
    return tuple(arm for arm, found in gains.items() if found and sum(found) <= 0)


def better_than(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """Return the arms that each arm is told to be better than; the arm with most of them first."""
    found = {
        arm: tuple(pair.worse for pair in comparison.pairs if pair.told_apart and pair.better == arm)
        for arm in comparison.means
    }
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def rank(places: tuple[int, int]) -> str:
    """Write the ranks that an arm may have.

    >>> rank((1, 1)), rank((2, 3))
    ('1', '2–3')
    """
    return str(places[0]) if places[0] == places[1] else f"{places[0]}–{places[1]}"


def ordered(measure: Measure) -> list[tuple[str, Mean]]:
    """Return the arms and their means, the best mean first."""
    means = measure.comparison.means.items()
    return sorted(means, key=lambda item: item[1].value, reverse=not measure.lower_is_better)


def _rows(measure: Measure, colours: Mapping[str, int]) -> list[Row]:
    places, better = ranks(measure.comparison), better_than(measure.comparison)
    low, high = charts.axis(measure.comparison.means.values())
    return [
        Row(
            arm=arm,
            colour=colours[arm],
            mean=mean,
            places="–" if measure.web or measure.comparison.refusal else rank(places[arm]),
            better_than=() if measure.web else better[arm],
            chart=charts.interval(mean, low=low, high=high, colour=colours[arm], label=f"{arm}: {mean.value:.4f}"),
        )
        for arm, mean in ordered(measure)
    ]


def _curves(outcome: Outcome, colours: Mapping[str, int]) -> Markup:
    lines = [
        charts.Line(f"{run.arm}, seed {run.seed}", colours[run.arm], [(point.tokens, point.loss) for point in run.curve])
        for run in outcome.runs
    ]
    return charts.curves(lines, label="Training loss in nats a token over tokens, a line for each run")


def _positions(
    outcome: Outcome, colours: Mapping[str, int]
) -> list[tuple[str, Markup, dict[str, dict[tuple[int, int], float]]]]:
    """Return for each text: its name, the chart of how far each arm lies from the mean of all, and the losses by arm and position."""
    found = []
    for text in dict.fromkeys(name for run in outcome.runs for name in run.loss_by_position):
        losses = {
            arm: charts.averaged_over_seeds(
                [{(start, end): nats for start, end, nats in run.loss_by_position.get(text, ())} for run in runs]
            )
            for arm, runs in by_arm(outcome.runs).items()
        }
        places = [place for place in next(iter(losses.values())) if all(place in row for row in losses.values())]
        means = {place: sum(row[place] for row in losses.values()) / len(losses) for place in places}
        lines = [
            charts.Line(arm, colours[arm], [(number, row[place] - means[place]) for number, place in enumerate(places)])
            for arm, row in losses.items()
        ]
        if places:
            ends = (f"tokens {places[0][0]} to {places[0][1]}", f"tokens {places[-1][0]} to {places[-1][1]}")
            chart = charts.differences(lines, label=f"Difference from the mean of all arms on {text}, by position", ends=ends)
            found.append((text, chart, {arm: {place: row[place] for place in places} for arm, row in losses.items()}))
    return found


def _listed(names: tuple[str, ...]) -> str:
    """Join names as a sentence has them.

    >>> _listed(("a",)), _listed(("a", "b", "c"))
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _settings(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Yield every setting by its path, such as model.layers."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _settings(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        for place, inner in enumerate(value):
            yield from _settings(inner, f"{name}[{place}]")
    else:
        yield name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _template(name: str) -> str:
    return files("jobs.report" if name == SHARED else "jobs.testbed").joinpath(name).read_text("utf-8")
