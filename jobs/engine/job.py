"""What a stage is given when it runs: its settings, its models, what it pinned, and the tables of the stages before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from jobs.engine import documents
from jobs.engine.errors import LedgerError
from jobs.engine.fingerprint import fingerprint, package_versions
from jobs.engine.progress import Progress
from jobs.engine.root import Root
from jobs.engine.stage import Stage
from jobs.engine.tables import KEPT, SIGNALS, Table
from jobs.recipe.recipe import Recipe, as_json
from udfs.signals.definition import Signal
from udfs.signals.sets import CATALOGUE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from jobs.engine.lease import Lease
    from jobs.engine.models import ModelFile
    from jobs.engine.plan import Plan

S = TypeVar("S")
ACCEPTED = "accepted.json"  # by stage: the fingerprint that stands for another; and when a user said so


@dataclass(frozen=True)
class Context:
    """Carry what the stages of one run share: `stages` are those of the recipe, in order; models are by stage and role."""

    recipe: Recipe
    root: Root
    progress: Progress
    stages: tuple[Stage[Any], ...]
    models: Mapping[str, Mapping[str, "ModelFile"]] = field(default_factory=dict)
    lease: "Lease | None" = None
    start: str | None = None  # the stage that --from names: it and all after it run again, even if finished
    pins: dict[str, Any] = field(default_factory=dict)  # by stage: what it read outside the root, once a run
    plans: dict[str, "Plan"] = field(default_factory=dict)  # by source: not written yet
    analysed: dict[str, str] = field(default_factory=dict)  # by stage: the fingerprint of the SQL that Spark has found to fit

    def stage(self, name: str) -> Stage[Any]:
        """Return a stage of the recipe by its name."""
        return next(stage for stage in self.stages if stage.name == name)

    @property
    def catalogue(self) -> tuple[Signal, ...]:
        """Return the signals that there are in this run: those that every recipe knows, and those that its settings name."""
        return (*CATALOGUE, *(signal for stage in self.stages for signal in stage.measures(self.recipe.of(stage))))

    @property
    def source(self) -> Stage[Any]:
        """Return the stage that brings the documents."""
        return self.stages[0]

    @property
    def plan(self) -> "Plan":
        """Return what a run would read: the recipe's input against what is planned already, compared once, whoever asks."""
        name, source = self.source.name, self.source.source
        assert source is not None
        if name not in self.plans:
            self.plans[name] = source.plan(self, self.start == name)
        return self.plans[name]

    def job(self, stage: Stage[S]) -> "Job[S]":
        """Return what a stage is given."""
        return Job(stage=stage, settings=self.recipe.of(stage), context=self)


