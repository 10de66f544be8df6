"""Files of weights as Olmix and RegMix exchange them: a CSV with a row a mix and a column a corpus.

Olmix (allenai/olmix, olmix/fit/loaders.py): columns run_id, perhaps name, then the domains; the weights of a row add up to 1 within 0.01.
Its tables in memory begin with run, name and index. RegMix (sail-sg/regmix, data/train_mixture_1m.csv): index, then the domains.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence

from jobs.engine.errors import RecipeError
from jobs.recipe.text import decoded
from udfs.reading.location import LocationError, open_location

NAMES = ("run_id", "run", "name", "index")  # columns that name a row
TOLERANCE = 0.01  # as Olmix: weights are written with few digits


def read_weights(location: str, *, row: str | None, corpora: Sequence[str]) -> dict[str, str]:
    """Return the weights of a row by corpus, as decimal text; a weight of 0 leaves a corpus out.

    Raises RecipeError for a file that is not there, without such a row, with other corpora, or with numbers that are no shares.
    """
    try:
        text = decoded(open_location(location).read(), what=f"[mix] weights {location}")
    except LocationError as error:
        raise RecipeError(f"[mix] weights cannot be read: {error}; nothing was run") from None
    rows = list(csv.DictReader(io.StringIO(text), skipinitialspace=True))
    chosen = _row(rows, location, row)
    found = {name: value for name, value in chosen.items() if name not in NAMES}
    wrong = sorted({str(name) for name in found} ^ set(corpora))
    if wrong:
        raise RecipeError(
            f"[mix] weights {location} has the corpora {', '.join(map(str, found))}, and the recipe {', '.join(corpora)}: {', '.join(wrong)} "
            f"stands in one alone; nothing was run. Name the corpora of the recipe as the file does"
        )
    return _shares({name: str(value or "").strip() for name, value in found.items()}, location)


def _row(rows: Sequence[Mapping[str, str]], location: str, row: str | None) -> Mapping[str, str]:
    if row is None and len(rows) == 1:
        return rows[0]
    if not rows:
        raise RecipeError(
            f"[mix] weights {location} has no row of weights, so nothing was run. Write a line with the names of the corpora, and a row below it"
        )
    named = [one for one in rows if row is not None and row in [one.get(name) for name in NAMES]]
    if len(named) == 1:
        return named[0]
    known = [next((str(one[name]) for name in NAMES if one.get(name)), "?") for one in rows[:10]]
    asked = "it says no weights_row" if row is None else f"{len(named)} are {row!r}"
    raise RecipeError(
        f"[mix] weights {location} has {len(rows)} rows, of which {asked}: nothing was run. Set weights_row to one of {', '.join(known)}"
    )


def _shares(weights: dict[str, str], location: str) -> dict[str, str]:
    try:
        numbers = [float(value) for value in weights.values()]
    except ValueError as error:
        raise RecipeError(f"[mix] weights {location} has a weight that is no number ({error}); nothing was run") from None
    if not all(math.isfinite(one) and one >= 0 for one in numbers) or abs(sum(numbers) - 1) > TOLERANCE:
        raise RecipeError(
            f"[mix] weights {location}: the weights of the row add up to {sum(numbers):g}, or one is below 0; they are shares of the mix, so "
            f"nothing was run. Let them add up to 1"
        )
    return weights


def written(run: str, shares: Mapping[str, float]) -> str:
    """Write the shares that a mix has, in Olmix's form.

    >>> written("mine", {"web": 0.75, "code": 0.25})
    'run_id,name,web,code\\nmine,mine,0.75,0.25\\n'
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["run_id", "name", *shares])
    rows.writerow([run, run, *(f"{share:.10g}" for share in shares.values())])
    return out.getvalue()
