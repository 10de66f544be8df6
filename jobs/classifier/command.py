"""The command `gristmill train`: a fastText quality model from labelled rows or from two corpora, measured on held-out text."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from jobs.classifier.examples import TrainError
from jobs.classifier.held_out import Metrics
from jobs.classifier.scored import Method, train_labelled, train_ridge
from jobs.classifier.topics import TopicReport, train_topics
from jobs.classifier.train import TrainSettings, train

Paths = list[Path] | None
LEAST_SPREAD = 0.1  # between which nine of ten held-out scores lie: below, every text scores about the same


def train_model(
    out: Annotated[
        Path, typer.Option("--out", help="The model file to write; its report goes beside it as .json.", show_default=False)
    ],
    positives: Annotated[
        Paths, typer.Option("--positives", help="Good text: a file of one document a line, JSONL, or Parquet.")
    ] = None,
    negatives: Annotated[
        Paths, typer.Option("--negatives", help="Text of the other kind, likewise; a run's corpus will do.")
    ] = None,
    labelled: Annotated[
        Paths, typer.Option("--labelled", help="Rows with text and label instead: Parquet, JSONL or TSV.")
    ] = None,
    scored: Annotated[
        Paths, typer.Option("--scored", help="Rows with text and score, 0 to 5, as an LLM gave it: JSONL, Parquet or TSV.")
    ] = None,
    topics: Annotated[
        Paths,
        typer.Option("--topics", help="Rows with text and label, of many labels: topics, formats. JSONL, Parquet or TSV."),
    ] = None,
    embedding: Annotated[
        str | None,
        typer.Option(
            "--embedding",
            help="With --topics: a recipe; learn by ridge regression on the vectors of its [annotate.embedding].",
            show_default=False,
        ),
    ] = None,
    min_score: Annotated[float, typer.Option(help="With --scored: the least score of good text.")] = 3.0,
    method: Annotated[
        Method, typer.Option(help="With --scored: fasttext tells good text from other; ridge predicts the score.")
    ] = "fasttext",
    dim: Annotated[int, typer.Option(min=1, help="Dimensions of the vectors.")] = TrainSettings.dim,
    epoch: Annotated[int, typer.Option(min=1, help="Passes over the text.")] = TrainSettings.epoch,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = TrainSettings.lr,
    word_ngrams: Annotated[int, typer.Option(min=1, help="Longest word n-gram.")] = TrainSettings.word_ngrams,
    bucket: Annotated[
        int, typer.Option(min=1, help="Hash buckets of the n-grams: 4 x dim x bucket bytes.")
    ] = TrainSettings.bucket,
    holdout: Annotated[float, typer.Option(help="Share of texts held out to measure with.")] = TrainSettings.holdout,
    seed: Annotated[
        int, typer.Option(help="Decides what is held out, and in which order the rest is seen.")
    ] = TrainSettings.seed,
) -> None:
    """Train a fastText quality model, and say how well it does on text it has not seen."""
    if not 0 < lr < math.inf:
        raise TrainError(
            f"--lr {lr:g} teaches nothing: nothing was trained. Give a number above 0, such as {TrainSettings.lr:g}"
        )
    if not 0 <= holdout < 1:
        raise TrainError(
            f"--holdout {holdout:g} is no share from 0 to below 1: nothing was trained. Give one, such as {TrainSettings.holdout:g}"
        )
    settings = TrainSettings(dim=dim, epoch=epoch, lr=lr, word_ngrams=word_ngrams, bucket=bucket, holdout=holdout, seed=seed)
    if topics:
        if scored or labelled or positives or negatives:
            raise TrainError("--topics stands alone: nothing was trained. Leave out the other texts")
        from jobs.classifier.recipe_vectors import embedder_of  # stages, which the other ways to train do without

        embedder = embedder_of(embedding) if embedding is not None else None
        _say_topics(train_topics(out, topics, settings=settings, embedder=embedder))
        return
    if embedding is not None:
        raise TrainError("--embedding is for --topics, and there are none: nothing was trained. Give --topics, or leave it out")
    if scored:
        if labelled or positives or negatives:
            raise TrainError("--scored stands alone: nothing was trained. Leave out --labelled, --positives and --negatives")
        if method == "ridge":
            ridge = train_ridge(out, scored, min_score=min_score, settings=settings)
            counts = ", ".join(f"{count:,} of score {score}" for score, count in ridge.trained.items())
            typer.echo(
                f"trained on {counts}  ({ridge.repeated:,} repeated, {ridge.empty:,} empty, {ridge.contradictory:,} with two scores left out)"
            )
            typer.echo(f"{held_out(ridge.held_out)}, above {ridge.threshold:g}")
            typer.echo(f"model  {ridge.path}  sha256 {ridge.sha256}")
            return
    elif method == "ridge":
        raise TrainError("--method ridge learns scores, and there are none: nothing was trained. Give --scored")
    report = (
        train_labelled(out, scored, min_score=min_score, settings=settings)
        if scored
        else train(out, labelled=labelled or (), positives=positives or (), negatives=negatives or (), settings=settings)
    )
    trained = ", ".join(f"{count:,} {label}" for label, count in sorted(report.trained.items()))
    typer.echo(
        f"trained on {trained}  ({report.repeated:,} repeated, {report.empty:,} empty, {report.contradictory:,} with two labels left out)"
    )
    typer.echo(held_out(report.held_out))
    if report.middle is not None and report.middle[1] - report.middle[0] < LEAST_SPREAD:
        low, high = report.middle
        typer.echo(
            f"scores  nine of ten held-out texts score from {low:.4f} to {high:.4f}, so little was learned: choose by rank "
            "([[sampling]] top), or give more texts, a higher --epoch or a higher --lr before you set a threshold"
        )
    typer.echo(f"model  {report.path}  sha256 {report.sha256}")


def _say_topics(report: TopicReport) -> None:
    count = sum(one.trained for one in report.labels.values())
    typer.echo(
        f"trained on {count:,} texts of {len(report.labels)} labels  ({report.repeated:,} repeated, {report.empty:,} empty, "
        f"{report.contradictory:,} with two labels left out)"
    )
    for label, one in report.labels.items():
        words = _figures({"precision": one.precision, "recall": one.recall})
        typer.echo(f"held out  {label}: {one.held_out:,} texts, {words}")
    if report.accuracy is not None:
        typer.echo(f"held out  {report.accuracy:.1%} get their label".replace("%", " %"))
    typer.echo(f"model  {report.path}  sha256 {report.sha256}")


def held_out(metrics: Metrics) -> str:
    """Word what was measured on held-out text.

    >>> held_out(Metrics(positives=9, negatives=8, precision=1.0, recall=None, f1=None, auc=0.5))
    'held out  9 positives, 8 negatives: precision 1.000, recall undefined, F1 undefined, AUC 0.500'
    """
    words = _figures({"precision": metrics.precision, "recall": metrics.recall, "F1": metrics.f1, "AUC": metrics.auc})
    return f"held out  {metrics.positives:,} positives, {metrics.negatives:,} negatives: {words}"


def _figures(values: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {'undefined' if value is None else f'{value:.3f}'}" for name, value in values.items())
