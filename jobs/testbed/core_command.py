"""The command `gristmill core`: CORE and EXTENDED from the results of any harness."""

from typing import Annotated

import typer


def core_of_results(
    results: Annotated[
        list[str],
        typer.Argument(
            help="JSON of lm-evaluation-harness, llm-foundry, DCLM, or a run's result.json of gristmill compare.",
            show_default=False,
        ),
    ],
    together: Annotated[
        bool, typer.Option("--together", help="The files are parts of one model's results, and not of a model each.")
    ] = False,
    tasks: Annotated[bool, typer.Option("--tasks", help="Print each task too.")] = False,
) -> None:
    """Print DCLM's CORE and EXTENDED of a model's results, or the tasks that are missing for them."""
    from jobs.testbed.core_table import table

    for line in table(results, together=together, tasks=tasks):
        typer.echo(line)
