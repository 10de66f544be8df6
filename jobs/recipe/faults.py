"""Words what is wrong with a TOML file's table: the key, what it was given, and the names that are known there."""

import difflib
import re
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from jobs.recipe.moved import MOVED, VALUES

_KEYS = re.compile(r"//[^/@\s'\"]*@")  # a name and password in a URL, which no message may show
_SECRET = (
    "servers",
    "key_env",
)  # what these keys are given in error may be an API key or hold a password, so no message shows it


def worded(error: ValidationError, form: type[BaseModel]) -> str:
    """Return a line for each fault of a table that was to be a `form`."""
    return "\n".join(f"  {_fault(dict(item), form)}" for item in faults_of(error))


def faults_of(error: ValidationError) -> list[Any]:
    """Return the faults without those that follow from others: a list whose items are faulty counts as too short."""
    found = error.errors()
    inner = {item["loc"][:size] for item in found for size in range(len(item["loc"]))}
    return [item for item in found if item["type"] != "too_short" or item["loc"] not in inner]


def keys_in(form: type[BaseModel], where: tuple[str | int, ...]) -> list[str]:
    """List the keys that the section at a place of a form knows."""
    for part in where:
        if isinstance(part, str) and part in form.model_fields:
            form = section_in(form.model_fields[part].annotation) or form
    return list(form.model_fields)


def section_in(annotation: Any) -> type[BaseModel] | None:
    """Find the section in a field's type, such as that of an optional one or of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for part in get_args(annotation) if (inner := section_in(part)) is not None), None)


def _fault(item: dict[str, Any], form: type[BaseModel]) -> str:
    """Word one of pydantic's errors as: where, what, and the known names when a name is unknown."""
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        moved = MOVED.get(".".join(part for part in item["loc"] if isinstance(part, str)))
        if moved is not None:
            return f"{where}: {moved}"
        known = keys_in(form, item["loc"][:-1])
        near = difflib.get_close_matches(str(item["loc"][-1]), known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{where}: unknown key{hint} (known: {', '.join(known)})"
    if item["type"] == "literal_error" and (told := VALUES.get((where, str(item["input"])))) is not None:
        return f"{where}: {item['input']!r}: {told}"
    if item["type"] == "missing":
        return f"{where}: required, but not given"
    said = f"{where}: {str(item['msg']).removeprefix('Value error, ')}"
    if any(part in _SECRET for part in item["loc"]):
        return said
    return f"{said} (got {_KEYS.sub('//***@', repr(item['input']))})"
