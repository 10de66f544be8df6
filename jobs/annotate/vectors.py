"""[annotate.embedding] as the workers take it, what is refused before any work, and what a reader of the vectors is told."""

from collections.abc import Mapping
from typing import Any

from jobs.annotate.settings import Annotate, Embedding
from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.engine.models import ModelFile
from udfs.models.model_file import ModelError
from udfs.signals.text_labels import Labeller
from udfs.vectors import fast_model, label_model, transformer
from udfs.vectors.embedder import Embedder
from udfs.vectors.scheme import EmbeddingScheme


def scheme(job: Job[Annotate]) -> EmbeddingScheme | None:
    """Return what decides the vectors; None if the recipe asks for none."""
    given = job.settings.embedding
    return scheme_of(given, job.models) if given is not None else None


def scheme_of(given: Embedding, models: Mapping[str, ModelFile]) -> EmbeddingScheme:
    """Put together what decides the vectors, from a recipe's section and its models by role."""
    model, tokenizer = models["embedding"], models.get("embedding tokenizer")
    return EmbeddingScheme(
        model=model.path,
        sha256=model.sha256,
        tokenizer=tokenizer.path if tokenizer is not None else None,
        tokenizer_sha256=tokenizer.sha256 if tokenizer is not None else None,
        pooling=given.pooling,
        max_tokens=given.max_tokens,
        windows=given.windows,
        precision=given.precision,
        prefix=given.prefix,
    )


def packages(made: EmbeddingScheme | None) -> tuple[str, ...]:
    """Name the packages whose versions show in the vectors."""
    return transformer.PACKAGES if made is not None and not made.fast else ()


def check(made: EmbeddingScheme | None) -> None:
    """Embed a full window, so that a missing package or a model that cannot be run is known at once. Raises RecipeError."""
    if made is None:
        return
    try:
        Embedder(made).stored(["mill " * made.max_tokens])
    except ImportError as error:
        raise RecipeError(
            f"[annotate.embedding] needs the package {error.name}, which is not installed, so no vector could be made; nothing was run. "
            f"Install it: pip install 'gristmill[embed]'. A model of gristmill train-vectors needs no package"
        ) from None
    except ModelError as error:
        raise RecipeError(f"[annotate.embedding] {error}; nothing was run") from None
    except Exception as error:  # of ONNX Runtime, whose exceptions have no class in common
        raise RecipeError(
            f"[annotate.embedding] {made.model} cannot embed a window of {made.max_tokens} tokens ({error}); nothing was run. "
            f"Correct max_tokens, or export the model again"
        ) from None


def facts(made: EmbeddingScheme | None, *, model: Embedding | None) -> dict[str, Any] | None:
    """Say what the vectors are: their width and scheme, and of a fast model its teacher and how well it agrees with it."""
    if made is None or model is None:
        return None
    found = {"model": model.model.partition("#")[0], "width": Embedder(made).load(), **made.facts(), "teacher": None}
    if not made.fast:
        return found
    card = fast_model.loaded(made.model, made.sha256).card
    by_language = {language: vars(one) for language, one in card.by_language.items()}
    return found | {
        "max_tokens": card.max_tokens,
        "teacher": card.teacher,
        "pearson": card.held_out.pearson,
        "neighbours": card.held_out.neighbours,
        "by_language": by_language,
    }


def check_labeller(labeller: Labeller, made: EmbeddingScheme | None) -> None:
    """Refuse a model of labels that was trained on other vectors than the recipe makes. Raises RecipeError."""
    try:
        trained = dict(label_model.loaded(labeller.model, labeller.sha256).scheme)
    except ModelError as error:
        raise RecipeError(f"[[annotate.labels]] {labeller.signal}: {error}; nothing was run") from None
    here = made.facts() if made is not None else {}
    other = sorted(name for name in trained.keys() | here.keys() if trained.get(name) != here.get(name))
    if other:
        raise RecipeError(
            f"[[annotate.labels]] {labeller.signal}: {labeller.model} was trained on other vectors than [annotate.embedding] makes (another "
            f"{', '.join(other)}), so its labels would be of chance; nothing was run. Train it with `gristmill train --topics … --embedding` "
            f"and this recipe"
        )
