"""Refuses a root that holds another recipe's run, or a run whose costly work this recipe would throw away unasked."""

from typing import Any

from jobs.engine.errors import RecipeError
from jobs.engine.job import Context
from jobs.engine.stage import Stage


def check_same_recipe(context: Context, *, start: str | None) -> None:
    """Raise RecipeError naming the difference, and the options that go on anyway."""
    root, recipe = context.root, context.recipe
    stored = root.markers.json("recipe.json")
    if stored is None:
        return
    for key in ("name", "dump"):
        theirs, ours = stored.get("run", {}).get(key), getattr(recipe.run, key)
        if theirs != ours:
            raise RecipeError(
                f"{root.path} holds a run with [run] {key} = {theirs!r}, and this recipe says {ours!r}: two corpora would be mixed, so "
                f"nothing was run. Give another --root, or the recipe that made this one"
            )
    if context.source.section not in stored and root.markers.chunks(context.source.folder):
        raise RecipeError(
            f"{root.path} holds documents of another source than [{context.source.section}], which this recipe says: two corpora would be "
            f"mixed, so nothing was run. Give another --root, or the recipe that made this one"
        )
    names = [stage.name for stage in context.stages]
    for stage in context.stages:
        redo = start is not None and names.index(start) <= names.index(stage.name)
        if stage.costly is None or redo:
            continue
        chunks, _ = stage.costly(context.job(stage))
        if chunks:
            changed = _difference(context, stage, stored) or "gristmill's revision of the stage, a package or a model"
            raise RecipeError(
                f"{root.path} holds {len(chunks)} chunk(s) whose {stage.name} was done otherwise; changed since: {changed}. Doing it again "
                f"costs what it cost the first time, so it is not done unasked. Add --from {stage.name} to do it again, --accept "
                f"{stage.name} to keep what is there as if nothing had changed, or give another --root"
            )


def accept(context: Context, stage: Stage[Any]) -> None:
    """Take over the finished work of a stage that was done otherwise, and write down that a user said so.

    Raises RecipeError if there is nothing to take over.
    """
    job, root = context.job(stage), context.root
    if stage.costly is not None:
        _, stands_for = stage.costly(job)
    else:
        marker = root.markers.stage(stage.folder) or {}
        stands_for = {job.computed(): str(marker["how"])} if marker.get("how") not in (None, job.how()) else {}
    if not stands_for:
        raise RecipeError(
            f"--accept {stage.name}: {root.path} holds no finished work of that stage which was done otherwise, so there is nothing to "
            f"accept; nothing was run. Run without --accept"
        )
    job.accept(stands_for)
    context.progress.say(
        f"{stage.name:<9} what is finished is accepted as it is ({len(stands_for)} fingerprint(s), accepted.json)"
    )


def _difference(context: Context, stage: Stage[Any], stored: dict[str, Any]) -> str:
    theirs, ours = stored.get(stage.section) or {}, context.recipe.as_json()[stage.section] or {}
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return f"[[{stage.section}]]" if theirs != ours else ""
    return "; ".join(
        f"[{stage.section}] {key}: {theirs.get(key)!r} -> {value!r}" for key, value in ours.items() if theirs.get(key) != value
    )
