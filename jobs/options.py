"""What several commands take: arguments, options, and the recipe that they name."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jobs.recipe.recipe import Recipe

RecipePath = Annotated[
    str,
    typer.Argument(help="A recipe, such as conf/fineweb.toml: a path or an s3:// or https:// location.", show_default=False),
]
RecipePaths = Annotated[
    list[str],
    typer.Argument(
        help="A recipe, such as conf/fineweb.toml: a path or an s3:// or https:// location. Several, or a folder of them, are a chain: "
        "each runs in ROOT/NAME, and names an earlier one's root as chain:NAME.",
        show_default=False,
    ),
]
RootPath = Annotated[str, typer.Argument(help="The root folder of a run.", show_default=False)]
RootOption = Annotated[
    str | None, typer.Option("--root", help="Where the run is kept; out/NAME if not given.", show_default=False)
]
Inputs = Annotated[list[str] | None, typer.Option("--input", help="Read this instead of [run] input; may be given again.")]
Dump = Annotated[
    str | None, typer.Option("--dump", help="Value of the dump column, instead of [run] dump.", show_default=False)
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Read only the first N input files.", show_default=False)]
Master = Annotated[str, typer.Option("--master", help="Spark master in local mode; spark-submit brings its own.")]


def loaded(recipe: str, root: str | None, overrides: dict[str, Any]) -> "tuple[Recipe, str]":
    """Load a recipe that runs alone, and say where; the roots of a chain that it names lie beside its own."""
    from jobs.contexts import absolute
    from jobs.recipe.chain import folder_of
    from jobs.recipe.load import load_recipe

    beside = absolute("out") if root is None else folder_of(absolute(root))
    chosen = load_recipe(recipe, overrides=overrides, beside=beside)
    return chosen, f"out/{chosen.run.name}" if root is None else root


def overrides(inputs: list[str] | None, dump: str | None, limit: int | None) -> dict[str, Any]:
    """Return what takes the place of keys of [run]."""
    given = {"input": inputs or None, "dump": dump, "limit": limit}
    return {key: value for key, value in given.items() if value is not None}
