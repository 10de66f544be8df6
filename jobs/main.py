"""The command line: `gristmill …`, and the same program as `spark-submit jobs/main.py …`."""

import os
import sys
from pathlib import Path
from typing import Annotated

if __package__ in (None, ""):  # run by spark-submit: put the folder above jobs/ in the place of jobs/ itself
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import typer

from jobs.batch_command import batch_app
from jobs.classifier.command import train_model
from jobs.engine.errors import RecipeError
from jobs.explorer.sample_size import POINTS
from jobs.fast_vectors.command import train_vectors
from jobs.options import Dump, Inputs, Limit, Master, RecipePath, RecipePaths, RootOption, RootPath, loaded, overrides
from jobs.perplexity.command import train_perplexity
from jobs.testbed.command import compare_corpora
from jobs.testbed.core_command import core_of_results
from jobs.testbed.export_command import export_checkpoint
from jobs.tokenizer.command import train_tokenizer
from udfs.errors import GristmillError

INTERRUPTED = 130

app = typer.Typer(
    help="Turn Common Crawl into a pre-training corpus that can explain every page.",
    epilog="Try: gristmill run conf/quickstart.toml --root out/quickstart",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
models_app = typer.Typer(help="Fetch and check the models that a recipe names.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(batch_app, name="batch", epilog="Try: gristmill batch export conf/beyondweb/2-rephrases.toml --out batch")
app.add_typer(models_app, name="models", epilog="Try: gristmill models fetch conf/quickstart.toml")


@app.command(epilog="Try: gristmill run conf/quickstart.toml --root out/quickstart")
def run(
    recipes: RecipePaths,
    root: RootOption = None,
    inputs: Inputs = None,
    dump: Dump = None,
    limit: Limit = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Run this stage again, and all after it.", show_default=False)
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", help="Run this stage alone, if it is not finished.", show_default=False)
    ] = None,
    accepted: Annotated[
        str | None,
        typer.Option(
            "--accept", help="Keep what this stage has finished in another way, as if nothing had changed.", show_default=False
        ),
    ] = None,
    master: Master = "local[*,4]",
) -> None:
    """Run a recipe, or several as a chain: what is finished is skipped, what was killed goes on."""
    from jobs import commands

    _known_stage("--from", start)
    _known_stage("--only", only)
    _known_stage("--accept", accepted)
    if start and only:
        raise RecipeError(
            "--from and --only together: one runs a stage and all after it, the other one stage alone; nothing was run. Choose one"
        )
    from jobs.recipe.chain import listed

    given, paths = overrides(inputs, dump, limit), listed(recipes)
    if paths != recipes or len(paths) > 1:
        if start or only or accepted:
            raise RecipeError(
                "--from, --only and --accept name a stage of one recipe, and this is a chain of several; nothing was run. Run that recipe "
                "alone, with the --root that it has in the chain"
            )
        from jobs.chain import run_chain

        raise typer.Exit(run_chain(paths, folder=_chain_folder(root, recipes), overrides=given, master=master))
    chosen, place = loaded(recipes[0], root, given)
    raise typer.Exit(commands.run(chosen, root=place, start=start, only=only, accepted=accepted, master=master))


@app.command(epilog="Try: gristmill plan conf/fineweb.toml")
def plan(
    recipe: RecipePath,
    root: RootOption = None,
    inputs: Inputs = None,
    dump: Dump = None,
    limit: Limit = None,
    master: Master = "local[*,4]",
) -> None:
    """Say what a run would read and do, and what it would cost, without doing it."""
    from jobs import commands

    chosen, place = loaded(recipe, root, overrides(inputs, dump, limit))
    commands.plan(chosen, root=place, master=master)


@app.command(epilog="Try: gristmill ledger out/quickstart")
def ledger(
    root: RootPath, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, master: Master = "local[*,4]"
) -> None:
    """Print what came into each stage and what became of it."""
    from jobs import look_commands

    raise typer.Exit(look_commands.ledger(root, as_json=as_json, master=master))


@app.command(epilog="Try: gristmill explain out/quickstart https://example.org/page")
def explain(
    root: RootPath,
    page: Annotated[
        str, typer.Argument(help="A URL, a document's id, or shard:sequence of what [pack] wrote.", show_default=False)
    ],
    master: Master = "local[*,4]",
) -> None:
    """Tell one page's whole story: every signal, every rule, the duplicate it lost to.

    The ids of all pages are read to find it. Over a whole crawl that takes minutes on one machine.
    """
    from jobs import look_commands

    raise typer.Exit(look_commands.explain(root, page, master=master))


@app.command(epilog="Try: gristmill sample out/quickstart --reason few_words -n 5")
def sample(
    root: RootPath,
    reason: Annotated[
        str | None, typer.Option("--reason", help="A reason of the ledger; none: documents that were kept.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many.")] = 20,
    master: Master = "local[*,4]",
) -> None:
    """Print documents that were kept, or that went for a reason; the same ones each time."""
    from jobs import look_commands

    raise typer.Exit(look_commands.sample(root, reason=reason, n=n, master=master))


@app.command(epilog="Try: gristmill report out/quickstart")
def report(root: RootPath, master: Master = "local[*,4]") -> None:
    """Write the HTML report of a run and name it."""
    from jobs import look_commands

    look_commands.report(root, master=master)


@app.command(epilog="Try: gristmill explore out/quickstart")
def explore(
    root: RootPath,
    points: Annotated[int, typer.Option("--points", min=100, max=POINTS, help="Documents on the map.")] = POINTS,
    out: Annotated[
        str | None, typer.Option("--out", help="A local file to write instead of ROOT/explorer.html.", show_default=False)
    ] = None,
    master: Master = "local[*,4]",
) -> None:
    """Write a map of the corpus, dropped documents too: one HTML page to zoom, search and filter in."""
    from jobs import look_commands

    look_commands.explore(root, points=points, out=out, master=master)


@app.command(epilog="Try: gristmill audit out/quickstart -n 200")
def audit(
    root: RootPath,
    n: Annotated[int, typer.Option("-n", min=1, max=5000, help="How many removals.")] = 1000,
    master: Master = "local[*,4]",
) -> None:
    """Compare documents that went as duplicates with those kept in their place, in one HTML page."""
    from jobs import look_commands

    look_commands.audit(root, n=n, master=master)


@models_app.command("fetch", epilog="Try: gristmill models fetch conf/quickstart.toml")
def models_fetch(recipe: RecipePath) -> None:
    """Fetch the models a recipe names, and check their sha256."""
    from jobs.engine.models import resolve_models
    from jobs.recipe.load import load_recipe, stages_of

    chosen = load_recipe(recipe)
    models = resolve_models(chosen, stages_of(chosen))
    for model in {model.path: model for roles in models.values() for model in roles.values()}.values():
        typer.echo(f"{model.name}  sha256 {model.sha256}  {model.path}")


app.command("train", epilog="Try: gristmill train --positives good.txt --negatives crawl.txt --out models/quality.bin")(
    train_model
)
app.command("train-perplexity", epilog="Try: gristmill train-perplexity wiki.jsonl --out models/en --kenlm kenlm/build/bin")(
    train_perplexity
)
app.command("train-vectors", epilog="Try: gristmill train-vectors out/mine/corpus --out models/mine.vectors.npz")(train_vectors)
app.command("train-tokenizer", epilog="Try: gristmill train-tokenizer out/quickstart/corpus --out models/tokenizer.json")(
    train_tokenizer
)
app.command("compare", epilog="Try: gristmill compare conf/testbed/quicktrain.toml --root out/quicktrain")(compare_corpora)
app.command("core", epilog="Try: gristmill core results.json --tasks")(core_of_results)
app.command("export", epilog="Try: gristmill export out/quicktrain/runs/corpus/seed-1 --out out/llama")(export_checkpoint)


def _chain_folder(root: str | None, recipes: list[str]) -> str:
    """Return the folder of a chain's roots: out/ for several recipes, out/NAME for a folder of recipes of that name."""
    if root is not None:
        return root
    return f"out/{Path(recipes[0]).resolve().name}" if len(recipes) == 1 else "out"


def _known_stage(option: str, name: str | None) -> None:
    from jobs.stages import NAMES

    if name is not None and name not in NAMES:
        raise RecipeError(f"{option} {name!r} is no stage; nothing was run. Stages, in order: {', '.join(NAMES)}")


def main() -> None:
    """Run the command line, and turn what can be foreseen into one message and an exit code."""
    os.environ.setdefault("PYTHONUTF8", "1")
    try:
        app()
    except GristmillError as error:
        typer.echo(f"gristmill: {_printable(str(error))}", err=True)
        sys.exit(error.exit_code)
    except SystemExit as left:
        if left.code == INTERRUPTED:
            typer.echo("gristmill: interrupted; the same command goes on where it stopped", err=True)
        raise


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


if __name__ == "__main__":
    main()
