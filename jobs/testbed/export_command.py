"""The command `gristmill export`: a trained model of a comparison as Hugging Face's Llama."""

from typing import Annotated

import typer


def export_checkpoint(
    run: Annotated[
        str, typer.Argument(help="The folder of a run, such as out/quicktrain/runs/corpus/seed-1.", show_default=False)
    ],
    out: Annotated[str, typer.Option("--out", help="A new folder for the model.", show_default=False)],
) -> None:
    """Write a trained model as transformers and lm-evaluation-harness read it."""
    from jobs.testbed.export import export

    for line in export(run, out):
        typer.echo(line)
