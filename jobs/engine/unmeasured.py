"""Refuse SQL that asks for a signal which the recipe does not measure: it would be null on every page, and every page would fail."""

import re
from collections.abc import Iterable, Iterator, Mapping

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from udfs.signals.sets import BY_NAME

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
# what may give null another meaning; such SQL may name what is not there
_GUARD = re.compile(
    r"\b(coalesce|ifnull|nvl2?|nullif|zeroifnull|isnull|isnotnull|is\s+(not\s+)?null|case|if)\b|<=>", re.IGNORECASE
)


def check_measured(context: Context, asked: Iterable[tuple[str, str]]) -> None:
    """Raise RecipeError naming each rule or step whose SQL needs a signal of a set that [annotate] does not ask for.

    `asked` has pairs: who asks, and all its SQL, a `where` included. SQL that says what a null means passes.
    """
    lacking = unmeasured(context)
    faults = [
        f"  {who}: {sql!r} needs {name}: {lacking[name]}" for who, sql in asked for name in _names(sql) if name in lacking
    ]
    if faults:
        raise RecipeError(
            "signals that the recipe does not measure would be null, so every page would fail; nothing was run.\n"
            + "\n".join(faults)
        )


def unmeasured(context: Context) -> Mapping[str, str]:
    """Return the signals that are known and not measured, each with what would have it measured."""
    annotate = context.recipe.sections["annotate"]
    advice = {name: f'add "{name}" to [annotate] signal_sets' for name, one in BY_NAME.items() if one.asked}
    advice["rephrase_similarity"] = 'add "rephrase" to [annotate] signal_sets, and [annotate.embedding]'
    for name in (*annotate.signal_sets, *(["refinedweb"] if annotate.line_edits == "refinedweb" else [])):
        advice.pop(name, None)
    if annotate.embedding is not None and "rephrase" in annotate.signal_sets:
        advice.pop("rephrase_similarity", None)
    if annotate.perplexity is None:
        advice["perplexity"] = "add [annotate.perplexity.models]"
    if "quality_score" not in {one.signal for one in annotate.quality}:
        advice["quality"] = "add [[annotate.quality]]"
    return {signal.name: told for name, told in advice.items() if name in BY_NAME for signal in BY_NAME[name].signals}


def _names(sql: str) -> Iterator[str]:
    """Yield the names in SQL that does not say what a null means.

    >>> list(_names("a_b > 5 AND title != 'c'")), list(_names("COALESCE(a_b, 1) > 5"))
    (['a_b', 'AND', 'title'], [])
    """
    bare = _LITERAL.sub("''", sql)
    if not _GUARD.search(bare):
        yield from dict.fromkeys(_NAME.findall(bare))
