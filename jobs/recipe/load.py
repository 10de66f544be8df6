"""Reads a recipe, a TOML file that says the whole pipeline, and checks it at start-up so that nothing fails nine hours later."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from jobs.engine.errors import RecipeError
from jobs.engine.stage import Stage
from jobs.recipe.chain import resolved, strings
from jobs.recipe.faults import faults_of, keys_in, section_in, worded
from jobs.recipe.recipe import Prices, Recipe, Report, Run
from jobs.recipe.section import Section
from jobs.recipe.text import decoded
from jobs.stages import STAGES
from udfs.reading.local_path import check_name, is_file_address, shown
from udfs.reading.location import LocationError, open_location


def load_recipe(path: Path | str, *, overrides: dict[str, Any] | None = None, beside: str | None = None) -> Recipe:
    """Read and check a recipe, named by a path or a location; `overrides` replaces keys of [run], as the command line does.

    `beside` is the folder of the recipe's root, in which the roots lie that it names as `chain:NAME`.
    A path that is not there is looked for by its name in the working folder, where spark-submit puts what --files names. Raises
    RecipeError naming every fault at once.
    """
    try:
        table = tomllib.loads(_text(path))
    except LocationError as error:
        raise RecipeError(f"the recipe cannot be read: {error}; nothing was run") from None
    except FileNotFoundError:
        known = ", ".join(sorted(str(p) for p in Path(path).parent.glob("*.toml"))) or "none"
        raise RecipeError(f"no recipe at {path}: nothing was run. Recipes in that folder: {known}") from None
    except OSError as error:
        raise RecipeError(
            f"{path} cannot be read ({error.strerror}): nothing was run. Name a recipe, such as conf/quickstart.toml"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path} is not TOML ({error}): nothing was run. Mend that line and run again") from None
    for value in strings(overrides or {}):
        check_name(value)
    if overrides and isinstance(table.setdefault("run", {}), dict):
        table["run"] |= overrides
    return recipe_of(table if beside is None else resolved(table, beside), name=str(path))


def recipe_of(table: Mapping[str, Any], *, name: str = "the recipe") -> Recipe:
    """Make a recipe of a table that was read from TOML, or from the recipe.json of a root.

    Raises RecipeError naming every fault at once.
    """
    try:
        read = model().model_validate_json(json.dumps(table, default=_no_json), strict=True)
        sections = {stage.section: getattr(read, stage.section) for stage in _chosen(table)}
    except ValidationError as error:
        raise RecipeError(f"{name} has {len(faults_of(error))} fault(s); nothing was run.\n{worded(error, model())}") from None
    return Recipe(run=getattr(read, "run"), sections=sections, prices=getattr(read, "prices"), report=getattr(read, "report"))  # noqa: B009


def stages_of(recipe: Recipe) -> tuple[Stage[Any], ...]:
    """Return the stages of a recipe's runs, in order."""
    return tuple(stage for stage in STAGES if recipe.has(stage))


def _chosen(table: Mapping[str, Any]) -> list[Stage[Any]]:
    """Choose the stages of a recipe: one source, and of the others all but those that are optional and have no section.

    Raises RecipeError if it has the sections of two sources.
    """
    sources = [stage for stage in STAGES if stage.source is not None]
    named = [stage for stage in sources if stage.section in table]
    if len(named) > 1:
        both = " and ".join(f"[{stage.section}]" for stage in named)
        raise RecipeError(f"the recipe has {both}: documents come from one source, so nothing was run. Leave one of them out")
    source = named[0] if named else sources[0]
    return [
        stage
        for stage in STAGES
        if stage is source or (stage.source is None and (not stage.optional or table.get(stage.section) is not None))
    ]


@cache
def model() -> type[BaseModel]:
    """Return the type of a whole recipe, a field for each section."""
    sections: dict[str, Any] = {"run": (Run, ...)}
    for stage in STAGES:
        if stage.optional:
            sections[stage.section] = (stage.settings | None, None)
        else:
            sections[stage.section] = (stage.settings, () if _is_list(stage) else stage.settings())
    sections |= {"report": (Report, Report()), "prices": (Prices, Prices())}
    return create_model("Recipe", __base__=Section, **sections)


def _is_list(stage: Stage[Any]) -> bool:
    return not isinstance(stage.settings, type)


def _text(path: Path | str) -> str:
    name = str(path)
    if "://" in name or is_file_address(name):
        return decoded(open_location(name).read(), what=name)
    named, brought = Path(path), Path(Path(path).name)
    return decoded((brought if not named.exists() and brought.is_file() else named).read_bytes(), what=shown(name))


def _no_json(value: Any) -> Any:
    """Stand for a date or time of TOML, which no key wants: the checker names its key and shows it."""
    return {"a date or time": str(value)}


def known_keys(where: tuple[str | int, ...]) -> list[str]:
    """List the keys that a section of the recipe knows.

    >>> known_keys(("dedup", "near_duplicates"))
    ['min_similarity', 'measure']
    """
    return keys_in(model(), where)


def sections() -> dict[str, type[BaseModel]]:
    """Return every section and section within one, by the name that it has in a recipe, for the docs."""
    found: dict[str, type[BaseModel]] = {}

    def add(name: str, form: type[BaseModel]) -> None:
        found[name] = form
        for key, field in form.model_fields.items():
            inner = section_in(field.annotation)
            if inner is not None:
                add(f"{name}.{key}", inner)

    for key, field in model().model_fields.items():
        inner = section_in(field.annotation)
        assert inner is not None, key
        add(key, inner)
    return found
