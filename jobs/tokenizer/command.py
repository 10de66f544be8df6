"""The command `gristmill train-tokenizer`: a tokenizer.json from texts."""

from typing import Annotated

import typer

from jobs.options import Master
from jobs.tokenizer.settings import TokenizerSettings


def train_tokenizer(
    corpus: Annotated[
        list[str],
        typer.Argument(
            help="Corpora: Parquet or JSONL, folders, globs or roots of finished runs, on this machine or on S3.",
            show_default=False,
        ),
    ],
    out: Annotated[str, typer.Option("--out", help="Where the tokenizer goes, a name in .json.", show_default=False)],
    vocabulary: Annotated[int, typer.Option(help="Most tokens, special ones included.")] = TokenizerSettings.vocabulary,
    sample_mb: Annotated[int, typer.Option(min=1, help="Text to learn from, in MB.")] = TokenizerSettings.sample_mb,
    holdout: Annotated[float, typer.Option(help="Share of texts held out to measure with.")] = TokenizerSettings.holdout,
    seed: Annotated[int, typer.Option(min=0, help="Decides what is drawn, and what is held out.")] = TokenizerSettings.seed,
    share: Annotated[
        list[str] | None,
        typer.Option("--share", help="Share of the sample, such as language:de=0.5 or dump:NAME=0.5; may be given again."),
    ] = None,
    master: Master = "local[*,4]",
) -> None:
    """Train a byte-level BPE tokenizer on a sample, and say how it does beside GPT-2's on text that it has not seen."""
    from jobs.commands import session
    from jobs.tokenizer.shares import parsed_shares  # Arrow, which the other commands do without
    from jobs.tokenizer.train import check, train

    settings = TokenizerSettings(vocabulary=vocabulary, sample_mb=sample_mb, holdout=holdout, seed=seed)
    given = parsed_shares(share or [])
    check(out, settings)  # before Spark starts
    with session(master) as spark:
        report = train(spark, out, corpus=corpus, settings=settings, shares=given)
    typer.echo(f"trained on {report.texts:,} texts, {report.bytes:,} bytes: {report.vocabulary:,} tokens")
    typer.echo(f"{'held out':<10}{'texts':>8}{'tokens/word':>14}{'GPT-2':>8}{'bytes/token':>14}{'GPT-2':>8}")
    for one in report.fertility:
        typer.echo(
            f"{one.language:<10}{one.texts:>8,}{one.tokens_a_word:>14.3f}{one.gpt2_tokens_a_word:>8.3f}"
            f"{one.bytes_a_token:>14.3f}{one.gpt2_bytes_a_token:>8.3f}"
        )
    for value, (found, wanted) in report.shares.items():
        if given.column is not None and found < wanted:
            typer.echo(f"the corpus has {found:,} bytes of {given.column} {value}, where its share is {wanted:,}")
    for file in report.failed:
        typer.echo(f"left out, as it cannot be read: {file}", err=True)
    typer.echo(f"tokenizer  {report.tokenizer}  sha256 {report.sha256}")
    if report.failed:
        raise typer.Exit(3)
