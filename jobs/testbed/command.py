"""The command `gristmill compare`: models trained on corpora, and a page that says which corpus is better."""

from pathlib import Path
from typing import Annotated

import typer


def compare_corpora(
    recipe: Annotated[
        str, typer.Argument(help="A recipe with [compare], such as conf/testbed/quicktrain.toml.", show_default=False)
    ],
    root: Annotated[
        str | None, typer.Option("--root", help="Where the comparison is kept; out/NAME if not given.", show_default=False)
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what it would do and cost, and do nothing.")] = False,
) -> None:
    """Train one small model on each corpus and seed, and say which corpus is better: what is finished is skipped."""

    from jobs.engine.disk import disk_errors
    from jobs.testbed.compare import compare
    from jobs.testbed.judge import write_judgement
    from jobs.testbed.recipe import load_compare

    settings = load_compare(recipe)
    place = root or f"out/{settings.name}"
    with disk_errors(place):
        if compare(settings, place, say=typer.echo, plan_only=plan):
            for line in write_judgement(Path(place)):
                typer.echo(line)
