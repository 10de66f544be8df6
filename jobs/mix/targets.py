"""How many tokens of each corpus a mix should have: from weights, epochs, and how large the corpora are."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from jobs.engine.errors import RecipeError
from jobs.mix.settings import Mix


@dataclass(frozen=True)
class Size:
    """Count a corpus: its documents, and its tokens with the copies that it gives its documents itself."""

    documents: int
    tokens: int


def targets(settings: Mix, sizes: Mapping[str, Size], weights: Mapping[str, str] | None = None) -> dict[str, int]:
    """Return the tokens of each corpus; `weights` are those of a file.

    A schedule is solved for its total: corpora with epochs have R tokens, and the others the share w of all, so all are R / (1 - w).
    Raises RecipeError for a corpus that has too few tokens for max_epochs.
    """
    by_epochs = {
        one.name: round(Fraction(str(one.epochs)) * sizes[one.name].tokens)
        for one in settings.corpora
        if one.epochs is not None
    }
    shares = {one.name: Fraction(str(one.weight)) for one in settings.corpora if one.weight is not None}
    if weights is not None:
        given = {name: Fraction(weight) for name, weight in weights.items()}
        shares = {name: share / sum(given.values()) for name, share in given.items()}
    if settings.tokens is not None:
        total = Fraction(settings.tokens)
    else:
        total = Fraction(sum(by_epochs.values())) / (1 - sum(shares.values()))
    by_weight = _shared(total, shares)
    found = {one.name: by_epochs.get(one.name, by_weight.get(one.name, 0)) for one in settings.corpora}
    _check_epochs(found, sizes, settings.max_epochs)
    return found


def _shared(total: Fraction, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Give each its whole tokens; those left over go one each to the first corpora that have a share."""
    found = {name: int(total * share) for name, share in shares.items()}
    left = round(total * sum(shares.values())) - sum(found.values())
    for name in [name for name, share in shares.items() if share][:left]:
        found[name] += 1
    return found


def _check_epochs(wanted: Mapping[str, int], sizes: Mapping[str, Size], most: float) -> None:
    faults = []
    for name, tokens in wanted.items():
        there = sizes[name].tokens
        if tokens > most * there:
            passes = f"{tokens / there:.2f} epochs" if there else "no number of epochs"
            faults.append(f"  {name}: {tokens:,} tokens are asked for and it has {there:,}, so it would take {passes}")
    if faults:
        raise RecipeError(
            f"[mix] max_epochs = {most:g} is too little for {len(faults)} corpora, so nothing was mixed.\n"
            + "\n".join(faults)
            + "\nLower tokens or the weight, add text to the corpus, or raise max_epochs: beyond some four passes a repeated text teaches "
            "less than a new one"
        )
