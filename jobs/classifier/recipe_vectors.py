"""The vectors of a recipe, for a model that is trained on them."""

from jobs.annotate import vectors
from jobs.annotate.settings import Annotate
from jobs.classifier.examples import TrainError
from jobs.engine.models import fetch
from jobs.recipe.load import load_recipe
from udfs.vectors.embedder import Embedder


def embedder_of(recipe: str) -> Embedder:
    """Return what makes the vectors of a recipe's [annotate.embedding]. Raises TrainError if it makes none, RecipeError, ModelError.

    Other models of the recipe are not asked for: it may name the one that is to be trained.
    """
    chosen = load_recipe(recipe)
    annotate = chosen.sections.get("annotate")
    if not isinstance(annotate, Annotate) or annotate.embedding is None:
        raise TrainError(
            f"--embedding {recipe} has no [annotate.embedding], so it makes no vectors: nothing was trained. Add it"
        )
    models = {role: fetch(name) for role, name in annotate.embedding.models().items()}
    made = vectors.scheme_of(annotate.embedding, models)
    vectors.check(made)
    return Embedder(made)
