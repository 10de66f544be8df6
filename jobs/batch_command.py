"""The commands `gristmill batch export` and `gristmill batch import`: the requests of [rephrase] in OpenAI's Batch format."""

from typing import Annotated

import typer

from jobs.options import Inputs, Master, RecipePath, RootOption, loaded, overrides

batch_app = typer.Typer(
    help="Write the requests of [rephrase] as batches, and read the answers.", no_args_is_help=True, rich_markup_mode=None
)


@batch_app.command(
    "export", epilog="Try: gristmill batch export conf/beyondweb/2-rephrases.toml --root out/rephrases --out batch"
)
def batch_export(
    recipe: RecipePath,
    out: Annotated[str, typer.Option("--out", help="A new folder for the requests.", show_default=False)],
    root: RootOption = None,
    inputs: Inputs = None,
    master: Master = "local[*,4]",
) -> None:
    """Write the requests that a run of [rephrase] would send, as OpenAI's Batch format has them."""
    from jobs.rephrase.batch import export_batch

    chosen, place = loaded(recipe, root, overrides(inputs, None, None))
    export_batch(chosen, root=place, out=out, master=master)


@batch_app.command(
    "import", epilog="Try: gristmill batch import conf/beyondweb/2-rephrases.toml responses.jsonl --root out/rephrases"
)
def batch_import(
    recipe: RecipePath,
    responses: Annotated[list[str], typer.Argument(help="Files or folders of responses (*.jsonl).", show_default=False)],
    root: RootOption = None,
    master: Master = "local[*,4]",
) -> None:
    """Keep the answers of a batch, so that the next run does not ask for them."""
    from jobs.rephrase.batch import import_batch

    chosen, place = loaded(recipe, root, {})
    raise typer.Exit(import_batch(chosen, root=place, responses=responses, master=master))
