"""Put together what the stages of a run are given, or what is needed to look at a run that is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.engine.errors import RecipeError
from jobs.engine.root import Root
from jobs.recipe.load import recipe_of, stages_of
from jobs.recipe.recipe import Recipe
from udfs.reading.local_path import check_name, is_file_address, local_path

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.engine.job import Context
    from jobs.engine.lease import Lease
    from jobs.engine.models import ModelFile


def make_context(
    recipe: Recipe,
    *,
    root: Root,
    models: "Mapping[str, Mapping[str, ModelFile]]",
    lease: "Lease | None" = None,
    start: str | None = None,
) -> "Context":
    """Put together what the stages of a run are given; models go to the executors as soon as there are some."""
    from jobs.engine.job import Context
    from jobs.engine.models import ship
    from jobs.engine.progress import Progress

    stages, every = stages_of(recipe), {model.path: model for roles in models.values() for model in roles.values()}
    root.when_started(lambda spark: ship(spark, every.values()))
    return Context(recipe=recipe, root=root, progress=Progress(), stages=stages, models=models, lease=lease, start=start)


def stored_context(spark: "SparkSession | None", root: str) -> "Context":
    """Put together what is needed to look at a run that is there, by the recipe that it keeps.

    Raises RecipeError if there is none.
    """
    from jobs.engine.job import Context
    from jobs.engine.progress import Progress

    place = Root(spark, absolute(root))
    stored = place.markers.json("recipe.json")
    if stored is None:
        raise RecipeError(f"{place.path} holds no run: no recipe.json. Name the root of a run, such as out/quickstart")
    recipe = recipe_of(stored, name=f"{place.path}/recipe.json")
    return Context(recipe=recipe, root=place, progress=Progress(), stages=stages_of(recipe))


def absolute(root: str) -> str:
    """Make a local root absolute, since workers may stand in another folder; leave s3a://, gs:// and the like alone.

    Raises RecipeError for an empty one and for an address of the web, LocationError for one that no folder can have.
    """
    if not root:
        raise RecipeError("the root is empty: it names no folder, so nothing was run. Is a variable of the shell empty?")
    if root.lower().startswith(("http://", "https://")):
        raise RecipeError(
            f"{root}: no table can be written there, so nothing was run. Give a folder on disk, or a store: s3a://, gs://"
        )
    check_name(root)
    return root if "://" in root and not is_file_address(root) else str(Path(local_path(root)).absolute())
