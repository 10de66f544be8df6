"""The fingerprint of a stage: a hash of everything that decides its output, so that finished work is known to be still right."""

import ast
import hashlib
import json
from functools import cache
from importlib.util import find_spec
from typing import Any

from udfs.models.worker_versions import package_versions as package_versions

OURS = ("udfs", "jobs")


def fingerprint(*parts: Any) -> str:
    """Hash settings, upstream fingerprints, code and models, given as JSON-able values, to 16 hex digits."""
    body = json.dumps(parts, sort_keys=True, default=str).encode("utf-8")
    return hashlib.sha256(body).hexdigest()[:16]


@cache
def code(module: str) -> str:
    """Hash the source of a module and of every module of ours that it imports, directly or not.

    A change elsewhere in gristmill, or in a docstring's neighbour, leaves the fingerprint alone: only code that the stage can
    reach makes its output stale. Works from a zip too, since sources are asked of the loader.
    """
    sources = _reach(module, {})
    return fingerprint(sorted((name, _shape(source)) for name, source in sources.items()))


def _reach(module: str, seen: dict[str, str]) -> dict[str, str]:
    if module in seen:
        return seen
    source = _source(module)
    if source is None:
        return seen
    seen[module] = source
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [node.module, *inside]
        for name in names:
            if name.split(".")[0] in OURS:
                _reach(name, seen)
    return seen


def _source(module: str) -> str | None:
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    get = getattr(spec.loader, "get_source", None) if spec is not None else None
    return get(module) if get is not None else None


def _shape(source: str) -> str:
    """Return what the source does: its syntax tree without comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
