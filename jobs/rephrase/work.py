"""What the recipe's [rephrase] means for workers: prompts read, columns named, a share of the servers for each task."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from jobs.engine.errors import RecipeError
from jobs.engine.job import Job
from jobs.rephrase.settings import Rephrase
from jobs.rephrase.settings import Style as StyleSection
from udfs.endpoint.allowance import Price
from udfs.endpoint.client import Endpoint
from udfs.endpoint.servers import Patience
from udfs.reading.location import LocationError, open_location
from udfs.rephrase.prompt import Prompt, PromptError, read_prompt
from udfs.rephrase.settings import Rephrase as Work
from udfs.rephrase.style import Place, Style

FOLDER = "rephrase"
CUTS = f"{FOLDER}/budgets.json"  # where the budgets of styles are full
MILLION = 1_000_000.0


@cache
def prompt_of(name: str) -> Prompt:
    """Read a prompt: one of conf/prompts by its name, or a file or location; raises RecipeError."""
    try:
        if "/" in name or name.endswith(".toml"):
            return read_prompt(open_location(name).read(), name=name)
        known = files("conf") / "prompts"
        place = known / f"{name}.toml"
        if not place.is_file():
            names = ", ".join(sorted(one.name.removesuffix(".toml") for one in known.iterdir()))
            raise RecipeError(
                f"[rephrase] there is no prompt {name!r} (known: {names}); nothing was run. Name a path for your own"
            )
        return read_prompt(place.read_bytes(), name=name)
    except (PromptError, LocationError) as error:
        raise RecipeError(f"[rephrase] {error}; nothing was run") from None


def style_of(given: StyleSection) -> Style:
    """Return a style as workers take it, without the cut of its budget."""
    return Style(
        name=given.name,
        prompt=prompt_of(given.prompt),
        share=given.share,
        copies=given.copies,
        segment_tokens=given.segment_tokens,
        max_tokens=given.max_tokens,
        on_overflow="fail" if given.gaps else given.on_overflow,  # half of a page has no gap
        parameters=given.parameters(),
        gaps=given.gaps,
    )


def decides(job: Job[Rephrase]) -> Any:
    """Return what decides the rows: not where the servers are, nor what they cost. Where budgets of styles are full is pinned."""
    settings = job.settings
    styles = [
        one.model_dump(mode="json", exclude={"prompt", "budget_tokens"}) | {"prompt": prompt_of(one.prompt).sha256}
        for one in settings.style
    ]
    columns = settings.columns.model_dump(mode="json")
    return [settings.model, settings.seed, settings.max_row_mb, columns, styles, job.recipe.run.dump]


def work_of(job: Job[Rephrase], *, tasks: int = 1) -> Work:
    """Return the work of one of several tasks that share the servers."""
    work, planned = uncut(job, tasks=tasks), job.pinned or {}
    return replace(work, styles=tuple(replace(style, cut=place_in(planned.get(style.name))) for style in work.styles))


def place_in(planned: Mapping[str, Any] | None) -> Place | None:
    """Return the first document beyond a style's budget; None if all fit, or there is no budget."""
    return None if planned is None or planned["key"] is None else (int(planned["key"]), str(planned["id"]))


def uncut(job: Job[Rephrase], *, tasks: int = 1) -> Work:
    """Return the work as if no style had a budget."""
    settings = job.settings
    return Work(
        model=settings.model,
        styles=tuple(style_of(one) for one in settings.style),
        endpoint=Endpoint(
            servers=settings.servers,
            concurrency=max(1, settings.concurrency // tasks),
            key_env=settings.key_env,
            patience=replace(Patience(), answer_s=settings.timeout_s, server_s=settings.patience_s, attempts=settings.attempts),
        ),
        answers=job.root.at(FOLDER, "answers"),
        dump=job.recipe.run.dump,
        seed=settings.seed,
        columns=settings.columns.columns(),
        max_row_bytes=settings.max_row_mb << 20,
        price=price_of(settings),
    )


def price_of(settings: Rephrase) -> Price:
    """Return what a token counts for in the budget: dollars, or 1."""
    if settings.budget_dollars is None:
        return Price()
    return Price(settings.dollars_per_million_in / MILLION, settings.dollars_per_million_out / MILLION)
