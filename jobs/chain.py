"""Run a chain of recipes in one Spark session."""

from collections.abc import Sequence
from typing import Any

import typer

from jobs.commands import code, late_session, lease_of, run_recipe
from jobs.contexts import absolute, make_context
from jobs.engine.disk import disk_errors
from jobs.engine.models import resolve_models
from jobs.recipe.chain import check_chain
from jobs.recipe.load import load_recipe, stages_of


def run_chain(paths: Sequence[str], *, folder: str, overrides: dict[str, Any], master: str) -> int:
    """Run recipes one after another in one Spark session, each in folder/NAME; return 0, or 3 if some files could not be read.

    All are loaded and checked before any work; `overrides` change the first. What ends a run with another code than 0 or 3 ends the
    chain with that code. After 3 it goes on, since the corpus is there: what a later run adds to it goes through the rest then.
    """
    folder = absolute(folder).rstrip("/")
    recipes = [load_recipe(path, overrides=overrides if path == paths[0] else None, beside=folder) for path in paths]
    check_chain(recipes, folder)
    models = [resolve_models(recipe, stages_of(recipe)) for recipe in recipes]
    failed: list[str] = []
    with late_session(master) as late:
        for number, (recipe, found) in enumerate(zip(recipes, models, strict=True), start=1):
            root = f"{folder}/{recipe.run.name}"
            typer.echo(
                f"{'' if number == 1 else chr(10)}recipe {number} of {len(recipes)}: {recipe.run.name}, in {root}", err=True
            )
            with disk_errors(root), lease_of(late, root) as (place, lease):
                failed += run_recipe(make_context(recipe, root=place, models=found, lease=lease))
    return code(failed)
