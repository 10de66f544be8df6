"""Reads a recipe of `gristmill compare`, which has a section [compare] and nothing else, and checks all of it before any work."""

import json
import tomllib
from pathlib import Path

from pydantic import ValidationError

from jobs.engine.errors import RecipeError
from jobs.recipe.faults import faults_of, worded
from jobs.recipe.section import Section
from jobs.recipe.text import decoded
from jobs.testbed.settings import Compare
from udfs.reading.local_path import shown


class _File(Section):
    compare: Compare


def load_compare(path: str) -> Compare:
    """Read a recipe of a comparison. Raises RecipeError naming every fault at once."""
    try:
        table = tomllib.loads(decoded(Path(path).read_bytes(), what=shown(path)))
        return _File.model_validate_json(json.dumps(table, default=str), strict=True).compare
    except OSError as error:
        raise RecipeError(
            f"no recipe can be read at {shown(path)} ({error}); nothing was run. Name one, such as conf/testbed/quicktrain.toml"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{shown(path)} is not TOML ({error}): nothing was run. Mend that line and run again") from None
    except ValidationError as error:
        raise RecipeError(
            f"{shown(path)} has {len(faults_of(error))} fault(s); nothing was run.\n{worded(error, _File)}"
        ) from None
