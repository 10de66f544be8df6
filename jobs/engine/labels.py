"""Refuse a label that a recipe asks for and the model does not have: no text would ever get it, and every page might go."""

import difflib
import re
from collections.abc import Iterable

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.models import ModelFile
from udfs.models.model_file import PREFIX, labels_of

_LITERAL = r"""(?:'[^']*'|"[^"]*")"""
_COMPARED = re.compile(
    rf"(?<![\w.])language\s*(?:<=>|==?|!=|<>)\s*({_LITERAL})|({_LITERAL})\s*(?:<=>|==?|!=|<>)\s*language(?![\w.(])"
    rf"|(?<![\w.])language\s+(?:NOT\s+)?IN\s*\(((?:\s*{_LITERAL}\s*,?)+)\)",
    re.IGNORECASE,
)
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


def check_languages(context: Context, asked: Iterable[tuple[str, str]]) -> None:
    """Raise RecipeError if SQL compares `language` with a label that the run's model of languages does not have.

    `asked` has pairs: who asks, such as a rule by its reason, and the SQL.
    """
    model = context.models.get("annotate", {}).get("language")
    if model is None:
        return
    for who, sql in asked:
        check_labels(languages_of(sql), model=model, where=f"{who}: {sql!r}", means="no page has that language")


def languages_of(expression: str) -> list[str]:
    """Return the labels that SQL compares `language` with, by = or IN; what it does otherwise is not looked at.

    >>> languages_of("language = 'en' OR language NOT IN ('de', 'it') AND language_score > 0.5 AND title = 'x'")
    ['en', 'de', 'it']
    """
    literals = [group for found in _COMPARED.finditer(expression) for group in found.groups() if group is not None]
    return [one[1:-1] for literal in literals for one in re.findall(_LITERAL, literal)]


def _hint(label: str, labels: tuple[str, ...]) -> str:
    """Name a label that may be meant.

    >>> _hint("eng", ("de", "en")), _hint("__label__de", ("de", "en")), _hint("german", ("de", "en"))
    (" (did you mean 'en'?)", " (did you mean 'de'?)", '')
    """
    bare = label.removeprefix(PREFIX).lower()
    near = [one for one in (bare, bare[:2]) if one in labels] or difflib.get_close_matches(bare, labels, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
