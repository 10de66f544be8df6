"""Refuse a label that a recipe asks for and the model does not have: no text would ever get it, and every page might go."""

import difflib
from collections.abc import Iterable

from jobs.engine.errors import RecipeError
from jobs.engine.models import ModelFile
from udfs.models.model_file import PREFIX, labels_of

MOST_SHOWN = 200  # lid.176 has 176 labels, models of the world's languages 2,000


def check_labels(wanted: Iterable[str], *, model: ModelFile, where: str, means: str) -> None:
    """Raise RecipeError naming the labels that the model lacks, those that are near, and those that it has.

    `where` names the key or rule, `means` what such a label would do to the run.
    """
    labels = labels_of(model.path)
    unknown = [label for label in dict.fromkeys(wanted) if label not in labels]
    if not unknown:
        return
    named = ", ".join(f"{label!r}{_hint(label, labels)}" for label in unknown)
    more = f" and {len(labels) - MOST_SHOWN} more" if len(labels) > MOST_SHOWN else ""
    raise RecipeError(
        f"{where}: {model.name} has no label {named}: {means}, so nothing was run. "
        f"It has {', '.join(labels[:MOST_SHOWN])}{more}"
    )


def _hint(label: str, labels: tuple[str, ...]) -> str:
    """Name a label that may be meant.

    >>> _hint("eng", ("de", "en")), _hint("__label__de", ("de", "en")), _hint("german", ("de", "en"))
    (" (did you mean 'en'?)", " (did you mean 'de'?)", '')
    """
    bare = label.removeprefix(PREFIX).lower()
    near = [one for one in (bare, bare[:2]) if one in labels] or difflib.get_close_matches(bare, labels, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
