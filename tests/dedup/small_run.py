"""What a run's stages are given over a root made by hand: a recipe of few words, and models that are never opened."""

from pathlib import Path
from typing import Any

from jobs.engine.job import Context
from jobs.engine.models import ModelFile
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.recipe.load import recipe_of, stages_of
from jobs.recipe.recipe import Recipe

MODEL = ModelFile(name="none", path="none", sha256="")


def recipe(*, dump: str = "D", inputs: tuple[Path | str, ...] = ("x",), **sections: Any) -> Recipe:
    """Make a recipe of these sections."""
    return recipe_of({"run": {"name": "small", "dump": dump, "input": [str(one) for one in inputs]}, **sections})


def context(root: Root, given: Recipe) -> Context:
    """Make what the stages of a run are given."""
    models = {"annotate": {"language": MODEL}}
    return Context(recipe=given, root=root, progress=Progress(quiet=True), stages=stages_of(given), models=models)