@dataclass(frozen=True)
class Job(Generic[S]):
    """One stage of one run."""

    stage: Stage[S]
    settings: S
    context: Context

    @property
    def root(self) -> Root:
        """Return the root of the run."""
        return self.context.root

    @property
    def recipe(self) -> Recipe:
        """Return the recipe, for its [run]; a stage's own section is `settings`."""
        return self.context.recipe

    @property
    def models(self) -> "Mapping[str, ModelFile]":
        """Return the stage's models by role."""
        return self.context.models.get(self.stage.name, {})

    @property
    def pinned(self) -> Any:
        """Return what the stage's `pin` read outside the root: once a run, so that all of the stage rests on one state of it."""
        if self.stage.pin is None:
            return None
        pins = self.context.pins
        if self.stage.name not in pins:
            pins[self.stage.name] = self.stage.pin(self)
        return pins[self.stage.name]

    # --- tables ---

    def documents(self, chunk: str | Sequence[str] | None = None) -> "DataFrame":
        """Read the documents that count."""
        return documents.documents(self.root, chunk)

    def signals(self, *columns: str, chunk: str | Sequence[str] | None = None) -> "DataFrame":
        """Read id, chunk, these signals (all of them if none is named) and error."""
        from jobs.engine.signal_sets import signals

        return signals(self.root, columns or None, chunk=chunk)

    def chunks(self) -> list[str]:
        """List the chunks that have documents."""
        return documents.chunks(self.root)

    @property
    def earlier(self) -> tuple[Stage[Any], ...]:
        """Return the stages of the recipe before this one, in order."""
        return self.context.stages[: self.context.stages.index(self.stage)]

    @property
    def before(self) -> Stage[Any] | None:
        """Return the last stage before this one that decides; None for the first of them."""
        return next((stage for stage in reversed(self.earlier) if stage.decisions is not None), None)

    def kept(self, chunk: str | Sequence[str] | None = None) -> "DataFrame":
        """Read id and chunk of what the last deciding stage before this one kept."""
        before = self.before
        if before is None or before.decisions is None:
            return self.signals("id", chunk=chunk).where("error IS NULL").select("id", "chunk")
        return self.root.read(before.decisions, chunk).where(f"outcome = '{before.kept}'").select("id", "chunk")

    def offered(self, columns: Sequence[str], chunk: str | Sequence[str] | None = None) -> "DataFrame":
        """Read id and chunk of what was kept, with columns that the deciding stages before offer to a product."""
        rows = self.kept(chunk)
        for stage in self.earlier:
            mine = [name for name in stage.offers if name in columns]
            if stage.decisions is not None and mine:
                rows = rows.join(self.root.read(stage.decisions, chunk).select("id", *mine), on="id", how="left")
        return rows

    def edits(self) -> tuple[Table, ...]:
        """Return the tables of changes to the text that stages before this one wrote, in the order in which they apply."""
        return tuple(stage.edits for stage in self.earlier if stage.edits is not None)

    # --- fingerprints ---

    def computed(self) -> str:
        """Fingerprint how the stage works, whatever it works on: settings, revision, models, package versions, what it pinned."""
        stage = self.stage
        decides = stage.decides(self) if stage.decides is not None else as_json(self.settings)
        models = {role: model.sha256 for role, model in self.models.items()}
        return fingerprint(stage.name, stage.revision, decides, models, package_versions(stage.packages), self.pinned)

    def how(self) -> str:
        """Return the fingerprint of how the stage works, or the one that a user has accepted in its place."""
        return self.accepted(self.computed())

    def key(self) -> str:
        """Fingerprint the stage's result: how it works, and the results that it works on."""
        if self.stage.source is not None:
            return fingerprint(self.how(), documents.content(self.root))
        return fingerprint(self.how(), self.upstream())

    def upstream(self) -> dict[str, str]:
        """Return the fingerprints of the stages that write what this one needs, by the name of the table."""
        found = {}
        for table in self.stage.needs:
            writer = self.writer(table)
            if writer is None:
                raise LedgerError(
                    f"{self.stage.name} needs the table {table.path}, and no stage of the recipe before it writes that: a bug in gristmill"
                )
            found[table.path] = self.context.job(writer).key()
        return found

    def writer(self, table: Table) -> Stage[Any] | None:
        """Find the stage of the recipe that writes a table: for KEPT the last before this one that decides."""
        if table is KEPT:
            return self.before or self.writer(SIGNALS)
        return next((stage for stage in reversed(self.earlier) if any(table.path == one.path for one in stage.writes)), None)

    def accepted(self, computed: str) -> str:
        """Return the fingerprint that a user has accepted in place of this one, or this one."""
        return str(((self.root.markers.json(ACCEPTED) or {}).get(self.stage.name) or {}).get(computed, computed))

    def accept(self, stands_for: Mapping[str, str]) -> None:
        """Let recorded fingerprints stand for computed ones from here on, and write that down with the day."""
        every = dict(self.root.markers.json(ACCEPTED) or {})
        every[self.stage.name] = {**every.get(self.stage.name, {}), **stands_for}
        every["log"] = [*every.get("log", []), {"stage": self.stage.name, "at": _now(), "accepted": dict(stands_for)}]
        self.root.markers.write_json(ACCEPTED, every)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
