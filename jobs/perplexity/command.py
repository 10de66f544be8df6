"""The command `gristmill train-perplexity`: SentencePiece and KenLM models from texts."""

from typing import Annotated

import typer

from jobs.perplexity.train import LmSettings, PerplexityTrainError, train


def train_perplexity(
    corpus: Annotated[
        list[str],
        typer.Argument(help="Parquet or JSONL with a column text, .txt with a text a line, or folders.", show_default=False),
    ],
    out: Annotated[
        str, typer.Option("--out", help="Where the models go: OUT.sp.model, OUT.arpa.bin and OUT.json.", show_default=False)
    ],
    vocabulary: Annotated[int, typer.Option(min=100, help="Most pieces of SentencePiece.")] = LmSettings.vocabulary,
    order: Annotated[int, typer.Option(min=2, max=6, help="Longest n-gram of the model.")] = LmSettings.order,
    holdout: Annotated[float, typer.Option(help="Share of texts held out to measure with.")] = LmSettings.holdout,
    seed: Annotated[int, typer.Option(help="Decides what is held out.")] = LmSettings.seed,
    memory: Annotated[str, typer.Option(help="What lmplz may take while it sorts.")] = LmSettings.memory,
    kenlm: Annotated[
        str | None, typer.Option("--kenlm", help="Folder of lmplz and build_binary; none: the PATH.", show_default=False)
    ] = None,
) -> None:
    """Train the language models of [annotate.perplexity], and say how they do on text that they have not seen."""
    if not 0 <= holdout < 1:
        raise PerplexityTrainError(
            f"--holdout {holdout:g} is no share from 0 to below 1: nothing was trained. Give one, such as {LmSettings.holdout:g}"
        )
    settings = LmSettings(vocabulary=vocabulary, order=order, holdout=holdout, seed=seed, memory=memory)
    report = train(out, corpus=corpus, settings=settings, kenlm=kenlm)
    typer.echo(f"trained on {report.texts:,} texts, {report.lines:,} lines")
    if report.perplexity is not None:
        typer.echo(
            f"held out  {report.held_out:,} texts: perplexity {report.perplexity:,.1f}, 30 % below {report.head:,.1f}, "
            f"60 % below {report.tail:,.1f}"
        )
    typer.echo(f"pieces  {report.pieces}  sha256 {report.pieces_sha256}")
    typer.echo(f"lm  {report.lm}  sha256 {report.lm_sha256}")
