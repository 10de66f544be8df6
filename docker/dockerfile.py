"""Reads docker/Dockerfile into stages, so that its steps can be looked at, and run, without Docker."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

KNOWN = ("USER", "WORKDIR", "COPY", "RUN", "ENV")


class DockerfileError(ValueError):
    """Say which line is not understood."""


@dataclass(frozen=True)
class Step:
    """One instruction of a stage and what follows it on its line."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """Return the text as words."""
        return shlex.split(self.text)

    @property
    def source_stage(self) -> str | None:
        """Return the stage that a COPY takes its files from, if it is not the checkout."""
        return self.words[0].removeprefix("--from=") if self.text.startswith("--from=") else None

    @property
    def paths(self) -> list[str]:
        """Return what a COPY copies, and last where to."""
        return [word for word in self.words if not word.startswith("--")]


@dataclass(frozen=True)
class Stage:
    """What stands between one FROM and the next."""

    name: str
    base: str
    steps: tuple[Step, ...]

    def last(self, name: str) -> str | None:
        """Return the text of the last instruction of a name."""
        return next((step.text for step in reversed(self.steps) if step.name == name), None)


def read_stages(file: Path) -> dict[str, Stage]:
    """Return a Dockerfile's stages by name, with the defaults of its build arguments filled in.

    Raises DockerfileError for an instruction that nobody here knows how to run.
    """
    stages: dict[str, Stage] = {}
    defaults: dict[str, str] = {}
    for line in _lines(file.read_text("utf-8")):
        name, _, text = line.partition(" ")
        if name == "ARG" and not stages:
            key, _, value = text.partition("=")
            defaults[key] = value
        elif name == "FROM" and (found := re.fullmatch(r"(\S+) AS (\S+)", text)):
            base = re.sub(r"\$\{(\w+)\}", lambda match: defaults[match[1]], found[1])
            stages[found[2]] = Stage(found[2], base, ())
        elif name in KNOWN and stages:
            latest = next(reversed(stages.values()))
            stages[latest.name] = Stage(latest.name, latest.base, (*latest.steps, Step(name, text.strip())))
        else:
            raise DockerfileError(f"{file}: {line!r} is nothing that docker/check.py can run; known: {', '.join(KNOWN)}")
    return stages


def chain(stages: dict[str, Stage], target: str) -> list[Stage]:
    """Return the stages that a target is made of, in the order of building."""
    wanted = {target}
    for stage in reversed(stages.values()):
        if stage.name in wanted:
            wanted |= {step.source_stage for step in stage.steps if step.name == "COPY" and step.source_stage}
            wanted |= {stage.base} & set(stages)
    return [stage for stage in stages.values() if stage.name in wanted]


def _lines(text: str) -> list[str]:
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line.strip() for line in re.sub(r"\\\n", " ", kept).splitlines() if line.strip()]
