"""What the commands do that look at a run which is there: start Spark where it is needed, and print what a person reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from jobs import commands
from jobs.contexts import absolute, stored_context
from jobs.engine import documents
from jobs.engine.disk import disk_errors
from jobs.engine.errors import RecipeError
from jobs.engine.funnel import funnel_lines
from jobs.engine.root import Root
from jobs.engine.shell_words import argument
from jobs.engine.stage import Stage
from jobs.recipe.load import recipe_of, stages_of
from udfs.reading.local_path import shown

if TYPE_CHECKING:
    from jobs.engine.job import Context


def ledger(root: str, *, as_json: bool, master: str) -> int:
    """Print the ledger of a run. It reads small files alone: no JVM starts for a root on disk or on S3."""
    from jobs.engine.store import needs_spark

    path = absolute(root)
    with disk_errors(path):
        if needs_spark(path):
            with commands.session(master) as spark:
                return _ledger(Root(spark, path), as_json=as_json)
        return _ledger(Root(None, path), as_json=as_json)


def _ledger(place: Root, *, as_json: bool) -> int:
    stored = place.markers.json("recipe.json")
    stages: tuple[Stage[Any], ...] = stages_of(recipe_of(stored)) if stored is not None else ()
    markers = {stage.name: marker for stage in stages if (marker := place.markers.stage(stage.folder)) is not None}
    if not markers:
        raise RecipeError(f"{place.path} holds no finished stage. Name the root of a run, such as out/quickstart")
    failed = [path for _, path in documents.still_failed(place)]
    if as_json:
        typer.echo(json.dumps({name: m["ledger"] for name, m in markers.items()} | {"failed_files": failed}, indent=1))
    else:
        for line in funnel_lines(markers):
            typer.echo(line)
        for path in failed:
            typer.echo(f"could not be read: {path}")
    return 0


@contextmanager
def _looked_at(root: str, master: str) -> "Iterator[Context]":
    """Start Spark to look at a run; a local root that holds none is known in a second."""
    path = absolute(root)
    with disk_errors(path):
        if "://" not in path:
            stored_context(None, path)
        with commands.session(master) as spark:
            yield stored_context(spark, path)


def explain(root: str, page: str, *, master: str) -> int:
    """Print one page's story; return 2 if the page is not in the run."""
    from jobs.explain import story

    with _looked_at(root, master) as context:
        lines = story.explain(context, shown(page))
    for line in lines:
        typer.echo(line)
    return 0 if lines else _unknown(page, root)


def _unknown(page: str, root: str) -> int:
    typer.echo(
        f"gristmill: {page!r} is no URL and no id of a document in {root}. `gristmill sample {argument(root)}` prints some",
        err=True,
    )
    return 2


def sample(root: str, *, reason: str | None, n: int, master: str) -> int:
    """Print documents kept, or dropped or failed for a reason."""
    from jobs.explain import story

    with _looked_at(root, master) as context:
        lines = list(story.sample(context, reason=reason and shown(reason), n=n))
        if not lines:
            known = ", ".join(story.reasons(context))
            typer.echo(f"gristmill: nothing in {root} has the reason {reason!r}. Reasons there: {known}", err=True)
            return 2
    for line in lines:
        typer.echo(line)
    return 0


def report(root: str, *, master: str) -> None:
    """Write the report of a run and print its path."""
    from jobs.report.write import write_report

    with _looked_at(root, master) as context:
        typer.echo(write_report(context))


def explore(root: str, *, points: int, out: str | None, master: str) -> None:
    """Write the map of a run's corpus and print its path."""
    from jobs.explorer.write import write_explorer

    with _looked_at(root, master) as context:
        typer.echo(write_explorer(context, points=points, out=out))


def audit(root: str, *, n: int, master: str) -> None:
    """Write the audit of a run's duplicates, and print its shares and its path."""
    from jobs.audit.write import write_audit

    with _looked_at(root, master) as context:
        lines = list(write_audit(context, n=n))
    for line in lines:
        typer.echo(line)
