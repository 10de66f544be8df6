"""The command `gristmill train-tokenizer`: a tokenizer.json from texts."""

from typing import Annotated

import typer

from jobs.tokenizer.settings import TokenizerSettings, TokenizerTrainError


def train_tokenizer(
    corpus: Annotated[
        list[str],
        typer.Argument(
            help="Parquet or JSONL with a column text, .txt with a text a line, or folders, such as ROOT/corpus.",
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
) -> None:
    """Train a byte-level BPE tokenizer on a sample, and say how it does beside GPT-2's on text that it has not seen."""
    from jobs.tokenizer.sample import parsed_shares  # Arrow, which the other commands do without
    from jobs.tokenizer.train import train

    if not 0 <= holdout < 1:
        raise TokenizerTrainError(
            f"--holdout {holdout:g} is no share from 0 to below 1: nothing was trained. Give one, such as {TokenizerSettings.holdout:g}"
        )
    settings = TokenizerSettings(vocabulary=vocabulary, sample_mb=sample_mb, holdout=holdout, seed=seed)
    report = train(out, corpus=corpus, settings=settings, shares=parsed_shares(share or []))
    typer.echo(f"trained on {report.texts:,} texts, {report.bytes:,} bytes: {report.vocabulary:,} tokens")
    typer.echo(f"{'held out':<10}{'texts':>8}{'tokens/word':>14}{'GPT-2':>8}{'bytes/token':>14}{'GPT-2':>8}")
    for one in report.fertility:
        typer.echo(
            f"{one.language:<10}{one.texts:>8,}{one.tokens_a_word:>14.3f}{one.gpt2_tokens_a_word:>8.3f}"
            f"{one.bytes_a_token:>14.3f}{one.gpt2_bytes_a_token:>8.3f}"
        )
    typer.echo(f"tokenizer  {report.tokenizer}  sha256 {report.sha256}")
