"""Write the tables of the docs from the code, between their markers, so that what is documented is what there is."""

import sys
from collections.abc import Iterable
from inspect import cleandoc
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.main import get_command
from typer.testing import CliRunner

from jobs.main import app
from jobs.recipe.load import sections
from jobs.stages import STAGES
from jobs.testbed.settings import Arm, Compare, HeldOut, Model, Task, Training
from udfs.signals.sets import CATALOGUE

DOCS = Path(__file__).parent
LISTS = {stage.section for stage in STAGES if not isinstance(stage.settings, type)} | {
    "annotate.lists",
    "annotate.quality",
    "annotate.labels",
}  # sections that a recipe may have several times


def signals() -> Iterable[str]:
    """Give a row for every signal."""
    yield "| signal | type | unit | source | definition |"
    yield "|---|---|---|---|---|"
    for s in CATALOGUE:
        yield f"| `{s.name}` | {s.type} | {cell(s.unit)} | {cell(s.source)} | {cell(s.definition)} |"


def conf() -> Iterable[str]:
    """Give a table for every section of a recipe, with every key."""
    yield from keys(sections())


def compare() -> Iterable[str]:
    """Give a table for every section of a comparison, with every key."""
    inner: dict[str, type[BaseModel]] = {"model": Model, "training": Training, "arms": Arm, "held_out": HeldOut, "tasks": Task}
    yield from keys({"compare": Compare, **{f"compare.{name}": model for name, model in inner.items()}})


def keys(every: dict[str, type[BaseModel]]) -> Iterable[str]:
    """Give a table for every section, with every key that is no section itself."""
    for name, model in every.items():
        yield f"### {f'[[{name}]]' if name in LISTS or _is_list_within(every, name) else f'[{name}]'}"
        yield ""
        yield cleandoc(model.__doc__ or "")
        yield ""
        yield "| key | default | meaning |"
        yield "|---|---|---|"
        for key, field in model.model_fields.items():
            if f"{name}.{key}" not in every:
                yield f"| `{key}` | {default(field)} | {cell(field.description or '')} |"
        yield ""


def _is_list_within(every: dict[str, type[BaseModel]], name: str) -> bool:
    """Tell whether a section within another is a list there."""
    outer, _, key = name.rpartition(".")
    return outer in every and get_origin(every[outer].model_fields[key].annotation) is tuple


def default(field: FieldInfo) -> str:
    """Write a key's default as TOML would."""
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "none"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{list(field.default) if isinstance(field.default, tuple) else field.default!r}`".replace("'", '"')


def reasons() -> Iterable[str]:
    """Give a row for every reason that gristmill itself knows; a recipe's rules bring their own."""
    yield "| stage | outcome | reason | meaning | what to do |"
    yield "|---|---|---|---|---|"
    places = ((r, "file" if r.scope == "file" else stage.name) for stage in STAGES for r in stage.reasons)
    for r, place in dict.fromkeys(places):  # some are of both sources
        yield f"| {place} | {r.outcome} | `{r.name}` | {cell(r.meaning)} | {cell(r.advice)} |"


def commands() -> Iterable[str]:
    """Give the help of every command, as it prints it."""
    runner = CliRunner(env={"TERMINAL_WIDTH": "110", "COLUMNS": "110"})
    for words in walk((), get_command(app)):
        yield f"### gristmill {' '.join(words)}"
        yield ""
        yield "```"
        yield runner.invoke(app, [*words, "--help"], prog_name="gristmill").output.strip()
        yield "```"
        yield ""


def walk(words: tuple[str, ...], command: Any) -> Iterable[tuple[str, ...]]:
    """Yield the words that call each command."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words
    for name, below in (inner or {}).items():
        yield from walk((*words, name), below)


def cell(text: str) -> str:
    """Make a text fit into one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


TABLES = {"signals.md": signals, "recipes.md": conf, "reasons.md": reasons, "commands.md": commands, "testbed.md": compare}


def filled(name: str) -> str:
    """Return the page with its table made anew."""
    text = (DOCS / name).read_text("utf-8")
    before, rest = text.split("<!-- table -->\n", 1)
    after = rest.split("<!-- end of table -->\n", 1)[1]
    table = "\n".join(TABLES[name]())
    return f"{before}<!-- table -->\n{table}\n<!-- end of table -->\n{after}"


def main() -> int:
    """Rewrite the pages."""
    for name in TABLES:
        (DOCS / name).write_text(filled(name), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
