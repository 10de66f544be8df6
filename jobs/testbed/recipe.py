"""Reads a recipe of `gristmill compare`, which has a section [compare] and nothing else, and checks all of it before any work."""

import difflib
import json
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from jobs.engine.errors import RecipeError
from jobs.recipe.section import Section
from jobs.testbed.settings import Compare
from udfs.reading.local_path import shown


class _File(Section):
    compare: Compare


def load_compare(path: str) -> Compare:
    """Read a recipe of a comparison. Raises RecipeError naming every fault at once."""
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
        return _File.model_validate_json(json.dumps(table, default=str), strict=True).compare
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"no recipe can be read at {shown(path)} ({error}); nothing was run. Name one, such as conf/testbed/quicktrain.toml"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{shown(path)} is not TOML ({error}): nothing was run. Mend that line and run again") from None
    except ValidationError as error:
        faults = "\n".join(f"  {_fault(dict(item))}" for item in error.errors())
        raise RecipeError(f"{shown(path)} has {error.error_count()} fault(s); nothing was run.\n{faults}") from None


def _fault(item: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = _known_keys(item["loc"][:-1])
        near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{where}: unknown key{hint} (known: {', '.join(known)})"
    if item["type"] == "missing":
        return f"{where}: required, but not given"
    return f"{where}: {str(item['msg']).removeprefix('Value error, ')} (got {item['input']!r})"


def _known_keys(where: tuple[str | int, ...]) -> list[str]:
    form: type[BaseModel] = _File
    for part in where:
        if isinstance(part, str) and part in form.model_fields:
            form = _section_in(form.model_fields[part].annotation)
    return list(form.model_fields)


def _section_in(annotation: Any) -> type[BaseModel]:
    inside = annotation if isinstance(annotation, type) else next(one for one in get_args(annotation) if one is not ...)
    assert issubclass(inside, BaseModel)
    return inside
