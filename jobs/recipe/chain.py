"""A chain: recipes that run one after another, each in a root of its own beside those of the others.

A recipe names the root of an earlier one as `chain:NAME`, wherever it has a string. NAME is that recipe's [run] name. The roots of a
chain lie in one folder under these names, so a recipe that is run alone finds the same roots beside its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.engine.errors import RecipeError
from jobs.engine.store import needs_spark, store_of
from udfs.reading.local_path import is_file_address

if TYPE_CHECKING:
    from jobs.recipe.recipe import Recipe

PREFIX = "chain:"


def listed(named: Sequence[str]) -> list[str]:
    """Return the recipes of a command line in order; a folder stands for the *.toml files in it, by number and then by name.

    Raises RecipeError for a folder without any.
    """
    found: list[str] = []
    for name in named:
        folder = Path(name)
        if "://" in name or is_file_address(name) or not folder.is_dir():
            found.append(name)
            continue
        inside = sorted(folder.glob("*.toml"), key=lambda path: (_number(path.name), path.name))
        if not inside:
            raise RecipeError(
                f"{name} is a folder without a recipe (*.toml): nothing was run. Name a recipe, or a folder of them"
            )
        found += map(str, inside)
    return found


def resolved(value: Any, folder: str) -> Any:
    """Put the paths of roots in place of every `chain:NAME` in a recipe's table.

    >>> resolved({"run": {"input": ["chain:seeds", "a.jsonl"]}}, "/out")
    {'run': {'input': ['/out/seeds', 'a.jsonl']}}
    """
    if isinstance(value, str) and value.startswith(PREFIX):
        return f"{folder}/{value.removeprefix(PREFIX)}"
    if isinstance(value, Mapping):
        return {key: resolved(item, folder) for key, item in value.items()}
    return [resolved(item, folder) for item in value] if isinstance(value, list) else value


def strings(value: Any) -> Iterator[str]:
    """Yield the strings of a recipe's table, however deep they stand."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from strings(item)


def folder_of(root: str) -> str:
    """Return the folder that a root lies in, where `chain:NAME` is looked for."""
    return root.rstrip("/").rpartition("/")[0]


def check_chain(recipes: "Sequence[Recipe]", folder: str) -> None:
    """Raise RecipeError unless the names of the recipes differ, and each names its own root, one that is there, or an earlier one's."""
    made: set[str] = set()
    for recipe in recipes:
        name = recipe.run.name
        if name in made:
            raise RecipeError(
                f"two recipes of the chain have [run] name = {name!r}, and so one root; nothing was run. Rename one"
            )
        for text in strings(recipe.as_json()):
            used = text.removeprefix(f"{folder}/").partition("/")[0] if text.startswith(f"{folder}/") else None
            if used is not None and used not in (*made, name) and not _is_root(f"{folder}/{used}"):
                earlier = ", ".join(sorted(made)) or "none"
                raise RecipeError(
                    f"the recipe {name} names {PREFIX}{used}, which no recipe before it makes, and {folder} holds no such root; nothing "
                    f"was run. Recipes before it: {earlier}. Put its recipe before it, or name what the first recipe reads by --input"
                )
        made.add(name)


def _is_root(path: str) -> bool:
    return needs_spark(path) or store_of(path).exists("recipe.json")


def _number(name: str) -> float:
    """Return the number that a file's name begins with; one without comes last."""
    found = re.match(r"\d+", name)
    return int(found[0]) if found else float("inf")
